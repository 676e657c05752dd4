"""Documents: what the parties sign and what the file keeps, typeset from recorded JSON alone, the same bytes everywhere."""

"""Documents: what the parties sign and what the file keeps, typeset from recorded JSON, the same bytes everywhere."""

"""Files handed over as evidence: looked at as they come in, kept by their digest, outside history and rows."""

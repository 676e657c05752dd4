"""Decision tables: rows of cells over columns of expressions, and the proof that they leave nothing open."""

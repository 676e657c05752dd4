"""The best award of a whole portfolio: solving, explaining, comparing; the solver stands behind a port."""

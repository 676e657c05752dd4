"""Who may see and do what: a viewer, a scope of the records for each viewer, and no other road to the data."""

"""The alliance's records: SQLModel on SQLite or PostgreSQL, every effect in them once."""

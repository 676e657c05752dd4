"""Remembering: the durable story of a service contract; nothing is imported here, because every sandbox imports it."""

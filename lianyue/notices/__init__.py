"""Notices on their way out: what they say, the ports that take them, and the sender that sees to it."""

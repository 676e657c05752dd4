"""Sealing by split keys: quotes that only enough of the named keyholders can open together."""

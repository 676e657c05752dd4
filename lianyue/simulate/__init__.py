"""Simulated people: they see what their company sees and act through the same desk as real ones."""

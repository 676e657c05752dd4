"""Payload encryption: what workflows and activities are given and answer lies on the Temporal server as ciphertext."""

"""Doing: each moment of input and output, when it happens, how often, and under which key."""

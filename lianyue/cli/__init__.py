"""The command line: one noun and one verb a command, for people and, with ``--json``, for programs."""

from lianyue.cli.main import main

__all__ = ["main"]

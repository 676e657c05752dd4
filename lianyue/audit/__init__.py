"""The auditor's tools: replay what happened, decide again what was decided, and say what differs."""

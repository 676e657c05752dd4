"""How errors and texts leave this system: one document for programs, and for people nothing that moves their cursor."""

from __future__ import annotations

import unicodedata
from typing import Any

from contracts.errors import AllianceError

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"


def error_document(error: AllianceError) -> dict[str, Any]:
    """Return *error* as programs read it."""
    facts = {"code": error.code, "message": error.message, "where": error.where, "advice": error.advice}
    return {"error": facts}


def visible(text: str) -> str:
    """Return *text* without the characters that move a reader's cursor or turn the text around."""
    return "".join(sign if sign == "\n" or _is_harmless(sign) else REPLACEMENT for sign in text)


def _is_harmless(sign: str) -> bool:
    return unicodedata.category(sign) not in ("Cc", "Cf", "Cs", "Zl", "Zp")

"""Text from outside: brought into one Unicode form, and refused where a database would choke on it or lie about it."""

from __future__ import annotations

import unicodedata
from typing import Any

from contracts.errors import Invalid

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"


def normal(value: Any) -> Any:
    """
    Return a JSON-like *value* with every text in it, keys too, in Unicode normal form C.

    Raises:
        Invalid: If a text holds NUL or a lone surrogate; PostgreSQL would refuse it, SQLite would store it.
    """
    if isinstance(value, str):
        return unicodedata.normalize("NFC", storable(value))
    if isinstance(value, list | tuple):
        return [normal(item) for item in value]
    if isinstance(value, dict):
        return {normal(key): normal(item) for key, item in value.items()}
    return value


def storable(text: str) -> str:
    """Return *text* unchanged, or raise Invalid if it holds NUL or a lone surrogate."""
    if "\0" in text:
        raise Invalid("the text holds a NUL character")
    for character in text:
        if "\ud800" <= character <= "\udfff":
            raise Invalid(f"the text holds the lone surrogate U+{ord(character):04X}")
    return text


def quoted(text: str, length: int) -> str:
    """Return hostile *text* as it can be put on record: what cannot be stored replaced, cut to *length*."""
    kept = (REPLACEMENT if character == "\0" or "\ud800" <= character <= "\udfff" else character for character in text)
    return "".join(kept)[:length]

"""One byte form for every JSON-like value, and the digest that identifies it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from contracts.errors import Invalid

LARGEST_EXACT_INT = 2**63 - 1
DEEPEST = 200


class NotCanonical(Invalid):
    """Use only objects with text keys, lists, text, whole numbers, true, false and null."""

    code = "not-canonical"


def canonical(data: Any) -> bytes:
    """
    Return *data* as canonical JSON in UTF-8.

    The form of RFC 8785: no spaces, keys sorted by their UTF-16 code units, the shortest escapes. Text is kept code
    point by code point (no normalisation). Unlike the RFC, whole numbers are written out exactly up to int64,
    because money is counted in them and no reader of ours goes through doubles. A tuple is written as a list.

    Raises:
        NotCanonical: For a float, bytes, a key that is not text, a lone surrogate, an integer beyond int64, or
            nesting deeper than 200.
    """
    text = json.dumps(_ordered(data, 0), ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise NotCanonical(f"text holds the lone surrogate U+{ord(text[error.start]):04X}") from None


def digest(data: Any) -> str:
    """Return ``sha256:`` and the hexadecimal SHA-256 of the canonical form of *data*."""
    return "sha256:" + hashlib.sha256(canonical(data)).hexdigest()


def _ordered(data: Any, depth: int) -> Any:
    if data is None or isinstance(data, bool | str):
        return data
    if isinstance(data, int):
        return _exact(data)
    if depth >= DEEPEST:
        raise NotCanonical(f"nested deeper than {DEEPEST}")
    if isinstance(data, list | tuple):
        return [_ordered(item, depth + 1) for item in data]
    if isinstance(data, Mapping):
        return {key: _ordered(data[key], depth + 1) for key in sorted(data, key=_key_order)}
    raise NotCanonical(f"a value of type {type(data).__name__} has no canonical form")


def _exact(number: int) -> int:
    if not -LARGEST_EXACT_INT - 1 <= number <= LARGEST_EXACT_INT:
        raise NotCanonical("an integer is outside the range of int64")
    return int(number)


def _key_order(key: Any) -> bytes:
    if not isinstance(key, str):
        raise NotCanonical(f"a key of type {type(key).__name__} is not text")
    return key.encode("utf-16-be", "surrogatepass")

"""One byte form for every JSON-like value, and the digest that identifies it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
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
    text = _sorted_text(data) if _is_plain(data, 0) else _text(_ordered(data, 0))
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise NotCanonical(f"text holds the lone surrogate U+{ord(text[error.start]):04X}") from None


def digest(data: Any) -> str:
    """Return ``sha256:`` and the hexadecimal SHA-256 of the canonical form of *data*."""
    return "sha256:" + hashlib.sha256(canonical(data)).hexdigest()


_text = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode
_sorted_text = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False, sort_keys=True).encode


def _is_plain(data: Any, depth: int) -> bool:
    """
    Whether the encoder's own sorting gives the canonical form: built-in types only, keys in ASCII.

    Most data is plain, and to look whether it is costs less than to put it in order. What is in doubt is not.
    """
    kind = type(data)
    if kind is int:
        return bool(-LARGEST_EXACT_INT - 1 <= data <= LARGEST_EXACT_INT)
    if kind is dict:
        return depth < DEEPEST and _are_ascii(data) and _are_plain(data.values(), depth + 1)
    if kind is list:
        return depth < DEEPEST and _are_plain(data, depth + 1)
    return kind is str or kind is bool or data is None


def _are_plain(parts: Iterable[Any], depth: int) -> bool:
    for part in parts:
        kind = type(part)
        if kind is str or (kind is int and -LARGEST_EXACT_INT <= part <= LARGEST_EXACT_INT):
            continue  # most are one or the other, and asking further would cost as much again
        if not _is_plain(part, depth):
            return False
    return True


def _are_ascii(keys: Iterable[Any]) -> bool:
    try:
        return "".join(keys).isascii()
    except TypeError:
        return False


def _ordered(data: Any, depth: int) -> Any:
    kind = type(data)
    if data is None or kind is str or kind is bool or isinstance(data, str):
        return data
    if isinstance(data, int):
        return _exact(data)
    if depth >= DEEPEST:
        raise NotCanonical(f"nested deeper than {DEEPEST}")
    if isinstance(data, list | tuple):
        return [_ordered(part, depth + 1) for part in data]
    if isinstance(data, Mapping):
        return {key: _ordered(data[key], depth + 1) for key in sorted(data, key=_key_order)}
    raise NotCanonical(f"a value of type {kind.__name__} has no canonical form")


def _exact(number: int) -> int:
    if not -LARGEST_EXACT_INT - 1 <= number <= LARGEST_EXACT_INT:
        raise NotCanonical("an integer is outside the range of int64")
    return int(number)


def _key_order(key: Any) -> bytes:
    if not isinstance(key, str):
        raise NotCanonical(f"a key of type {type(key).__name__} is not text")
    return key.encode("utf-16-be", "surrogatepass")

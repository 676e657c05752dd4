"""What one word of a policy file means, and which words and characters are refused because readers differ on them."""

from __future__ import annotations

import re
from dataclasses import dataclass

LARGEST_INT = 2**63 - 1

_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]*)")
_FLOAT = re.compile(
    r"[-+]?(?:[0-9][0-9_]*(?:\.[0-9_]*)?|\.[0-9][0-9_]*)(?:[eE][-+]?[0-9]+)?"
    r"|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)"
)
_OTHER_BASE = re.compile(r"[-+]?0(?:[xX][0-9a-fA-F_]+|[oO][0-7_]+|[bB][01_]+|[0-9_]+)")
_GROUPED = re.compile(r"[-+]?[0-9][0-9_]*")
_CLOCK = re.compile(r"[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?")
_DATE = re.compile(r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:[Tt \t].*)?", re.DOTALL)
_NUMERIC = frozenset("+-.0123456789")
"""How every word begins that some program takes for a number, a time or a date."""
_SWITCH = frozenset({"yes", "no", "on", "off"})
_CONSTANTS = {"true": True, "false": False, "null": None}

_QUOTE_IT = "or put it in quotes if it is text"

# Everything that a reader cannot see, or that turns what he sees around: C0 (but the line feed), DEL, C1, surrogates,
# joiners and marks of direction, the line breaks of YAML 1.1, non-characters, and the byte order mark.
SUSPECT = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2064\u2066-\u2069\ufeff\ufff9-\ufffb"
    "\ufffe\uffff\ud800-\udfff]"
)


@dataclass(frozen=True)
class Refusal:
    """Why a word or character is refused: a code for machines and a message with the way out."""

    code: str
    message: str


def value_of(word: str) -> str | int | bool | Refusal | None:
    """Return the value of an unquoted *word*: true, false, null, an int64, text, or why it is refused."""
    if word in _CONSTANTS:
        return _CONSTANTS[word]
    if _INTEGER.fullmatch(word):
        return _integer(word)
    reason = _ambiguity(word)
    return Refusal(*reason) if reason else word


def refusal_of_character(character: str) -> Refusal:
    """Return why one character that matches `SUSPECT` is refused."""
    point = f"U+{ord(character):04X}"
    if character == "\t":
        return Refusal("tab", "a tab; indent and align with spaces")
    if "\ud800" <= character <= "\udfff":
        return Refusal("surrogate", f"half a character ({point}); save the file again as UTF-8")
    if character < " " or "\x7f" <= character <= "\x9f" or character > "\uffef":
        return Refusal("control-character", f"the control character {point}; delete it")
    return Refusal("hidden-character", f"the invisible character {point} can hide what the text says; delete it")


def _integer(word: str) -> int | Refusal:
    if word == "-0":
        return Refusal("ambiguous", "'-0' is not a whole number of its own; write 0, " + _QUOTE_IT)
    if len(word) > 20 or not -LARGEST_INT - 1 <= int(word) <= LARGEST_INT:
        return Refusal("integer-range", "a whole number beyond int64; the largest is 9223372036854775807")
    return int(word)


def _ambiguity(word: str) -> tuple[str, str] | None:
    """Return code and message if programs disagree about *word*. Every pattern is linear in its length."""
    shown = repr(word if len(word) <= 40 else word[:39] + "…")
    lower = word.lower() if len(word) <= 5 else ""
    if word in ("", "~"):
        return "ambiguous", 'no value; write null, "" or [] so that the reader sees what is meant'
    if lower in _SWITCH:
        advice = f"write true or false, {_QUOTE_IT}"
        return "ambiguous", f"{shown} is a yes or no to some programs and text to others; {advice}"
    if lower in _CONSTANTS:
        return "ambiguous", f"{shown} means {lower} to some programs and text to others; write {lower}, {_QUOTE_IT}"
    if word in ("=", "<<"):
        return "ambiguous", f"{shown} has a meaning of its own to some programs; put it in quotes"
    return _numeric_ambiguity(word, shown) if word[0] in _NUMERIC else None


def _numeric_ambiguity(word: str, shown: str) -> tuple[str, str] | None:
    if _OTHER_BASE.fullmatch(word):
        return "ambiguous", f"{shown} is not the same number to every program; write it in plain decimals, {_QUOTE_IT}"
    if _GROUPED.fullmatch(word):
        return "ambiguous", f"{shown} is a number to some programs and text to others; write digits only, {_QUOTE_IT}"
    if _FLOAT.fullmatch(word):
        return "float", f"{shown} is a fraction; count in whole fen (_fen) or basis points (_bp), {_QUOTE_IT}"
    if _CLOCK.fullmatch(word):
        return "ambiguous", f"{shown} is a number of seconds to some programs; put it in quotes"
    if _DATE.fullmatch(word):
        return "ambiguous", f"{shown} is a date to some programs and text to others; put it in quotes"
    return None

"""Letters and digits that can pass for plain ones: a text that looks right and never matches."""

from __future__ import annotations

import unicodedata

_LETTERS_AND_DIGITS = frozenset({"Lu", "Ll", "Lt", "Lm", "Nd", "Nl"})


def look_alike(text: str) -> tuple[int, str] | None:
    """
    Return place and message of the first letter or digit in *text* that is not plain, if there is one.

    Refused are alphabets with capitals other than the plain one (Cyrillic, Greek, full-width, mathematical) and
    digits other than 0 to 9. A plain letter with an accent shows it; Chinese has no capitals and passes.
    """
    if text.isascii():
        return None
    at = next((at for at, sign in enumerate(text) if _is_look_alike(sign)), None)
    if at is None:
        return None
    sign, point = text[at], ord(text[at])
    escape = f"\\u{point:04X}" if point <= 0xFFFF else f"\\U{point:08X}"
    message = (
        f"{sign!r} (U+{point:04X}) may look like a plain letter or digit and is none; write {escape} if it is meant"
    )
    return at, message


def code_points(text: str) -> str:
    """Return the signs of *text* beyond ASCII with their numbers, each once, for a message; nothing if it has none."""
    strange = dict.fromkeys(sign for sign in text if not sign.isascii())
    return ", ".join(f"{sign!r} is U+{ord(sign):04X}" for sign in list(strange)[:5])


def _is_look_alike(sign: str) -> bool:
    if sign.isascii() or unicodedata.category(sign) not in _LETTERS_AND_DIGITS:
        return False
    return not unicodedata.normalize("NFD", sign)[0].isascii()

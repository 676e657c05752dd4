"""What people type into a form, and the JSON that it means: yuan become fen, per cent basis points, and back."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator, Mapping
from typing import Any, Final

from contracts.value import Json

Entries = Mapping[str, str]
"""What stands in each field, by the JSON Pointer of the field."""

DECIMALS: Final = {"fen": 2, "bp": 2, "score_bp": 2}
"""Places after the point that people may type, by the unit that the schema counts in."""

_MOST_DIGITS: Final = 18
_NUMBER: Final = re.compile(r"-?\d+(\.\d+)?")
_GROUPED: Final = re.compile(r"-?(\d{1,3}(,\d{3})+|\d{1,4}(,\d{4})+)(\.\d+)?")
_DECORATION: Final = re.compile(r"[\s¥元%_]")
_ABSENT: Final = object()


def read(schema: Mapping[str, Any], entries: Entries) -> Json:
    """
    Return the JSON that *entries* mean under *schema*.

    A blank field is left out, a blank row of a list too. What cannot be read stays the text that was typed, so that
    the check of the form refuses it at its field. Nothing is filled in that nobody has typed.
    """
    return _object(schema, tidied(schema, entries), "")


def written(schema: Mapping[str, Any], value: Any, at: str = "") -> dict[str, str]:
    """Return what would be typed for *value*: the inverse of ``read``."""
    if isinstance(value, Mapping) and schema.get("properties"):
        fields = schema["properties"]
        known = [(name, below) for name, below in value.items() if name in fields]
        return _merged(written(fields[name], below, below_at(at, name)) for name, below in known)
    if isinstance(value, list | tuple) and "items" in schema:
        return _merged(written(schema["items"], row, below_at(at, index)) for index, row in enumerate(value))
    return {at: _text(schema, value)}


def tidied(schema: Mapping[str, Any], entries: Entries) -> dict[str, str]:
    """Return *entries* with the rows of every list counted from nought and the blank ones left out."""
    return _merged(_tidied(schema, entries, ""))


def rows(entries: Entries, at: str) -> tuple[int, ...]:
    """The numbers of the rows that *entries* hold of the list *at*, ascending."""
    prefix = f"{at}/"
    heads = (name.removeprefix(prefix).partition("/")[0] for name in entries if name.startswith(prefix))
    return tuple(sorted({int(head) for head in heads if head.isascii() and head.isdigit() and len(head) < 5}))


def below_at(at: str, step: str | int) -> str:
    """The pointer of what is called *step* below *at* (RFC 6901)."""
    return f"{at}/{str(step).replace('~', '~0').replace('/', '~1')}"


def is_blank(entries: Entries, at: str) -> bool:
    """Whether nothing was typed at *at* or below."""
    return not any(text.strip() for name, text in entries.items() if name == at or name.startswith(f"{at}/"))


def choices_of(schema: Mapping[str, Any]) -> tuple[Any, ...]:
    """The values that may be chosen: those of ``enum``, or the constants of ``oneOf``."""
    if "enum" in schema:
        return tuple(schema["enum"])
    return tuple(each["const"] for each in schema.get("oneOf", ()) if "const" in each)


def key_of(value: Any) -> str:
    """What a choice of *value* is called in a form."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def decimal(value: int, places: int) -> str:
    """Write *value* counted in the smallest unit with its decimal *places*, in groups of three."""
    whole, rest = divmod(abs(value), 10**places)
    tail = f".{rest:0{places}d}" if places and rest else ""
    return f"{'-' if value < 0 else ''}{whole:,}{tail}"


def _object(schema: Mapping[str, Any], entries: Entries, at: str) -> Json:
    required = schema.get("required", ())
    found = {
        name: _value(field, entries, below_at(at, name), name in required)
        for name, field in schema.get("properties", {}).items()
    }
    return {name: value for name, value in found.items() if value is not _ABSENT}


def _value(schema: Mapping[str, Any], entries: Entries, at: str, is_required: bool) -> Any:
    if schema.get("properties"):
        return _object(schema, entries, at) if is_required or not is_blank(entries, at) else _ABSENT
    if schema.get("type") == "array":
        found = [_value(schema["items"], entries, below_at(at, row), True) for row in rows(entries, at)]
        return found if is_required or found else _ABSENT
    text = entries.get(at, "").replace("\r\n", "\n").strip()
    return _leaf(schema, text) if text else _ABSENT


def _leaf(schema: Mapping[str, Any], text: str) -> Any:
    for value in (*choices_of(schema), *([schema["const"]] if "const" in schema else [])):
        if text == key_of(value):
            return value
    if schema.get("type") == "integer":
        return _whole(text, DECIMALS.get(schema.get("x-unit", ""), 0))
    if schema.get("type") == "boolean":
        return {"true": True, "false": False}.get(text, text)
    return _document(text) if schema.get("type") == "object" else text


def _whole(text: str, places: int) -> int | str:
    """The number that *text* means in the smallest unit; *text* itself if it is none, or is finer than *places*."""
    plain = _DECORATION.sub("", unicodedata.normalize("NFKC", text))
    if not (_NUMBER.fullmatch(plain) or _GROUPED.fullmatch(plain)):
        return text
    whole, _, rest = plain.replace(",", "").partition(".")
    rest = rest.rstrip("0")
    if len(rest) > places or len(whole) > _MOST_DIGITS:
        return text
    value = int(whole.removeprefix("-") + rest.ljust(places, "0"))
    return -value if whole.startswith("-") else value


def _document(text: str) -> Any:
    """A free object is typed as JSON."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def _text(schema: Mapping[str, Any], value: Any) -> str:
    if isinstance(value, Mapping):
        return json.dumps(value, ensure_ascii=False, indent=2)
    is_counted = isinstance(value, int) and not isinstance(value, bool)
    if not is_counted or choices_of(schema):
        return key_of(value)
    return decimal(value, DECIMALS.get(schema.get("x-unit", ""), 0))


def _tidied(schema: Mapping[str, Any], entries: Entries, at: str) -> Iterator[dict[str, str]]:
    for name, field in schema.get("properties", {}).items():
        yield from _tidied(field, entries, below_at(at, name))
    if schema.get("type") == "array":
        filled = [row for row in rows(entries, at) if not is_blank(entries, below_at(at, row))]
        for place, row in enumerate(filled):
            for each in _tidied(schema["items"], entries, below_at(at, row)):
                yield {_moved(name, below_at(at, row), below_at(at, place)): text for name, text in each.items()}
    elif not schema.get("properties") and at in entries:
        yield {at: entries[at]}


def _moved(name: str, old: str, new: str) -> str:
    return new + name.removeprefix(old)


def _merged(parts: Any) -> dict[str, str]:
    return {name: text for part in parts for name, text in part.items()}

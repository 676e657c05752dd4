"""A JSON Schema (2020-12) as a form for people: fields with labels, what was typed, and the fault at its field."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from lianyue.portal.entries import (
    DECIMALS,
    Entries,
    below_at,
    choices_of,
    decimal,
    is_blank,
    key_of,
    rows,
    tidied,
)
from lianyue.portal.i18n import Say, speaking
from lianyue.settings import Language
from rules.forms import Violation

MOST_RADIOS: Final = 4
LONG_TEXT: Final = 100
"""Text that may be longer gets several lines."""


@dataclass(frozen=True)
class Choice:
    """One value that may be chosen."""

    key: str
    label: str


@dataclass(frozen=True)
class Field:
    """
    One field as it is drawn; ``name`` is its JSON Pointer.

    ``kind``: ``number`` ``text`` ``long`` ``date`` ``radios`` ``list`` (choices), ``several`` (choices with a box each,
    ``chosen`` are ticked), ``consent`` (one box), ``group`` (``fields``), ``rows`` (``fields`` are the rows, each a
    group), ``file`` (``value`` is its digest).
    """

    name: str
    kind: str
    label: str
    help: str = ""
    unit: str = ""
    is_required: bool = False
    value: str = ""
    error: str = ""
    longest: int | None = None
    choices: tuple[Choice, ...] = ()
    chosen: tuple[str, ...] = ()
    fields: tuple[Field, ...] = ()
    has_room: bool = False

    @property
    def id(self) -> str:
        """What a link or a label points to."""
        return f"f{self.name}"


@dataclass(frozen=True)
class Form:
    """A whole form; ``faults`` are all faults in order, each with the id of the field it belongs to."""

    title: str
    help: str
    fields: tuple[Field, ...]
    faults: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class _Pen:
    """What every field is drawn with."""

    language: Language
    say: Say
    entries: Entries
    faults: Mapping[str, str]
    signs: Mapping[str, str]
    conditions: Mapping[str, str]


def form_of(
    schema: Mapping[str, Any],
    language: Language,
    entries: Entries | None = None,
    faults: Iterable[Violation] = (),
    signs: Mapping[str, str] | None = None,
    room_for: str = "",
) -> Form:
    """
    Draw *schema* with what was typed and what is wrong with it.

    *signs* stand behind a number, by unit. *room_for* is the pointer of a list that gets one more blank row. No
    constant and no choice is ever filled in beforehand: to promise or to choose is the reader's act.
    """
    say = speaking(language)
    typed = tidied(schema, entries or {})
    told = {fault.path: _message(schema, fault, typed, language) for fault in faults}
    pen = _Pen(language, say, typed, told, _signs(say, signs or {}), _conditions(schema, language, say))
    fields = tuple(_fields(schema, pen, "", room_for))
    ids = _ids(fields)
    return Form(
        title=_word(schema, "title", "x-title-en", language),
        help=_help(schema, language),
        fields=fields,
        faults=tuple((_nearest(path, ids), message) for path, message in told.items()),
    )


def _fields(schema: Mapping[str, Any], pen: _Pen, at: str, room_for: str) -> Iterator[Field]:
    required = schema.get("required", ())
    for name, below in schema.get("properties", {}).items():
        yield _field(below, pen, below_at(at, name), name in required, room_for)


def _field(schema: Mapping[str, Any], pen: _Pen, at: str, is_required: bool, room_for: str) -> Field:
    plain = Field(
        name=at,
        kind=_kind(schema, is_required),
        label=_word(schema, "title", "x-title-en", pen.language) or at.rpartition("/")[2],
        help=pen.conditions.get(at, "") or _help(schema, pen.language),
        unit=pen.signs.get(schema.get("x-unit", ""), ""),
        is_required=is_required,
        value=pen.entries.get(at, ""),
        error=pen.faults.get(at, ""),
        longest=schema.get("maxLength"),
        choices=tuple(_choices(schema, pen)),
    )
    if plain.kind == "several":
        chosen = (pen.entries.get(below_at(at, row), "") for row in rows(pen.entries, at))
        return replace(plain, choices=tuple(_choices(schema["items"], pen)), chosen=tuple(chosen))
    if plain.kind == "group":
        return replace(plain, fields=tuple(_fields(schema, pen, at, room_for)))
    return _rows(plain, schema, pen, room_for) if plain.kind == "rows" else plain


def _rows(plain: Field, schema: Mapping[str, Any], pen: _Pen, room_for: str) -> Field:
    """A list with its rows, at least one, and one more where it was asked for."""
    most = schema.get("maxItems", 100)
    count = min(most, max(1, len(rows(pen.entries, plain.name)) + (room_for == plain.name)))
    drawn = (_row(schema["items"], pen, below_at(plain.name, place), place) for place in range(count))
    return replace(plain, fields=tuple(drawn), has_room=count < most)


def _row(schema: Mapping[str, Any], pen: _Pen, at: str, place: int) -> Field:
    row = _field(schema, pen, at, True, "")
    label = pen.say("第 %(place)s 行", place=place + 1)
    return replace(row, label=label, help="") if row.kind == "group" else replace(row, label=label)


def _kind(schema: Mapping[str, Any], is_required: bool) -> str:
    if schema.get("properties"):
        return "group"
    if "x-file" in schema:
        return "file"
    if "const" in schema:
        return "consent"
    if schema.get("type") == "array":
        return "several" if schema.get("uniqueItems") and choices_of(schema["items"]) else "rows"
    if choices_of(schema) or schema.get("type") == "boolean":
        few = len(choices_of(schema)) <= MOST_RADIOS
        return "radios" if is_required and few else "list"
    if schema.get("type") == "integer":
        return "number"
    if schema.get("format") == "date":
        return "date"
    is_long = schema.get("type") == "object" or schema.get("maxLength", 0) > LONG_TEXT
    return "long" if is_long and schema.get("maxLength", 1_000) > 2 * LONG_TEXT else "text"


def _choices(schema: Mapping[str, Any], pen: _Pen) -> Iterator[Choice]:
    if schema.get("type") == "boolean" and "const" not in schema:
        yield from (Choice("true", pen.say("是")), Choice("false", pen.say("否")))
    elif "const" in schema:
        yield Choice(key_of(schema["const"]), _word(schema, "title", "x-title-en", pen.language))
    elif "enum" in schema:
        words = schema.get("x-enum-en" if pen.language == Language.EN else "x-enum-zh", {})
        yield from (Choice(key_of(value), words.get(value, key_of(value))) for value in schema["enum"])
    else:
        for each in schema.get("oneOf", ()):
            yield Choice(key_of(each["const"]), _word(each, "title", "x-title-en", pen.language))


def _message(schema: Mapping[str, Any], fault: Violation, entries: Entries, language: Language) -> str:
    """
    The words of a fault; in a field that counts in yuan or per cent, ours.

    The schema's own speak of fen and basis points, which nobody types here.
    """
    own = fault.message_en if language == Language.EN else fault.message_zh
    below = _schema_at(schema, fault.path)
    places = DECIMALS.get(below.get("x-unit", ""))
    if places is None or below.get("type") != "integer" or is_blank(entries, fault.path):
        return own
    say = speaking(language)
    return say(
        "「%(title)s」应在 %(least)s 至 %(most)s 之间，最多 %(places)s 位小数",
        title=_word(below, "title", "x-title-en", language),
        least=decimal(below.get("minimum", 0), places),
        most=decimal(below.get("maximum", 10**14), places),
        places=places,
    )


def _schema_at(schema: Mapping[str, Any], path: str) -> Mapping[str, Any]:
    here: Any = schema
    for step in path.split("/")[1:]:
        name = step.replace("~1", "/").replace("~0", "~")
        here = here.get("items", {}) if here.get("type") == "array" else here.get("properties", {}).get(name, {})
    return here if isinstance(here, Mapping) else {}


def _conditions(schema: Mapping[str, Any], language: Language, say: Say) -> dict[str, str]:
    """By field, in which case it must be filled in too: the ``if``/``then`` of the schema in words."""
    found: dict[str, list[str]] = {}
    for each in schema.get("allOf", ()):
        for name, asked in each.get("if", {}).get("properties", {}).items():
            if "const" in asked:
                chosen = schema["properties"][name]
                case = _case(chosen, asked["const"], language)
                for child in each.get("then", {}).get("required", ()):
                    found.setdefault(below_at("", child), []).append(case)
    return {name: say("选「%(case)s」时必填", case="、".join(cases)) for name, cases in found.items()}


def _case(schema: Mapping[str, Any], value: Any, language: Language) -> str:
    words = schema.get("x-enum-en" if language == Language.EN else "x-enum-zh", {})
    return str(words.get(value, value))


def _help(schema: Mapping[str, Any], language: Language) -> str:
    """
    What the schema says of the field; its descriptions are in Chinese only.

    They speak of the JSON, which is in fen; here yuan are typed, so that the remark would mislead.
    """
    if language == Language.EN:
        return ""
    text = str(schema.get("description", "")).replace("，以分计", "").replace("以分计；", "")
    return "" if text == schema.get("title") else text


def _signs(say: Say, signs: Mapping[str, str]) -> dict[str, str]:
    own = {"fen": say("元"), "bp": "%", "score_bp": say("分"), "day": say("天"), "person": say("人")}
    return {**own, **signs}


def _word(schema: Mapping[str, Any], chinese: str, english: str, language: Language) -> str:
    wanted = english if language == Language.EN and english in schema else chinese
    return str(schema.get(wanted, ""))


def _ids(fields: Iterable[Field]) -> dict[str, str]:
    found: dict[str, str] = {}
    for each in fields:
        found |= {each.name: each.id, **_ids(each.fields)}
    return found


def _nearest(path: str, ids: Mapping[str, str]) -> str:
    """The id of the field at *path*, or of the closest one around it that is drawn."""
    while path and path not in ids:
        path = path.rpartition("/")[0]
    return ids.get(path, "form")

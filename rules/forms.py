"""Whether a filled-in form keeps its JSON Schema, in the words of the form and at the field concerned."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from jsonschema.validators import extend

Path = tuple[str | int, ...]

DEEPEST: Final = 12
"""Levels of nesting that a form may have; a deeper value is refused before anything descends into it."""

_LAYOUT: Final = "\n\r\t"

_TOO_DEEP: Final = (
    f"填写内容的嵌套层级不得超过 {DEEPEST} 层",
    f"The form may be nested at most {DEEPEST} levels deep",
)
_NO_FRACTION: Final = ("此处不接受小数，请填写整数", "Fractions are not accepted here; give an integer")
_NO_CONTROL: Final = (
    "内容含有不可见的控制字符，请删除后重新填写",
    "The text holds invisible control characters; remove them",
)


class Violation(NamedTuple):
    """One fault of a filled-in form; *path* is a JSON Pointer (RFC 6901), empty for the form as a whole."""

    path: str
    message_zh: str
    message_en: str


class _Fault(NamedTuple):
    """A violation before its place is written down."""

    path: Path
    message_zh: str
    message_en: str


def violations(schema: Mapping[str, Any], value: object) -> tuple[Violation, ...]:
    """
    Every fault of *value* against *schema*, at most one a field, in the order of the schema's fields.

    The words are the schema's own (``x-message``, ``x-message-en``). A float is refused wherever it stands,
    1.0 and NaN included; a bool is not an integer; text holds no control characters but line breaks and tabs.
    """
    strays = tuple(_strays(value))
    if any(len(stray.path) > DEEPEST for stray in strays):
        return _ordered(schema, strays)
    faults = (fault for error in _errors(schema, value) for fault in _faults(schema, error))
    return _ordered(schema, (*faults, *strays))


def title_of(schema: Mapping[str, Any], path: Path) -> tuple[str, str]:
    """The Chinese and English title of the field at *path*; its bare name where the schema has none."""
    field = _field_at(schema, path) or {}
    name = str(path[-1]) if path else ""
    return str(field.get("title", name)), str(field.get("x-title-en", name))


def _is_integer(_checker: object, instance: object) -> bool:
    return isinstance(instance, int) and not isinstance(instance, bool)


_TYPES: Final = Draft202012Validator.TYPE_CHECKER.redefine_many({"integer": _is_integer, "number": _is_integer})
_CHECKER: Final[Any] = extend(Draft202012Validator, type_checker=_TYPES)  # type: ignore[no-untyped-call]


def _errors(schema: Mapping[str, Any], value: object) -> Iterator[ValidationError]:
    checker = _CHECKER(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)
    yield from checker.iter_errors(value)


def _strays(value: object) -> Iterator[_Fault]:
    """What no form may hold anywhere; walked without recursion, since the value comes from outside."""
    waiting: list[tuple[Path, object]] = [((), value)]
    while waiting:
        path, here = waiting.pop()
        if len(path) > DEEPEST:
            yield _Fault(path, *_TOO_DEEP)
            return
        if isinstance(here, float):
            yield _Fault(path, *_NO_FRACTION)
        elif isinstance(here, str) and any(_is_control(mark) for mark in here):
            yield _Fault(path, *_NO_CONTROL)
        elif isinstance(here, Mapping):
            waiting.extend(((*path, str(name)), below) for name, below in here.items())
        elif isinstance(here, list | tuple):
            waiting.extend(((*path, index), below) for index, below in enumerate(here))


def _is_control(mark: str) -> bool:
    return mark not in _LAYOUT and unicodedata.category(mark) in ("Cc", "Cs")


def _faults(schema: Mapping[str, Any], error: ValidationError) -> Iterator[_Fault]:
    """The faults one error of the checker stands for, at the fields that people see."""
    path: Path = tuple(error.absolute_path)
    if error.validator == "required":
        yield from _omissions(schema, path, error)
    elif error.validator == "additionalProperties":
        yield from _strangers(path, error)
    else:
        yield _Fault(path, *_message(schema, path, error.schema))


def _omissions(schema: Mapping[str, Any], path: Path, error: ValidationError) -> Iterator[_Fault]:
    required: Any = error.validator_value
    filled: Any = error.instance
    for name in required:
        if name not in filled:
            title_zh, title_en = title_of(schema, (*path, name))
            yield _Fault((*path, name), f"请填写「{title_zh}」", f"Please fill in “{title_en}”")


def _strangers(path: Path, error: ValidationError) -> Iterator[_Fault]:
    known = error.schema.get("properties", {}) if isinstance(error.schema, Mapping) else {}
    filled: Any = error.instance
    for name in (name for name in filled if name not in known):
        short = _short(name)
        yield _Fault((*path, str(name)), f"表单中没有「{short}」这一项", f"The form has no field “{short}”")


def _short(name: object) -> str:
    """A stranger's name, fit to be repeated in a message."""
    text = "".join("?" if _is_control(mark) else mark for mark in str(name))
    return text if len(text) <= 40 else text[:39] + "…"


def _message(schema: Mapping[str, Any], path: Path, nearest: object) -> tuple[str, str]:
    """The words of the field, or of the closest one around it that has words."""
    for field in (nearest, *(_field_at(schema, path[:length]) for length in range(len(path), -1, -1))):
        if isinstance(field, Mapping) and "x-message" in field:
            return str(field["x-message"]), str(field.get("x-message-en", field["x-message"]))
    title_zh, title_en = title_of(schema, path)
    return f"「{title_zh}」填写不符合要求", f"“{title_en}” is not as required"


def _field_at(schema: Mapping[str, Any], path: Path) -> Mapping[str, Any] | None:
    here: object = schema
    for step in path:
        here = _below(here, step)
    return here if isinstance(here, Mapping) else None


def _below(schema: object, step: str | int) -> object:
    if not isinstance(schema, Mapping):
        return None
    if isinstance(step, int):
        return schema.get("items")
    fields = schema.get("properties")
    return fields.get(step) if isinstance(fields, Mapping) else None


def _ordered(schema: Mapping[str, Any], faults: tuple[_Fault, ...]) -> tuple[Violation, ...]:
    """One violation a field: the first found, since the schema's own words stand before the general ones."""
    first: dict[Path, _Fault] = {}
    for fault in faults:
        first.setdefault(fault.path, fault)
    ranked = sorted(first.values(), key=lambda fault: _rank(schema, fault.path))
    return tuple(Violation(_pointer(fault.path), fault.message_zh, fault.message_en) for fault in ranked)


def _rank(schema: Mapping[str, Any], path: Path) -> tuple[tuple[int, str], ...]:
    """Where a field stands in the form; strangers come last, by name."""
    ranks: list[tuple[int, str]] = []
    here: object = schema
    for step in path:
        ranks.append((step, "") if isinstance(step, int) else _place(here, step))
        here = _below(here, step)
    return tuple(ranks)


def _place(schema: object, name: str) -> tuple[int, str]:
    fields = schema.get("properties", {}) if isinstance(schema, Mapping) else {}
    order = list(fields)
    return (order.index(name), "") if name in fields else (len(order), name)


def _pointer(path: Path) -> str:
    return "".join(f"/{str(step).replace('~', '~0').replace('/', '~1')}" for step in path)

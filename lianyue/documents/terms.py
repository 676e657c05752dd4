"""The terms of a contract, line by line, with the titles, choices and units of their form."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from contracts.category import CategoryPack
from contracts.value import Json
from lianyue.documents.figures import amount, rate

SIGNS = {
    "day": ("日", "days"),
    "grade": ("级", ""),
    "count": ("", ""),
    "month": ("个月", "months"),
    "year": ("年", "years"),
}
"""The signs of measures that are not the pack's own."""


def term_lines(terms: Json, schema: Json, pack: CategoryPack) -> list[dict[str, str]]:
    """Return *terms* in the order of their form: code, titles, and the value in Chinese and English."""
    fields = schema.get("properties", {})
    ordered = [code for code in fields if code in terms] + [code for code in terms if code not in fields]
    return [_line(code, terms[code], fields.get(code, {}), pack) for code in ordered]


def _line(code: str, value: Any, field: Mapping[str, Any], pack: CategoryPack) -> dict[str, str]:
    return {
        "code": code,
        "zh": field.get("title", code),
        "en": field.get("x-title-en", code),
        "value": _shown(value, field, pack, 0),
        "value_en": _shown(value, field, pack, 1),
    }


def _shown(value: Any, field: Mapping[str, Any], pack: CategoryPack, place: int) -> str:
    if isinstance(value, bool):
        return (("否", "是"), ("no", "yes"))[place][value]
    if isinstance(value, int):
        return _number(value, field.get("x-unit", ""), pack, place)
    if isinstance(value, list):
        between = ("、", ", ")[place]
        return between.join(_shown(each, field.get("items", {}), pack, place) for each in value)
    if isinstance(value, Mapping):
        inner = term_lines(dict(value), dict(field), pack)
        return ("；", "; ")[place].join(
            f"{line[('zh', 'en')[place]]} {line[('value', 'value_en')[place]]}" for line in inner
        )
    words = field.get(("x-enum-zh", "x-enum-en")[place], {})
    return str(words.get(value, "—" if value is None else value))


def _number(value: int, unit: str, pack: CategoryPack, place: int) -> str:
    if unit == "fen":
        return amount(value) + (" 元", " yuan")[place]
    if unit == "bp":
        return rate(value)
    signs = {each.code: (each.sign_zh, each.sign_en) for each in pack.units}
    sign = {**SIGNS, **signs}.get(unit, ("", ""))[place]
    return f"{value:,} {sign}".strip()

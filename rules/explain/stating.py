"""What a policy states for selecting or dividing, told in sentences from the method to those within it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Any

from pydantic import BaseModel

from rules.explain.methods import CHOICES, DIVIDING, FIELDS, LINKS, RANKINGS, SELECTING, Method
from rules.explain.shown import percent
from rules.explain.tongue import Tongue
from rules.explain.why import plain
from rules.explain.words import BASES, ENGLISH

METHODS: Mapping[str, Method] = {**SELECTING, **DIVIDING}
TOLD_ALWAYS = ("k_min", "lead_min_bp", "decline_consumes_turn", "oversize")
"""Fields that are told also where the policy leaves them at their default."""
NAMING = ("id", "title", "method", "tie", *LINKS)
"""Fields that are no statements of their own: they name, or are told apart."""
WORDS = ("queue", "basis", "payee")
"""Fields that hold words and no expressions."""

AMOUNTS = ("limit", "ceiling", "cap", "amount_fen", "floor_fen", "cap_fen", "base_fen", "guarantee_fen", "unit_fee_fen")
"""Expressions that come to fen."""
LITERAL = re.compile(r"""['"]([A-Z][A-Z0-9]{1,11})['"]""")
"""An expression that is nothing but a company's code."""


def method_told(lead: str, model: BaseModel, tongue: Tongue) -> Iterator[str]:
    """
    Tell the method that *model* states, with what it states, and then those it builds on.

    *lead* is the sentence that the method's name and clause are put into.
    """
    code, language = str(vars(model)["method"]), tongue.language
    method = METHODS[code]
    yield tongue.say(lead, method=method.name.in_(language), explained=method.does.in_(language))
    stated = list(clauses(code, model, tongue))
    if stated:
        yield tongue.say("terms", terms=tongue.list(stated))
    for name, words in LINKS.items():
        yield from _linked(words.in_(language), getattr(model, name, None), tongue)


def _linked(lead: str, inner: Any, tongue: Tongue) -> Iterator[str]:
    """The method within another: a word, or a method of its own."""
    if isinstance(inner, StrEnum):
        yield tongue.say("sentence", text=lead.format(method=RANKINGS[inner.value].in_(tongue.language)))
    elif isinstance(inner, BaseModel):
        first, *rest = method_told("linked", inner, tongue)
        yield tongue.say("sentence", text=lead.format(method=first))
        yield from rest


def clauses(scope: str, model: BaseModel, tongue: Tongue) -> Iterator[str]:
    """What *model* states, a clause for each field; *scope* is what its fields are looked up under."""
    for name, field in type(model).model_fields.items():
        value = getattr(model, name)
        is_silent = value in (None, (), {}) or (value == field.default and name not in TOLD_ALWAYS)
        if name not in NAMING and not is_silent:
            yield _clause(scope, name, value, tongue)


def _clause(scope: str, name: str, value: Any, tongue: Tongue) -> str:
    choice = str(value).lower()
    keys = (f"{name}.{choice}", f"{scope}.{name}", name)
    words = next(FIELDS[key] for key in keys if key in FIELDS)
    return words.in_(tongue.language).format(value=written(name, value, tongue))


def written(name: str, value: Any, tongue: Tongue) -> str:
    """Write the *value* of the field *name*: money, ratios, expressions, lists and tables, as a reader wants them."""
    if isinstance(value, str):
        return _word(name, value, tongue)
    if isinstance(value, int):
        return _figure(name, value, tongue)
    if isinstance(value, Mapping):
        return tongue.row([_entry(name, key, value[key], tongue) for key in sorted(value)])
    if isinstance(value, BaseModel):
        return _item(value, tongue)
    parts = [written(name, each, tongue) for each in value]
    return tongue.list(parts) if any(isinstance(each, BaseModel) for each in value) else tongue.row(parts)


def _word(name: str, value: str, tongue: Tongue) -> str:
    if name in CHOICES and value in CHOICES[name]:
        return CHOICES[name][value].in_(tongue.language)
    if name == "base":
        return BASES[value].in_(tongue.language)
    if name in WORDS:
        return tongue.payee(value) if name == "payee" else tongue.say("quote", text=value)
    if value.strip().isdigit():
        return tongue.money(int(value)) if name in AMOUNTS else f"{int(value):,}"
    named = LITERAL.fullmatch(value.strip())
    return tongue.member(named[1]) if named else f"`{plain(value)}`"


def _figure(name: str, value: int, tongue: Tongue) -> str:
    if name.endswith("_bp"):
        return percent(value)
    return tongue.money(value) if name.endswith("_fen") else f"{value:,}"


def _entry(name: str, key: str, value: Any, tongue: Tongue) -> str:
    """One line of a table: a member, a park or a grade with its figure, or the shares of so many members."""
    if name == "tiers":
        return tongue.say("tier", count=key, shares="/".join(percent(each) for each in value))
    shown = tongue.member(value) if name == "homes" else written(name, value, tongue)
    return f"{tongue.member(key)} {shown}"


def _item(model: BaseModel, tongue: Tongue) -> str:
    """One line of a list: its name, if it has one, and what it states."""
    told = tongue.row(list(clauses(type(model).__name__.lower(), model, tongue)))
    title, code = getattr(model, "title", None), getattr(model, "id", "")
    name = code if tongue.language == ENGLISH else title or code
    return tongue.bracketed(name, told) if name else told

"""Contenders and contests as the tests of selecting make them."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

from pydantic import TypeAdapter

from contracts.facts import QueueFacts
from rules.select.methods import Select
from rules.select.ranking import Contender, Selected, Terms
from rules.select.selecting import select

CODES = ("AA", "BB", "CC", "DD", "EE", "FF", "GG", "HH")
KEY = ("member.code",)
METHOD: TypeAdapter[Any] = TypeAdapter(Select)


def contender(code: str, score_bp: int = 0, price_fen: int = 100, *tie: int, **more: Any) -> Contender:
    """A member with what ranks it."""
    return Contender(code, score_bp, price_fen, (*tie, code), **more)


def method(name: str, **fields: Any) -> Any:
    """A method as a policy states it."""
    return METHOD.validate_python({"method": name, **fields})


def selected(stated: Any, contenders: Sequence[Contender], **terms: Any) -> Selected:
    """What *stated* comes to among *contenders*."""
    return select(stated, KEY, contenders, Terms(**terms))


def queue(order: str, **more: Any) -> QueueFacts:
    """The queue ``turns`` with each letter doubled to a code: ``AB`` is AA, BB."""
    return QueueFacts(name="turns", order=codes(order), **more)


def codes(letters: str) -> tuple[str, ...]:
    """``AB`` as AA, BB."""
    return tuple(letter * 2 for letter in letters)


def some(chance: random.Random, least: int = 1) -> list[str]:
    """Some of the codes, in any order."""
    return chance.sample(CODES, chance.randint(least, len(CODES)))

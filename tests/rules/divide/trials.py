"""Members with figures, put to any division without a policy file around it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cache
from random import Random
from typing import Any

from pydantic import TypeAdapter

from contracts.decision import DecisionOutcome
from rules.divide.measures import Measures
from rules.divide.methods import Asked, Divide, expressions_within
from rules.divide.rounding import Rounding
from rules.divide.sharing import Shared, shared
from rules.formula import Evaluated
from rules.select.ranking import Selected

_DIVIDE: TypeAdapter[Any] = TypeAdapter(Divide)

Figures = Mapping[str, Mapping[str, int | str]]
"""By member, the value of each word that an expression consists of."""


@cache
def _division(stated: str) -> tuple[Any, tuple[Asked, ...]]:
    """The division as a policy states it, and its expressions."""
    divide = _DIVIDE.validate_json(stated)
    return divide, tuple(expressions_within(divide))


def selected(*ranks: Sequence[str]) -> Selected:
    """All members of *ranks*, best first; equals stand together."""
    members = tuple(code for rank in ranks for code in rank)
    return Selected(DecisionOutcome.AWARDED, members, members, ranks=tuple(tuple(rank) for rank in ranks))


def divided(
    stated: Mapping[str, Any],
    amount_fen: int,
    figures: Figures,
    rounding: Rounding = Rounding.LARGEST_REMAINDER,
    **contract: int,
) -> Shared:
    """Divide among the members of *figures*, ranked as they stand; an expression is the name of a figure."""
    divide, asked = _division(json.dumps(stated))
    measures = Measures(
        {
            each.path: {code: Evaluated(own[each.text], {}) for code, own in figures.items()}
            for each in asked
            if each.asks.each_member
        },
        {each.path: Evaluated(contract[each.text], {}) for each in asked if not each.asks.each_member},
    )
    return shared(divide, amount_fen, selected(*[[code] for code in figures]), measures, rounding)


def shares(found: Shared) -> dict[str, int]:
    """What each has got, by member."""
    return {share.member: share.amount_fen for share in found.shares}


def fees(found: Shared) -> dict[str, dict[str, int]]:
    """What is owed, by level and payer."""
    by_level: dict[str, dict[str, int]] = {}
    for fee in found.fees:
        by_level.setdefault(fee.level, {})[fee.payer] = fee.amount_fen
    return by_level


def some_members(chance: Random) -> dict[str, dict[str, int | str]]:
    """Up to eight members, in random order, with figures of every size."""
    codes = chance.sample([f"M{number:02}" for number in range(20)], chance.randint(1, 8))
    return {
        code: {
            "weight": chance.choice((1, chance.randint(1, 9), chance.randint(1, 10**6))),
            "score_bp": chance.randint(6_001, 10_000),
            "price": chance.choice((chance.randint(1, 100), chance.randint(1, 10**11))),
            "awarded": chance.choice((0, chance.randint(0, 10**10))),
            "grade": chance.choice("ABC"),
            "price_fen": chance.randint(1, 10**6),
        }
        for code in codes
    }


def some_amount(chance: Random) -> int:
    """An amount of any size, often a small one."""
    return chance.choice((chance.randint(1, 40), chance.randint(1, 10**6), chance.randint(1, 10**12)))

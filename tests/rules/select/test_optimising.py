"""The cheapest set of members: against trying all sets, and what is said where no set will do."""

from __future__ import annotations

import random
from itertools import combinations
from typing import Any

import pytest

from contracts.decision import DecisionOutcome
from contracts.errors import Invalid
from rules.select.methods import Group
from rules.select.optimising import cheapest
from rules.select.ranking import Contender
from tests.rules.select.contests import CODES, contender, method, selected


def group(name: str, at_least: int = 0, at_most: int | None = None) -> dict[str, Any]:
    """A counted group."""
    return {"id": name, "where": "true", "at_least": at_least, "at_most": at_most}


def member(code: str, cost: int, *groups: bool) -> Contender:
    """A member with its cost and its groups."""
    return contender(code, measure=cost, groups=groups)


def test_the_cheapest_are_selected() -> None:
    """Best first, and the others behind them by cost."""
    found = selected(
        method("optimise", cost="1", k_min=2, k_max=2), [member("AA", 5), member("BB", 2), member("CC", 3)]
    )

    assert (("BB", "CC"), ("BB", "CC", "AA"), "最小总成本 5") == (found.selected, found.ranking, found.note)


def test_a_group_is_kept_whatever_it_costs() -> None:
    """One of the two must be small; the cheaper of the small ones is taken, and ranks before who is not."""
    stated = method("optimise", cost="1", k_min=2, k_max=2, groups=[group("small", 1, 1)])
    field = [member("AA", 1, False), member("BB", 2, False), member("CC", 9, True), member("DD", 8, True)]

    found = selected(stated, field)

    assert (("AA", "DD"), ("AA", "DD", "BB", "CC")) == (found.selected, found.ranking)


def test_of_equal_sums_the_first_by_the_tie_keys_is_taken() -> None:
    """And fewer before more."""
    stated = method("optimise", cost="1", k_min=1, k_max=3)

    assert ("AA",) == selected(stated, [member("BB", 0), member("AA", 0)]).selected


def test_too_few_members_is_an_outcome() -> None:
    """As in every method that needs several."""
    found = selected(method("optimise", cost="1", k_min=2, k_max=2), [member("AA", 1)])

    assert (DecisionOutcome.TOO_FEW_QUOTES, "合格成员 1 家，少于要求的 2 家") == (found.outcome, found.note)


@pytest.mark.parametrize(
    ("groups", "members", "note"),
    [
        ([group("small", 2)], [(False,), (False,), (True,)], "small"),
        ([group("small", 2), group("near", 2)], [(True, False), (True, False), (False, True), (False, True)],
         "k_max、small、near"),
        ([group("far", 0, 1)], [(True,), (True,), (True,)], "k_min、far"),
    ],
)  # fmt: skip
def test_what_cannot_be_kept_together_is_named(groups: list[Any], members: list[Any], note: str) -> None:
    """A set none of which can be left out."""
    stated = method("optimise", cost="1", k_min=2, k_max=3, groups=groups)
    field = [member(code, 1, *inside) for code, inside in zip(CODES, members, strict=False)]

    found = selected(stated, field)

    assert (DecisionOutcome.INFEASIBLE, (), f"没有可行的组合，不能同时满足：{note}") == (
        found.outcome,
        found.selected,
        found.note,
    )


def test_the_budget_is_kept() -> None:
    """Eight unrelated groups over fifty members are more than is looked at, and the message says what to do."""
    chance = random.Random(7)
    stated = method("optimise", cost="1", k_max=20, groups=[group(f"g{i}", 10, 20) for i in range(8)])
    field = [member(f"M{i:02}", chance.randrange(100), *(chance.random() < 0.5 for _ in range(8))) for i in range(50)]

    with pytest.raises(Invalid) as caught:
        selected(stated, field)

    assert "the groups make more than 20000 combinations; have fewer groups or a smaller k_max" == caught.value.message


def test_it_agrees_with_trying_all_sets() -> None:
    """Cost, members and feasibility, for 3,000 small problems with negative costs and overlapping groups."""
    chance = random.Random(20250708)
    for _ in range(3_000):
        groups = [
            Group(id=f"g{index}", where="true", at_least=chance.randrange(3), at_most=chance.choice((None, 1, 2, 3)))
            for index in range(chance.randrange(4))
        ]
        field = [
            member(code, chance.randint(-2, 4), *(chance.random() < 0.5 for _ in groups))
            for code in CODES[: chance.randint(1, 7)]
        ]
        k_min = chance.randint(1, 4)
        k_max = chance.randint(k_min, 5)

        assert by_trying(field, k_min, k_max, groups) == cheapest(field, k_min, k_max, groups)


def by_trying(
    field: list[Contender], k_min: int, k_max: int, groups: list[Group]
) -> tuple[int, tuple[int, ...]] | None:
    """The least of all sets that keep the groups."""
    fits = [
        (sum(field[place].measure for place in places), places)
        for size in range(k_min, k_max + 1)
        for places in combinations(range(len(field)), size)
        if all(
            group.at_least <= sum(field[place].groups[index] for place in places) <= (group.at_most or len(field))
            for index, group in enumerate(groups)
        )
    ]
    return min(fits, default=None)

"""Equal awards: the first in the stated order is taken, whatever the order of the file, and the answer says so."""

from __future__ import annotations

import copy
import itertools
import random
from typing import Any

import pytest

from bench.portfolios import portfolio
from lianyue.optimiser.aiming import Asking
from lianyue.optimiser.deciding import allocate, best_of
from lianyue.optimiser.highs import Highs
from lianyue.optimiser.settling import Equals, settled
from lianyue.optimiser.solver import Effort, Program, Verdict
from rules.portfolio.answer import AllocationStatus, Ties
from tests.lianyue.optimiser.exhaustive import first_of_the_best, fitting, made


def test_among_equals_the_first_in_the_stated_order_is_taken() -> None:
    """Where prices and scores repeat, the award is the one that exhaustive search finds first, and says so."""
    given = list(itertools.islice(fitting(range(20_000, 20_900), coarse=True), 60))

    answers = [allocate(each, Highs()) for each in given]

    found = [(answer.awards, answer.ties) for answer in answers if answer.awards]
    assert [first for first in map(first_of_the_best, given) if first is not None] == found
    assert 5 < sum(ties is Ties.SETTLED for _, ties in found)


def shuffled(document: dict[str, Any], seed: int) -> dict[str, Any]:
    """The same portfolio written in another order."""
    other = copy.deepcopy(document)
    chance = random.Random(seed)
    for part in ("members", "contracts", "constraints"):
        chance.shuffle(other["spec"][part])
    for contract in other["spec"]["contracts"]:
        chance.shuffle(contract["quotes"])
    return other


@pytest.mark.parametrize("seed", range(4))
def test_the_order_of_the_file_changes_nothing(seed: int) -> None:
    """Members, contracts, quotes and rules in another order give the same answer, also where equals abound."""
    document = portfolio(24, 6, seed)
    for contract in document["spec"]["contracts"]:
        for quote in contract["quotes"]:
            quote["price_fen"] = contract["value_fen"]  # everybody asks the same

    answers = [allocate(made(each), Highs()) for each in (document, shuffled(document, 1), shuffled(document, 2))]

    assert [answers[0]] * 3 == answers


def test_any_equal_award_leads_to_the_same() -> None:
    """Whichever of the equal awards a solver comes upon, the one that is given out is the same."""
    given = made(level(portfolio(12, 5, 4)))
    first = allocate(given, Highs())
    asking = Asking(given, Highs(), Effort())

    taken = set()
    for place in range(0, len(given.options), 5):
        other = asking.first_by(given.spec.objective.aims[0], first.objectives[0], (), wish(given, place))
        chosen = tuple(column for column, value in enumerate(other.values) if value)
        taken.add(settled(asking, Equals(chosen, first.objectives, ()), 1_000))

    assert {(best_chosen(given, first.awards), Ties.SETTLED)} == taken


def level(document: dict[str, Any]) -> dict[str, Any]:
    """The same portfolio where everybody asks the same and nobody has a bonus."""
    for contract in document["spec"]["contracts"]:
        for quote in contract["quotes"]:
            quote["price_fen"] = contract["value_fen"]
    document["spec"]["constraints"] = [each for each in document["spec"]["constraints"] if each["id"] != "bonus"]
    return document


def wish(given: Any, place: int) -> list[int]:
    """A wish for one option."""
    return [-(column == place) for column in range(len(given.options))]


def best_chosen(given: Any, awards: Any) -> tuple[int, ...]:
    """The places of the options that are awarded."""
    held = {(each.contract, each.member, each.share_bp, each.role) for each in awards}
    return tuple(place for place, option in enumerate(given.options) if option.key in held)


class Impatient(Highs):
    """A solver that has no time."""

    def solve(self, program: Program, effort: Effort) -> Verdict:
        """Find nothing."""
        del program, effort
        return Verdict(AllocationStatus.UNKNOWN)


def test_what_cannot_be_settled_is_open_and_not_lost() -> None:
    """Where the searches among equals do not end, the proven award stays, and the answer says `open`."""
    given = made(portfolio(12, 5, 4))
    best = best_of(given, Highs())

    found = settled(Asking(given, Impatient(), Effort()), Equals(best.chosen, best.values, best.rows), best.nodes)

    assert (best.chosen, Ties.OPEN) == found

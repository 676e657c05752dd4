"""Which of several equally good awards is taken: the first in the stated order, whatever solver is asked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from lianyue.optimiser.aiming import Asking, chosen_of
from lianyue.optimiser.solver import Verdict, nodes_for
from rules.portfolio.answer import AllocationStatus, Role, Ties
from rules.portfolio.model import Row

TIES = "ties"

MOST_ROUNDS = 12
"""So many searches look for options that some best award takes; after that every option counts as one."""

LARGEST_BLOCK = 2**12
"""So many ways at most are told apart by the wishes of one search; more would drown a fen in the solver's tolerance."""


@dataclass(frozen=True)
class Equals:
    """A best award to be settled: the last aim's value, and the rows that the awards as good as it keep besides."""

    chosen: tuple[int, ...]
    values: tuple[int, ...]
    rows: tuple[Row, ...]


class _UnsettledError(Exception):
    """A search did not prove what it was asked."""


def settled(asking: Asking, best: Equals, nodes: int) -> tuple[tuple[int, ...], Ties]:
    """
    Return the first of the awards that are as good as *best* by every aim, and whether there was more than one.

    The order is that of `Ties`. *nodes* is what the proof of the best one took; each search here may take a few times
    as many. Where one is not enough, the best award is returned as it was, with `Ties.OPEN`.
    """
    few = 4 * (nodes + 25)
    effort = replace(asking.effort, nodes=min(few, asking.effort.nodes or nodes_for(asking.model.width)))
    settling = _Settling(replace(asking, effort=effort), best)
    try:
        taken = settling.taken_by_any()
        if taken == set(best.chosen):
            return best.chosen, Ties.NONE
        return settling.first_of(taken), Ties.SETTLED
    except _UnsettledError:
        return best.chosen, Ties.OPEN


class _Settling:
    def __init__(self, asking: Asking, best: Equals) -> None:
        self.asking = asking
        self.best = best
        self.width = len(asking.portfolio.options)

    def taken_by_any(self) -> set[int]:
        """The places that some best award takes: each search looks for one with as many new ones as can be."""
        taken = set(self.best.chosen)
        for _ in range(MOST_ROUNDS):
            found = self._first([0 if place in taken else -1 for place in range(self.width)], self.best.rows)
            if taken.issuperset(found):
                return taken
            taken.update(found)
        return set(range(self.width))

    def first_of(self, places: set[int]) -> tuple[int, ...]:
        """The best award that comes first, made of *places*: block after block of wishes, each kept for the next."""
        chosen, rows, left = self.best.chosen, self.best.rows, set(places)
        for block in _blocks(self._digits(places)):
            wishes = _wishes(block, self.width)
            if sum(wishes[place] for place in chosen) > _least(block):
                chosen = self._first(wishes, rows, left)
            for digit in block:
                left -= {place for place in digit if place not in chosen}
                rows = (*rows, *(Row(TIES, (place,), (1,), 1, None) for place in digit if place in chosen))
        return chosen

    def _first(self, wishes: Sequence[int], rows: tuple[Row, ...], columns: set[int] | None = None) -> tuple[int, ...]:
        aim, value = self.asking.portfolio.spec.objective.aims[-1], self.best.values[-1]
        verdict: Verdict = self.asking.first_by(aim, value, rows, wishes, columns or ())
        chosen = chosen_of(verdict.values)
        if verdict.status is not AllocationStatus.OPTIMAL or self.asking.values_of(chosen) != self.best.values:
            raise _UnsettledError
        return chosen

    def _digits(self, places: set[int]) -> Iterator[dict[int, int]]:
        """
        What is wished for, the more important first: by place, the less the better.

        Of a contract that goes to one member the ranks of its options; of a divided one each option by itself.
        """
        options = self.asking.portfolio.options
        for mine in self.asking.portfolio.by_contract.values():
            ranked = sorted((place for place in mine if place in places), key=self._rank)
            if all(options[place].role is Role.SOLE for place in mine):
                yield {place: rank for rank, place in enumerate(ranked)}
            else:
                yield from ({place: -1} for place in ranked)

    def _rank(self, place: int) -> tuple[bool, int, int, str, int]:
        option = self.asking.portfolio.options[place]
        score, price = self._quoted[option.contract, option.member]
        return option.role is Role.SUB, -score, price, option.member, -option.share_bp

    @property
    def _quoted(self) -> Mapping[tuple[str, str], tuple[int, int]]:
        return self.asking.portfolio.quoted


def _blocks(digits: Iterator[dict[int, int]]) -> Iterator[list[dict[int, int]]]:
    block: list[dict[int, int]] = []
    for digit in digits:
        if block and _ways([*block, digit]) > LARGEST_BLOCK:
            yield block
            block = []
        block.append(digit)
    if block:
        yield block


def _ways(block: Sequence[Mapping[int, int]]) -> int:
    ways = 1
    for digit in block:
        ways *= max(2, len(digit))
    return ways


def _wishes(block: Sequence[Mapping[int, int]], width: int) -> list[int]:
    wishes = [0] * width
    for place, digit in enumerate(block):
        weight = _ways(block[place + 1 :])
        for column, wish in digit.items():
            wishes[column] = wish * weight
    return wishes


def _least(block: Sequence[Mapping[int, int]]) -> int:
    """The sum of wishes below which no award can come: the first of the digits at their best."""
    return sum(min(digit.values()) * _ways(block[place + 1 :]) for place, digit in enumerate(block))

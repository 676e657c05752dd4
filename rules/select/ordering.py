"""Order by a measure, then by the policy's tie keys, with a record of which key separated whom."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from contracts.decision import TieBreak
from rules.select.ranking import Contender, Contest, Ranked

Measure = Callable[[Contender], Any]
"""What ranks a contender, ascending: whole numbers, fractions or text."""


def by_score(contender: Contender) -> int:
    """The higher score first."""
    return -contender.score_bp


def by_price(contender: Contender) -> int:
    """The lower price first."""
    return contender.price_fen


def ranked(contest: Contest, measure: Measure) -> Ranked:
    """Rank by *measure*, ascending, then by the tie keys."""
    ordered = sorted(contest.contenders, key=lambda contender: (measure(contender), *contender.tie))
    groups = _groups(ordered, measure)
    return Ranked(
        ranks=tuple(tuple(contender.code for contender in group) for group in groups),
        ties=tuple(tie for group in groups for tie in _ties(contest.keys, group, 0)),
    )


def _groups(ordered: Sequence[Contender], value: Measure) -> list[list[Contender]]:
    """Neighbours of equal *value* together."""
    groups: list[list[Contender]] = []
    for contender in ordered:
        if groups and value(groups[-1][0]) == value(contender):
            groups[-1].append(contender)
        else:
            groups.append([contender])
    return groups


def _ties(keys: Sequence[str], group: Sequence[Contender], depth: int) -> Iterator[TieBreak]:
    """By which key each lot of equals in *group* was put in order."""
    if len(group) < 2:
        return
    parts = _groups(group, lambda contender: contender.tie[depth])
    if len(parts) > 1:
        yield TieBreak(members=tuple(contender.code for contender in group), by=keys[depth])
    for part in parts:
        yield from _ties(keys, part, depth + 1)

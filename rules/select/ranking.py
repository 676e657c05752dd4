"""Who: the eligible members in order, best first, and which of them the policy's method selects."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from contracts.decision import DecisionOutcome, TieBreak
from contracts.errors import Invalid
from contracts.facts import QueueFacts
from rules.select.methods import Cascade, Direct, MiniCompetition, RankBy, Rotation, Scored, Select, TopK


@dataclass(frozen=True)
class Contender:
    """An eligible member with what ranks it: score, price, and the values of the policy's tie keys."""

    code: str
    score_bp: int
    price_fen: int
    tie: tuple[Any, ...]


@dataclass(frozen=True)
class Terms:
    """What the method knows besides the contenders: the evaluated parameters, the queue, and who has declined."""

    ceiling_fen: int | None = None
    member: str | None = None
    queue: QueueFacts | None = None
    declined: tuple[str, ...] = ()


@dataclass(frozen=True)
class Selected:
    """
    What a method came to.

    ``ranking`` lists all contenders that the method admits; ``ranks`` the same with equals together; ``over`` those
    above the ceiling. ``turns`` are the turns of the queue that this award uses up.
    """

    outcome: DecisionOutcome
    ranking: tuple[str, ...] = ()
    selected: tuple[str, ...] = ()
    ranks: tuple[tuple[str, ...], ...] = ()
    ties: tuple[TieBreak, ...] = ()
    over: tuple[str, ...] = ()
    ceiling_fen: int | None = None
    turns: tuple[str, ...] = ()
    note: str = ""


def select(method: Select, keys: Sequence[str], contenders: Sequence[Contender], terms: Terms) -> Selected:
    """
    Rank *contenders* and select by *method*; *keys* are the texts of the tie keys.

    The order in which the contenders come in is irrelevant. There is at least one.

    Raises:
        Invalid: If a rotation has no queue of the name it needs.
    """
    match method:
        case Direct():
            return _direct(keys, contenders, terms)
        case MiniCompetition():
            return _mini_competition(method, keys, contenders, terms)
        case Rotation():
            return _rotation(method, keys, contenders, terms)
        case Scored():
            return _first(keys, contenders, _by_score, 1)
        case Cascade():
            return _first(keys, contenders, _measure(method.rank_by), 1)
        case TopK():
            return _top_k(method, keys, contenders)


def _direct(keys: Sequence[str], contenders: Sequence[Contender], terms: Terms) -> Selected:
    """Put the named member first; the others follow by the tie keys alone."""
    named = terms.member or ""
    found = _first(keys, contenders, lambda contender: int(contender.code != named), 1)
    if found.ranking[0] == named:
        return Selected(found.outcome, found.ranking, (named,), ranks=found.ranks)
    note = f"直接选定的成员 {named} 不在合格成员之列"
    return Selected(DecisionOutcome.NO_ELIGIBLE, found.ranking, note=note)


def _mini_competition(
    method: MiniCompetition, keys: Sequence[str], contenders: Sequence[Contender], terms: Terms
) -> Selected:
    if len(contenders) < method.min_quotes:
        ranking = _first(keys, contenders, _by_price, 0).ranking
        note = f"有效报价 {len(contenders)} 份，少于要求的 {method.min_quotes} 份"
        return Selected(DecisionOutcome.TOO_FEW_QUOTES, ranking, note=note)
    ceiling = terms.ceiling_fen
    over = [c for c in contenders if ceiling is not None and c.price_fen > ceiling]
    within = [c for c in contenders if c not in over]
    codes = tuple(sorted(contender.code for contender in over))
    if not within:
        return Selected(DecisionOutcome.ABOVE_CEILING, over=codes, ceiling_fen=ceiling, note="全部报价均高于最高限价")
    return replace(_first(keys, within, _by_price, 1), over=codes, ceiling_fen=ceiling)


def _rotation(method: Rotation, keys: Sequence[str], contenders: Sequence[Contender], terms: Terms) -> Selected:
    order = _turns_from(method.queue, terms.queue)
    place = {code: index for index, code in enumerate(order)}
    found = _first(keys, contenders, lambda contender: place.get(contender.code, len(order)), 1)
    chosen = found.ranking[0]
    passed = order[: place[chosen]] if chosen in place else order
    used = [code for code in passed if method.decline_consumes_turn and code in terms.declined]
    return replace(found, turns=(*used, chosen))


def _turns_from(name: str, queue: QueueFacts | None) -> tuple[str, ...]:
    """The queue's order, beginning behind the one who had the last turn."""
    if queue is None or queue.name != name:
        raise Invalid(f"the policy rotates over the queue {name!r}, which is not among the facts")
    start = queue.order.index(queue.last) + 1 if queue.last in queue.order else 0
    return (*queue.order[start:], *queue.order[:start])


def _top_k(method: TopK, keys: Sequence[str], contenders: Sequence[Contender]) -> Selected:
    found = _first(keys, contenders, _measure(method.rank_by), method.k_max)
    if len(found.selected) >= method.k_min:
        return found
    note = f"合格成员 {len(found.selected)} 家，少于要求的 {method.k_min} 家"
    return Selected(DecisionOutcome.TOO_FEW_QUOTES, found.ranking, ranks=found.ranks, ties=found.ties, note=note)


Measure = Callable[[Contender], int]


def _by_score(contender: Contender) -> int:
    return -contender.score_bp


def _by_price(contender: Contender) -> int:
    return contender.price_fen


def _measure(rank_by: RankBy) -> Measure:
    return _by_score if rank_by is RankBy.SCORED else _by_price


def _first(keys: Sequence[str], contenders: Sequence[Contender], measure: Measure, count: int) -> Selected:
    """Rank by *measure*, ascending, then by the tie keys, and select the first *count*."""
    ordered = sorted(contenders, key=lambda contender: (measure(contender), *contender.tie))
    groups = _groups(ordered, measure)
    ranking = tuple(contender.code for contender in ordered)
    return Selected(
        DecisionOutcome.AWARDED,
        ranking,
        ranking[:count],
        ranks=tuple(tuple(contender.code for contender in group) for group in groups),
        ties=tuple(tie for group in groups for tie in _ties(keys, group, 0)),
    )


def _groups(ordered: Sequence[Contender], value: Callable[[Contender], Any]) -> list[list[Contender]]:
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

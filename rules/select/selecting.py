"""Who: the policy's method put to the eligible members, and how many of its ranking it selects."""

from __future__ import annotations

from collections.abc import Sequence

from contracts.decision import DecisionOutcome
from rules.select.capping import stay_below_caps
from rules.select.declining import reason_in
from rules.select.lottery import draw
from rules.select.merit import by_deficit, compete
from rules.select.methods import (
    BalancedCap,
    Cascade,
    Deficit,
    Direct,
    Incumbent,
    Lottery,
    MiniCompetition,
    Optimise,
    RankBy,
    Rotation,
    Scored,
    Select,
    Territory,
    TopK,
    WeightedRotation,
    Word,
)
from rules.select.optimising import optimise
from rules.select.ordering import by_price, by_score, ranked
from rules.select.preferring import keep_incumbent, stay_at_home, take_named
from rules.select.ranking import Contender, Contest, Ranked, Selected, Terms
from rules.select.turns import rotate
from rules.select.weighting import rotate_by_weight


def select(method: Select, keys: Sequence[str], contenders: Sequence[Contender], terms: Terms) -> Selected:
    """
    Rank *contenders* and select by *method*; *keys* are the texts of the tie keys.

    The order in which the contenders come in is irrelevant. There is at least one.

    Raises:
        Invalid: If the queue or the draw that the method needs is not among the facts, the seed is not the one
            committed to, or an optimisation exceeds its budget.
    """
    contest = Contest(keys, tuple(contenders), terms)
    match method:
        case TopK():
            return _first(rank(method.rank_by, contest), method.k_min, method.k_max)
        case Optimise():
            found, selected = optimise(method, contest)
            return _selected(found, selected)
        case Cascade():
            return _cascade(method, contest)
        case Direct():
            return _first(take_named(method, contest), 1, 1)
        case _:
            return _first(rank(method, contest), 1, 1)


def rank(by: RankBy, contest: Contest) -> Ranked:
    """Put everybody in order by *by*."""
    match by:
        case Word.SCORED | Scored():
            return ranked(contest, by_score)
        case Word.PRICE:
            return ranked(contest, by_price)
        case MiniCompetition():
            return compete(by, contest)
        case Deficit():
            return by_deficit(by, contest)
        case Lottery():
            return draw(contest)
        case Rotation() | WeightedRotation() | BalancedCap():
            return _rank_by_queue(by, contest)
        case Incumbent():
            return keep_incumbent(by, contest, lambda others: rank(by.rank_by, others))
        case Territory():
            fallback = by.rank_by
            return stay_at_home(by, contest, None if fallback is None else lambda others: rank(fallback, others))


def _rank_by_queue(method: Rotation | WeightedRotation | BalancedCap, contest: Contest) -> Ranked:
    match method:
        case Rotation():
            return rotate(method, contest)
        case WeightedRotation():
            return rotate_by_weight(method, contest)
        case BalancedCap():
            return stay_below_caps(method, contest)


def _cascade(method: Cascade, contest: Contest) -> Selected:
    """The first of the ranking, unless somebody declined for a reason that the policy does not list."""
    found = rank(method.rank_by, contest)
    unnamed = [
        f"{code}（{text}）"
        for code, text in sorted(contest.terms.declined.items())
        if method.decline_reasons and reason_in(text) not in method.decline_reasons
    ]
    if unnamed:
        note = f"谢绝的理由不在可以递补之列：{'、'.join(unnamed)}"
        return Selected(DecisionOutcome.EXHAUSTED, found.order, ranks=found.ranks, barred=found.barred, note=note)
    return _first(found, 1, 1)


def _first(found: Ranked, fewest: int, most: int) -> Selected:
    """The first of a ranking, at least *fewest* and at most *most*; nobody, if it says so or there are too few."""
    if found.outcome is not DecisionOutcome.AWARDED:
        return _selected(found, ())
    if len(found.open) < fewest:
        note = f"合格成员 {len(found.open)} 家，少于要求的 {fewest} 家"
        return Selected(
            DecisionOutcome.TOO_FEW_QUOTES,
            found.order,
            ranks=found.ranks,
            ties=found.ties,
            barred=found.barred,
            note=note,
        )
    return _selected(found, found.open[:most])


def _selected(found: Ranked, selected: tuple[str, ...]) -> Selected:
    turn = found.turn(selected)
    return Selected(
        found.outcome,
        found.order,
        selected,
        ranks=found.ranks,
        ties=found.ties,
        barred=found.barred,
        turns=turn.used,
        queue=turn.queue,
        abnormally_low=found.abnormally_low,
        note=found.note,
    )

"""Staying with one member of a queue until its cap is reached, then going on to the next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from contracts.decision import DecisionOutcome, ExclusionReason
from contracts.facts import QueueFacts
from contracts.money import yuan
from rules.documents.policy import OVER_CAP
from rules.select.methods import BalancedCap, Oversize
from rules.select.ordering import ranked
from rules.select.ranking import Contender, Contest, Ranked, Turn
from rules.select.turns import joined, needed_queue


def stay_below_caps(method: BalancedCap, contest: Contest) -> Ranked:
    """
    Rank those with room for the lot, beginning with the current member of the queue.

    Raises:
        Invalid: If the facts do not hold the queue.
    """
    queue = joined(needed_queue(method.queue, contest.terms), contest)
    queue = queue.model_copy(update={"served": (), "joining": ()})
    lot = contest.terms.amount_fen
    if all(lot > each.measure for each in contest.contenders):
        return _oversize(method, contest, queue)
    barred = {each.code: _over(each, lot) for each in contest.contenders if each.awarded_fen + lot > each.measure}
    within = [each for each in contest.contenders if each.code not in barred]
    if not within:
        return Ranked(barred=barred, outcome=DecisionOutcome.NO_ELIGIBLE, note="合格成员的剩余限额均不足以承接")
    return replace(_queued(contest.of(within), queue, 0), barred=barred)


def _oversize(method: BalancedCap, contest: Contest, queue: QueueFacts) -> Ranked:
    """A lot above every cap: nobody's, or whose turn comes behind the current member."""
    note = f"标的额 {yuan(contest.terms.amount_fen)} 高于每个合格成员的限额"
    if method.oversize is Oversize.NEXT:
        return replace(_queued(contest, queue, 1), note=f"{note}，按次序由下一成员承接")
    barred = {each.code: _over(each, contest.terms.amount_fen) for each in contest.contenders}
    return Ranked(barred=barred, outcome=DecisionOutcome.NO_ELIGIBLE, note=note)


def _queued(contest: Contest, queue: QueueFacts, behind: int) -> Ranked:
    """Rank by the queue from the current member on, or so many places *behind* it."""
    start = queue.order.index(queue.last) + behind if queue.last in queue.order else 0
    order = (*queue.order[start:], *queue.order[:start])
    found = ranked(contest, lambda contender: order.index(contender.code))
    return replace(found, turn=lambda selected: _taken(queue, selected))


def _taken(queue: QueueFacts, selected: Sequence[str]) -> Turn:
    """The queue stays with the first of *selected*."""
    if not selected:
        return Turn()
    return Turn((selected[0],), queue.model_copy(update={"last": selected[0]}))


def _over(contender: Contender, lot_fen: int) -> ExclusionReason:
    given, cap = contender.awarded_fen, contender.measure
    return ExclusionReason(
        rule=OVER_CAP,
        message=f"已承接 {yuan(given)}，加上本次 {yuan(lot_fen)} 超过限额 {yuan(cap)}",
        reads={"cap_fen": cap, "contract.value_fen": lot_fen, "ledger.awarded_fen": given},
    )

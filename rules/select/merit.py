"""Ranking by what members offer and have been given: score, price under a ceiling, and deficit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

from contracts.decision import DecisionOutcome, ExclusionReason
from contracts.money import yuan
from rules.documents.policy import ABOVE_CEILING
from rules.select.methods import Deficit, MiniCompetition
from rules.select.ordering import by_price, ranked
from rules.select.ranking import Contender, Contest, Ranked, told

WHOLE_BP = 10_000


def compete(method: MiniCompetition, contest: Contest) -> Ranked:
    """Rank by price those at or below the ceiling; too few quotes, or none within it, select nobody."""
    found = len(contest.contenders)
    if found < method.min_quotes:
        note = f"有效报价 {found} 份，少于要求的 {method.min_quotes} 份"
        return Ranked(ranked(contest, by_price).ranks, outcome=DecisionOutcome.TOO_FEW_QUOTES, note=note)
    ceiling = ceiling_for(method, contest.terms.ceiling_fen, contest.terms.quantity)
    over = [each for each in contest.contenders if ceiling is not None and each.price_fen > ceiling]
    barred = {each.code: _over(each, ceiling or 0) for each in over}
    within = [each for each in contest.contenders if each.code not in barred]
    if not within:
        return Ranked(barred=barred, outcome=DecisionOutcome.ABOVE_CEILING, note="全部报价均高于最高限价")
    low = abnormally_low(method.abnormally_low_bp or WHOLE_BP, contest.contenders)
    note = f"报价异常偏低，须作出说明：{'、'.join(low)}" if low else ""
    lowered = f"按数量降低后的最高限价为 {yuan(ceiling or 0)}" if ceiling != contest.terms.ceiling_fen else ""
    return replace(ranked(contest.of(within), by_price), barred=barred, abnormally_low=low, note=told(lowered, note))


def ceiling_for(method: MiniCompetition, ceiling_fen: int | None, quantity: int) -> int | None:
    """Return P(1 − d(Q)), rounded down to the fen: the ceiling lowered by the last discount that *quantity* reaches."""
    reached = [line.discount_bp for line in method.discounts if line.from_quantity <= quantity]
    if ceiling_fen is None or not reached:
        return ceiling_fen
    return ceiling_fen * (WHOLE_BP - reached[-1]) // WHOLE_BP


def abnormally_low(margin_bp: int, contenders: Sequence[Contender]) -> tuple[str, ...]:
    """Say who quotes less than (1 − *margin_bp*) of the median, by code; between two middle prices lies their mean."""
    prices = sorted(each.price_fen for each in contenders)
    middle = len(prices) // 2
    twice_median = prices[middle] + prices[-middle - 1]
    low = [each for each in contenders if 2 * WHOLE_BP * each.price_fen < (WHOLE_BP - margin_bp) * twice_median]
    return tuple(sorted(each.code for each in low))


def _over(contender: Contender, ceiling_fen: int) -> ExclusionReason:
    return ExclusionReason(
        rule=ABOVE_CEILING,
        message=f"报价 {yuan(contender.price_fen)}，高于最高限价 {yuan(ceiling_fen)}",
        reads={"quote.price_fen": contender.price_fen, "ceiling_fen": ceiling_fen},
    )


def by_deficit(method: Deficit, contest: Contest) -> Ranked:
    """Rank by H/τ, or (H + T)/τ, as exact fractions; every contender has a positive target."""
    ahead = contest.terms.amount_fen if method.look_ahead else 0
    return ranked(contest, lambda contender: Fraction(contender.awarded_fen + ahead, contender.measure))

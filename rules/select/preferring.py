"""One member before all others: named outright, the incumbent, or the one whose territory it is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from contracts.decision import DecisionOutcome
from contracts.money import yuan
from rules.select.methods import Direct, Incumbent, Territory
from rules.select.ordering import ranked
from rules.select.ranking import Contest, Ranked, Turn, told

WHOLE_BP = 10_000
Rank = Callable[[Contest], Ranked]
"""The ranking that a method builds on."""


def take_named(method: Direct, contest: Contest) -> Ranked:
    """Put the named member first; the others follow by the tie keys alone. Too dear a contract selects nobody."""
    named, limit = contest.terms.member or "", contest.terms.limit_fen
    found = ranked(contest, lambda contender: int(contender.code != named))
    if limit is not None and contest.terms.amount_fen > limit:
        note = f"合同额 {yuan(contest.terms.amount_fen)} 超过直接选定的限额 {yuan(limit)}"
        return Ranked(found.ranks, outcome=DecisionOutcome.NO_ELIGIBLE, note=note)
    if contest.find(named) is None:
        note = f"直接选定的成员 {named} 不在合格成员之列"
        return Ranked(found.ranks, outcome=DecisionOutcome.NO_ELIGIBLE, note=note)
    return Ranked(found.ranks, note=f"直接选定，理由：{method.rationale.value}")


def keep_incumbent(method: Incumbent, contest: Contest, rank: Rank) -> Ranked:
    """Put the incumbent before the others if it may be kept; else everybody as *rank* says, and a note why."""
    incumbent = contest.terms.incumbent
    if not incumbent:
        return rank(contest)
    obstacle = _obstacle(method, contest)
    if not obstacle:
        note = f"续用现任 {incumbent}，第 {contest.terms.renewals + 1} 次"
        return _before_the_others(contest, incumbent, rank, note)
    found = rank(contest)
    return replace(found, note=told(f"不续用现任 {incumbent}：{obstacle}", found.note))


def stay_at_home(method: Territory, contest: Contest, rank: Rank | None) -> Ranked:
    """Put the home member of the park before the others; without one, everybody as *rank* says, or nobody."""
    park = contest.terms.park
    home = method.homes.get(park, "")
    basis = f"属地依据：{method.basis}"
    if contest.find(home):
        return _before_the_others(contest, home, rank or _nobody, basis)
    missing = f"属地成员 {home} 不在合格成员之列" if home else f"园区 {park} 没有属地成员"
    found = (rank or _nobody)(contest)
    return replace(found, note=told(basis, missing, found.note))


def _obstacle(method: Incumbent, contest: Contest) -> str:
    """Why the incumbent may not be kept, or nothing."""
    incumbent = contest.find(contest.terms.incumbent)
    best = min(contender.price_fen for contender in contest.contenders)
    if incumbent is None:
        return "不在合格成员之列"
    if contest.terms.renewals >= method.max_renewals:
        return f"已续用 {contest.terms.renewals} 次，最多 {method.max_renewals} 次"
    if incumbent.score_bp < method.min_score_bp:
        return f"得分 {incumbent.score_bp} 低于 {method.min_score_bp}"
    if incumbent.price_fen * WHOLE_BP > (WHOLE_BP + method.premium_bp) * best:
        return f"报价 {yuan(incumbent.price_fen)} 高于最低报价 {yuan(best)} 的 {WHOLE_BP + method.premium_bp} 基点"
    return ""


def _before_the_others(contest: Contest, first: str, rank: Rank, note: str) -> Ranked:
    """Put *first* before the others, who follow as *rank* says; it takes no turn of theirs."""
    others = contest.of([contender for contender in contest.contenders if contender.code != first])
    if not others.contenders:
        return Ranked(((first,),), note=note)
    rest = rank(others)

    def turn(selected: Sequence[str]) -> Turn:
        return rest.turn([code for code in selected if code != first])

    return replace(
        rest,
        ranks=((first,), *rest.ranks),
        outcome=DecisionOutcome.AWARDED,
        note=told(note, rest.note),
        selectable=1 + len(rest.open),
        turn=turn,
    )


def _nobody(contest: Contest) -> Ranked:
    """Everybody by the tie keys alone, and none of them to be selected."""
    return replace(ranked(contest, lambda _: 0), outcome=DecisionOutcome.NO_ELIGIBLE)

"""From the answer for a portfolio to the decision of each contract, with its reasons in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from contracts.decision import Decision, DecisionOutcome, ExclusionReason, Share
from contracts.money import split, yuan
from rules.decide import ENGINE, facts_digest
from rules.documents.policy import AmountSource
from rules.portfolio.answer import Allocation, Award, AwardReason, PassedOver
from rules.portfolio.documents import Aim
from rules.portfolio.gathering import Entry

CAPACITY = "capacity:"
"""What the names of capacities begin with: ``capacity:LGWY:m2``."""

METHOD = "portfolio"
"""The method of selection and of division of whatever was decided together with others."""


def decision_of(portfolio: str, entry: Entry, allocation: Allocation, titles: Mapping[str, str]) -> Decision:
    """
    Return the decision of the contract of *entry* as *allocation* came out.

    The amount is the contract's value where its policy says so, else what the members quoted. ``ranking`` has the
    eligible members by price. *titles* calls constraints by id.
    """
    assessment, number = entry.assessment, entry.contract.number
    awards = [award for award in allocation.awards if award.contract == number]
    reason = next((each for each in allocation.reasons if each.contract == number), None)
    shares = _shares(entry, awards)
    return Decision(
        outcome=DecisionOutcome.AWARDED,
        policy=assessment.reference,
        facts_digest=facts_digest(entry.facts),
        method=METHOD,
        division=METHOD,
        eligible=tuple(assessment.prices),
        excluded=assessment.excluded,
        scores=assessment.scores,
        ranking=tuple(sorted(assessment.prices, key=lambda code: (assessment.prices[code], code))),
        selected=tuple(share.member for share in shares),
        amount_fen=sum(share.amount_fen for share in shares),
        shares=shares,
        trace=assessment.trace,
        engine=f"{ENGINE}; {allocation.engine}",
        note=note_of(portfolio, reason, titles, allocation.aims[0] if allocation.aims else ""),
        waived=assessment.waived,
        after=assessment.after,
    )


def note_of(portfolio: str, reason: AwardReason | None, titles: Mapping[str, str], aim: str) -> str:
    """Say where the winner's price stood, and of each quote that is better by *aim* why it was not taken."""
    said = [f"组合{portfolio}整体决定"]
    if reason is not None:
        said.append(f"价格第{reason.rank}名（共{reason.quotes}家）")
        divided = len(reason.members) > 1
        said += [_passed_over(each, titles, aim, divided) for each in reason.passed_over]
    return "；".join(said)


def reason_for_nobody(excluded: Mapping[str, Sequence[ExclusionReason]]) -> str:
    """Say why a contract has nobody at all to go to: the rules, and against how many; never against whom."""
    against = Counter(reasons[0].rule for reasons in excluded.values())
    told = [f"{rule} {against[rule]}家" for rule in sorted(against)]
    return f"没有可以承接的成员单位（{'、'.join(told)}）" if told else "没有可以承接的成员单位"


def conflict_in_words(conflict: Sequence[str], conflict_with: Sequence[str], titles: Mapping[str, str]) -> str:
    """Name the rules that cannot hold together, and the resources that are too scarce; never whose."""
    rules = [rule for rule in conflict if not rule.startswith(CAPACITY)]
    scarce = sorted({rule.split(":")[2] for rule in (*conflict, *conflict_with) if rule.startswith(CAPACITY)})
    named = [*(_named(rule, titles) for rule in rules), *(f"能力上限 {resource}" for resource in scarce)]
    return f"规则不能同时满足：{'、'.join(named) or '报价'}"


def _passed_over(each: PassedOver, titles: Mapping[str, str], aim: str, divided: bool) -> str:
    who = f"{each.member}比{each.instead_of}" if divided else each.member
    better = f"{who}低{yuan(each.saves)}" if aim == Aim.PRICE else f"{who}更优"
    if each.breaks:
        return f"{better}，但会违反{'、'.join(_named(rule, titles) for rule in each.breaks)}"
    return f"{better}，但须与其他合同同时调整"


def _named(rule: str, titles: Mapping[str, str]) -> str:
    if rule.startswith(CAPACITY):
        return f"能力上限 {rule.removeprefix(CAPACITY)}"
    return f"{rule}（{titles[rule]}）" if titles.get(rule) else rule


def _shares(entry: Entry, awards: Sequence[Award]) -> tuple[Share, ...]:
    if entry.assessment.amount is AmountSource.VALUE:
        parts = split(entry.contract.value_fen, {award.member: award.share_bp for award in awards})
    else:
        parts = {award.member: award.price_fen for award in awards}
    return tuple(Share(member=award.member, amount_fen=parts[award.member]) for award in awards)

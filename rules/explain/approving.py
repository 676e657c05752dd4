"""Who must approve an award and why, what silence leads to, and who may not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from contracts.approval import ApprovalPlan, ApprovalTimeout
from contracts.decision import ApprovalNeed, Decision
from rules.explain.tongue import Tongue


def approvals_told(plan: ApprovalPlan, decision: Decision, tongue: Tongue) -> Iterator[str]:
    """Tell the *plan*: band and further lines with their people, time limits, recusals, and exceptions to be seen."""
    if not plan.needs:
        yield tongue.say("no approval")
        return
    for rule in dict.fromkeys(need.rule for need in plan.needs):
        needs = [need for need in plan.needs if need.rule == rule]
        because = tongue.note(needs[0].because)
        yield tongue.say("approval", rule=rule, people=_people(needs, tongue), because=because)
    for timeout in plan.timeouts:
        then = _then(timeout, tongue)
        yield tongue.say("time limit", rule=timeout.rule, days=timeout.working_days, then=then)
    if plan.timeouts:
        yield tongue.say("silence")
    yield tongue.say("distinct" if plan.distinct_persons else "not distinct")
    if plan.starter:
        yield tongue.say("starter", who=tongue.member(plan.starter))
    yield from _recused(plan, tongue)
    names = dict.fromkeys(waiver.name for waivers in decision.waived.values() for waiver in waivers)
    if names:
        yield tongue.say("exceptions used", names=tongue.row(list(names)))


def _recused(plan: ApprovalPlan, tongue: Tongue) -> Iterator[str]:
    for user, recusals in plan.recused.items():
        for recusal in recusals:
            message, who = tongue.note(recusal.message), tongue.member(user)
            told = tongue.say("recused", who=who, rule=recusal.rule, message=message)
            source = tongue.say("rule source", reference=recusal.reference) if recusal.reference else ""
            yield tongue.joined([part for part in (told, source) if part])


def _then(timeout: ApprovalTimeout, tongue: Tongue) -> str:
    if not timeout.instead:
        return tongue.say("then reminded")
    return tongue.say("then others", people=_people(timeout.instead, tongue))


def _people(needs: Sequence[ApprovalNeed], tongue: Tongue) -> str:
    return tongue.row([tongue.people(need.count, need.role) for need in needs])

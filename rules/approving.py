"""Approving by a plan: whether somebody may, who is asked when time runs out, and whether there are enough people."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from contracts.approval import ApprovalPlan, ApprovalTimeout, SignerFacts
from contracts.calendar import iso_day
from contracts.decision import ApprovalNeed
from contracts.organisation import Actor, Mandate, Role


def may_approve(
    plan: ApprovalPlan, role: Role | None, actor: Actor, approved_by: Sequence[Actor], day: int
) -> str | None:
    """
    Return why *actor* may not approve the award of *plan* in *role* on epoch *day*, or nothing if they may.

    *approved_by* are those who have approved it already. Whoever acts for somebody counts as both persons: neither may
    have started the contract, be recused, or have approved before. Without a *role* only the person is looked at.
    """
    return next(_obstacles(plan, role, actor, approved_by, day), None)


def outstanding(timeout: ApprovalTimeout, given: Sequence[str]) -> tuple[ApprovalNeed, ...]:
    """Return who is to be asked instead, less the people of each role who have approved already (*given*, by role)."""
    left = list(given)
    needs = []
    for need in timeout.instead:
        taken = min(need.count, left.count(need.role))
        for _ in range(taken):
            left.remove(need.role)
        if taken < need.count:
            needs.append(need.model_copy(update={"count": need.count - taken}))
    return tuple(needs)


def shortfalls(plan: ApprovalPlan) -> tuple[str, ...]:
    """
    Say of which roles *plan* asks more people than may approve.

    Where each role by itself has enough, say whether different people can take them all.
    """
    fit = [signer for signer in plan.signers if signer.user != plan.starter and signer.user not in plan.recused]
    wanted = [need.role for need in plan.needs for _ in range(need.count)]
    found = []
    for role in dict.fromkeys(wanted):
        held = sum(role in signer.roles for signer in fit)
        if held < wanted.count(role):
            found.append(f"{wanted.count(role)} of the role {role} must approve, and {held} may")
    if not found and plan.distinct_persons and _matched(wanted, fit) < len(wanted):
        found.append(f"{len(wanted)} different people must approve, and fewer can take one of these roles each")
    return tuple(found)


def _obstacles(
    plan: ApprovalPlan, role: Role | None, actor: Actor, approved_by: Sequence[Actor], day: int
) -> Iterator[str]:
    if plan.starter in actor.persons:
        yield f"{plan.starter} started this contract and cannot approve its award"
    if actor.mandate:
        yield from _mandate_obstacles(plan, actor, actor.mandate, day)
    examined = [signer.user for signer in plan.signers]
    for user in actor.persons:
        for recusal in plan.recused.get(user, ()):
            yield f"{user} is recused by {recusal.rule}: {recusal.message}"
        if user not in examined:
            yield f"{user} was not among the people of the office when this was decided; have somebody else approve"
    for other in approved_by:
        same = [user for user in actor.persons if user in other.persons]
        if same and (plan.distinct_persons or actor.mandate or other.mandate):
            yield f"{same[0]} has approved this award already; another person must"
    if role is not None and not actor.acts_as(role):
        yield f"{actor.persons[-1]} does not hold the role {role}"


def _mandate_obstacles(plan: ApprovalPlan, actor: Actor, mandate: Mandate, day: int) -> Iterator[str]:
    whose = f"the authority of {mandate.principal}"
    if plan.mandate_depth < 1:
        yield f"the authority matrix lets nobody hand over the authority to approve; {mandate.principal} must"
    if mandate.company != actor.company:
        yield f"{whose} is that of {mandate.company}, not of {actor.company}"
    if plan.mandates_must_be_dated and mandate.to_day is None:
        yield f"{whose} was handed over without a last day, which the authority matrix does not allow"
    if day < mandate.from_day:
        yield f"{whose} is handed over from {iso_day(mandate.from_day)}; today is {iso_day(day)}"
    if mandate.to_day is not None and day >= mandate.to_day:
        yield f"{whose} was handed over up to {iso_day(mandate.to_day)}, exclusive; today is {iso_day(day)}"


def _matched(wanted: Sequence[str], people: Sequence[SignerFacts]) -> int:
    """The most of the *wanted* roles that distinct *people* can take: augmenting paths, as in any bipartite graph."""
    taker: dict[int, int] = {}

    def seated(place: int, tried: list[int]) -> bool:
        for index, person in enumerate(people):
            if wanted[place] in person.roles and index not in tried:
                tried.append(index)
                if index not in taker or seated(taker[index], tried):
                    taker[index] = place
                    return True
        return False

    return sum(seated(place, []) for place in range(len(wanted)))

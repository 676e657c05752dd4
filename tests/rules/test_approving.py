"""Approving by a plan: who may, who is asked next, whether there are enough; and the plan that a matrix makes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.approval import ApprovalPlan, ApprovalTimeout, OnTimeout, Recusal, SignerFacts
from contracts.decision import ApprovalNeed
from contracts.organisation import Actor, Mandate, Role
from rules.approving import may_approve, outstanding, shortfalls

DAY = 20_270
OFFICER, LEAD = Role.DESK_OFFICER, Role.FINANCE_LEAD
DIGEST = "sha256:" + "0" * 64
USERS = ("anna", "bert", "cora", "dana")


def signer(user: str, *roles: Role) -> SignerFacts:
    """Somebody of the office."""
    return SignerFacts(user=user, company="OFFICE", roles=roles)


def actor(user: str, *roles: Role, by: Mandate | None = None) -> Actor:
    """Somebody who acts."""
    return Actor(user=user, company="OFFICE", roles=roles, mandate=by)


def mandate(principal: str, *roles: Role, from_day: int = DAY, to_day: int | None = DAY + 1, **changes: str) -> Mandate:
    """What *principal* handed over."""
    values = {"digest": DIGEST, "company": "OFFICE", **changes}
    return Mandate(principal=principal, roles=roles, from_day=from_day, to_day=to_day, **values)


PLAN = ApprovalPlan(
    mandate_depth=1,
    starter="dana",
    signers=tuple(signer(user, OFFICER) for user in USERS),
    recused={"cora": (Recusal(rule="related", message="有关联关系"),)},
)
TWICE = "has approved this award already; another person must"


@pytest.mark.parametrize(
    ("who", "approved_by", "expected"),
    [
        (actor("anna", OFFICER), (), None),
        (actor("anna", LEAD), (), "anna does not hold the role desk_officer"),
        (actor("dana", OFFICER), (), "dana started this contract and cannot approve its award"),
        (actor("cora", OFFICER), (), "cora is recused by related: 有关联关系"),
        (actor("anna", OFFICER), (actor("anna", OFFICER),), f"anna {TWICE}"),
        (actor("bert", OFFICER), (actor("anna", OFFICER),), None),
        (actor("bert", by=mandate("anna", OFFICER)), (), None),
        (actor("bert", OFFICER, by=mandate("anna", LEAD)), (), "anna does not hold the role desk_officer"),
        (actor("bert", by=mandate("dana", OFFICER)), (), "dana started this contract and cannot approve its award"),
        (actor("bert", by=mandate("cora", OFFICER)), (), "cora is recused by related: 有关联关系"),
        (actor("cora", by=mandate("anna", OFFICER)), (), "cora is recused by related: 有关联关系"),
        (actor("bert", by=mandate("anna", OFFICER)), (actor("anna", OFFICER),), f"anna {TWICE}"),
        (actor("anna", OFFICER), (actor("bert", by=mandate("anna", OFFICER)),), f"anna {TWICE}"),
        (
            actor("bert", by=mandate("anna", OFFICER, company="NORTH")),
            (),
            "the authority of anna is that of NORTH, not of OFFICE",
        ),
        (
            actor("bert", by=mandate("anna", OFFICER, to_day=None)),
            (),
            "the authority of anna was handed over without a last day, which the authority matrix does not allow",
        ),
        (
            actor("bert", by=mandate("anna", OFFICER, to_day=DAY)),
            (),
            "the authority of anna was handed over up to 2025-07-01, exclusive; today is 2025-07-01",
        ),
        (
            actor("bert", by=mandate("anna", OFFICER, from_day=DAY + 1, to_day=DAY + 2)),
            (),
            "the authority of anna is handed over from 2025-07-02; today is 2025-07-01",
        ),
    ],
)
def test_who_may_not_approve_is_told_why(who: Actor, approved_by: tuple[Actor, ...], expected: str | None) -> None:
    """The starter, the recused, the same person twice, and all of them looked at through a mandate."""
    assert expected == may_approve(PLAN, OFFICER, who, approved_by, DAY)


def test_without_delegation_nobody_acts_for_another() -> None:
    """A matrix that does not speak of delegation allows none."""
    plan = PLAN.model_copy(update={"mandate_depth": 0})

    told = may_approve(plan, OFFICER, actor("bert", by=mandate("anna", OFFICER)), (), DAY)

    assert "the authority matrix lets nobody hand over the authority to approve; anna must" == told


def test_where_persons_need_not_differ_nobody_approves_for_two() -> None:
    """The same person may approve twice, but not once as themselves and once as somebody else."""
    plan = PLAN.model_copy(update={"distinct_persons": False})
    own, other = actor("bert", OFFICER), actor("bert", by=mandate("anna", OFFICER))

    assert None is may_approve(plan, OFFICER, own, (own,), DAY)
    assert f"bert {TWICE}" == may_approve(plan, OFFICER, other, (own,), DAY)
    assert f"bert {TWICE}" == may_approve(plan, OFFICER, own, (other,), DAY)


@given(st.lists(st.tuples(st.sampled_from(USERS), st.none() | st.sampled_from(USERS)), max_size=8))
def test_nobody_counts_twice(acts: list[tuple[str, str | None]]) -> None:
    """However people act for one another, those whom an award's approvals count for are all different."""
    approved: list[Actor] = []
    for user, principal in acts:
        by = mandate(principal, OFFICER) if principal and principal != user else None
        who = actor(user, OFFICER, by=by)
        if may_approve(PLAN, OFFICER, who, approved, DAY) is None:
            approved.append(who)

    persons = [person for who in approved for person in who.persons]
    assert sorted(set(persons)) == sorted(persons)
    assert {"cora", "dana"}.isdisjoint(persons)


def need(role: Role, count: int, rule: str = "next") -> ApprovalNeed:
    """So many people of *role*."""
    return ApprovalNeed(role=role, count=count, rule=rule)


def test_what_was_given_is_taken_off_what_is_asked_instead() -> None:
    """The next band asks for two leads and an officer; one lead has approved, and an auditor counts for nobody."""
    limit = ApprovalTimeout(
        rule="small",
        working_days=5,
        on_timeout=OnTimeout.ESCALATE_ONE_BAND,
        instead=(need(LEAD, 2), need(OFFICER, 1)),
    )

    assert (need(LEAD, 1), need(OFFICER, 1)) == outstanding(limit, ["finance_lead", "auditor"])


def test_too_few_of_a_role_are_told() -> None:
    """The starter and the recused are none of those who may."""
    plan = PLAN.model_copy(update={"needs": (need(OFFICER, 3),)})

    assert ("3 of the role desk_officer must approve, and 2 may",) == shortfalls(plan)


def test_enough_of_each_role_may_still_be_too_few_people() -> None:
    """One person who holds both roles cannot take both places, unless persons need not differ."""
    both = ApprovalPlan(needs=(need(OFFICER, 1), need(LEAD, 1)), signers=(signer("anna", OFFICER, LEAD),))

    assert ("2 different people must approve, and fewer can take one of these roles each",) == shortfalls(both)
    assert () == shortfalls(both.model_copy(update={"distinct_persons": False}))


def test_people_are_seated_where_they_are_needed() -> None:
    """Whoever holds two roles gives way to whoever holds one of them only."""
    plan = ApprovalPlan(
        needs=(need(OFFICER, 1), need(LEAD, 1)),
        signers=(signer("anna", OFFICER, LEAD), signer("bert", OFFICER)),
    )

    assert () == shortfalls(plan)

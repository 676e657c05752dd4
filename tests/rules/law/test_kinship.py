"""Companies that may not compete: one head, control up the chain, a common controller; and consortia."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from contracts.facts import Candidate, ConsortiumFacts, ContractFacts, Facts, MemberFacts
from rules.law.kinship import kin, lowest_grade


def facts(*members: MemberFacts, **contract: Any) -> Facts:
    """A lot that *members* bid for."""
    return Facts(
        decision_day="2025-08-01",
        contract=ContractFacts(
            number="LY-2025-0001", category="pv", client="LGCX", park="fengxian", value_fen=100, quantity=1,
            starts_day=20_301, ends_day=20_400, **contract,
        ),
        candidates=tuple(Candidate(member=member) for member in members),
    )  # fmt: skip


PARENT = MemberFacts(code="LGAA", person_in_charge="甲")
CHILD = MemberFacts(code="LGBB", controllers=("LGCC", "LGAA"))
SISTER = MemberFacts(code="LGDD", controllers=("LGCC",), person_in_charge="甲")
STRANGER = MemberFacts(code="LGEE")


def test_control_up_the_chain_and_one_head_make_companies_related() -> None:
    """A grandparent is a controller too; a common controller alone makes sisters."""
    lot = facts(PARENT, CHILD, SISTER, STRANGER)

    assert {"related_candidates": ["LGBB", "LGDD"], "sister_candidates": []} == kin(lot, PARENT)
    assert {"related_candidates": ["LGAA"], "sister_candidates": ["LGDD"]} == kin(lot, CHILD)
    assert {"related_candidates": [], "sister_candidates": []} == kin(lot, STRANGER)


def test_members_of_one_consortium_do_not_compete() -> None:
    """They bid as one."""
    together = ConsortiumFacts(code="east", lead="LGAA", members=("LGAA", "LGBB"))

    found = kin(facts(PARENT, CHILD, SISTER, consortia=(together,)), PARENT)

    assert {"related_candidates": ["LGDD"], "sister_candidates": []} == found


def test_companies_without_a_stated_head_have_none_in_common() -> None:
    """What is not known is not equal."""
    assert {"related_candidates": [], "sister_candidates": []} == kin(facts(STRANGER, CHILD), STRANGER)


members = st.builds(
    MemberFacts,
    code=st.sampled_from(["LGAA", "LGBB", "LGCC", "LGDD"]),
    controllers=st.lists(st.sampled_from(["LGAA", "LGBB", "LGJT"]), max_size=2, unique=True).map(tuple),
    person_in_charge=st.sampled_from(["", "甲", "乙"]),
)


@given(field=st.lists(members, unique_by=lambda member: member.code, min_size=2))
def test_kinship_is_mutual(field: list[MemberFacts]) -> None:
    """Nobody is related to a company that is not related to it, and nobody is both."""
    lot = facts(*field)
    found = {member.code: kin(lot, member) for member in field}

    for code, of in found.items():
        for kind, codes in of.items():
            assert all(code in found[other][kind] for other in codes)
        assert [] == [other for other in of["sister_candidates"] if other in of["related_candidates"]]


def test_a_consortium_has_the_grade_of_its_lowest_member() -> None:
    """Without a grade of one of them it has none."""
    graded = [MemberFacts(code="LGAA", grade=1), MemberFacts(code="LGBB", grade=3), MemberFacts(code="LGCC")]

    assert [3, 0, 0, 0] == [
        lowest_grade(codes, graded) for codes in (["LGAA", "LGBB"], ["LGAA", "LGCC"], ["LGAA", "LGZZ"], [])
    ]

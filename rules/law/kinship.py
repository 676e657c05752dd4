"""Companies that may not compete for one lot: who controls whom, who has one head, and who bids as one."""

from __future__ import annotations

from collections.abc import Iterable

from contracts.facts import Facts, MemberFacts
from contracts.value import Code


def kin(facts: Facts, member: MemberFacts) -> dict[str, list[str]]:
    """
    Return, as rules read them, the other candidates that *member* may not compete with, sorted by code.

    ``related_candidates`` are those that 《招标投标法实施条例》第三十四条 names: the same person in charge, or one
    controlling or managing the other. ``sister_candidates`` have a controller in common and are not related in that
    sense. Candidates of the same consortium bid as one and are neither.
    """
    others = [each.member for each in facts.candidates]
    related = [other.code for other in others if are_related(member, other)]
    sisters = [other.code for other in others if are_sisters(member, other) and other.code not in related]
    return {
        "related_candidates": sorted(code for code in related if _compete(facts, member.code, code)),
        "sister_candidates": sorted(code for code in sisters if _compete(facts, member.code, code)),
    }


def kin_of_all(facts: Facts) -> dict[str, dict[str, list[str]]]:
    """Return the `kin` of every candidate, by its code; where nobody states a link, nobody has to be compared."""
    members = [each.member for each in facts.candidates]
    are_linked = any(each.controllers or each.person_in_charge for each in members)
    none: dict[str, list[str]] = {"related_candidates": [], "sister_candidates": []}
    return {each.code: kin(facts, each) if are_linked else none for each in members}


def are_related(one: MemberFacts, other: MemberFacts) -> bool:
    """Whether both have the same person in charge, or one controls or manages the other, directly or not."""
    same_head = one.person_in_charge != "" and one.person_in_charge == other.person_in_charge
    return same_head or one.code in other.controllers or other.code in one.controllers


def are_sisters(one: MemberFacts, other: MemberFacts) -> bool:
    """Whether a third company controls both."""
    return any(controller in other.controllers for controller in one.controllers)


def lowest_grade(codes: Iterable[Code], members: Iterable[MemberFacts]) -> int:
    """
    Return the lowest grade among the members with *codes*, 1 being the highest; nought if one of them has none.

    《招标投标法》第三十一条: a consortium of one trade is graded at its lowest member's level.
    """
    graded = {member.code: member.grade for member in members}
    grades = [graded.get(code, 0) for code in codes]
    return max(grades) if grades and all(grades) else 0


def _compete(facts: Facts, one: Code, other: Code) -> bool:
    together = any(one in each.members and other in each.members for each in facts.contract.consortia)
    return one != other and not together

"""The checker catches what is planted: every wrong award is refused for the reason it is wrong."""

from __future__ import annotations

import json
from typing import Any

import pytest

from lianyue.optimiser.deciding import AnswerRefused, refuse_breaches
from lianyue.optimiser.files import json_source
from rules.portfolio.answer import Award, Role
from rules.portfolio.checking import breaches, carried_on
from rules.portfolio.compiled import CompiledPortfolio, compiled

N = [f"LY-2025-{number:04}" for number in range(1, 5)]
RULES: list[dict[str, Any]] = [
    {"id": "cap", "type": "max_share_bp", "value": 6_000},
    {"id": "floor", "type": "min_share_bp", "of": {"member": "CC"}, "value": 1_000},
    {"id": "few", "type": "max_suppliers", "of": {"category": "pv"}, "value": 1},
    {"id": "many", "type": "min_suppliers", "value": 3},
    {"id": "most", "type": "max_contracts", "value": 2},
    {"id": "some", "type": "min_contracts", "of": {"member": "BB"}, "value": 1},
    {"id": "not", "type": "exclude", "of": {"member": "CC", "contract": N[0]}},
    {"id": "only", "type": "require", "of": {"contract": N[3], "grade": "A"}},
    {"id": "grade", "type": "max_grade_share_bp", "of": {"grade": "C"}, "value": 4_000},
    {"id": "pair", "type": "not_both", "of": {"category": "property"}, "members": ["BB", "CC"]},
    {"id": "apart", "type": "not_both", "of": {"member": "AA"}, "contracts": [N[0], N[2]]},
    {"id": "due", "type": "max_forgone_bp", "of": {"contract": [N[0], N[1]]}, "value": 5_000},
    {"id": "quota", "type": "quota", "quotas_bp": {"AA": 3_000}, "carried_fen": {"AA": -5}, "tolerance_bp": 500},
]


def given() -> CompiledPortfolio:
    """Three members, four contracts of a hundred fen, and a rule of nearly every kind."""
    members = [
        {"code": code, "grade": grade, "capacity": {"m2": room}}
        for code, grade, room in (("AA", "A", 30), ("BB", "A", 20), ("CC", "C", 20))
    ]
    contracts = [
        {
            "number": number,
            "category": "pv" if place in (1, 2) else "property",
            "value_fen": 100,
            "needs": {"m2": 10},
            "divisible": place == 2,
            "quotes": [{"member": code, "price_fen": 90 + extra} for extra, code in enumerate(("AA", "BB", "CC"))],
        }
        for place, number in enumerate(N)
    ]
    spec = {"decision_day": "2025-07-01", "members": members, "contracts": contracts, "constraints": RULES}
    document = {"apiVersion": "lianyue/v1", "kind": "Portfolio", "metadata": {"name": "x"}, "spec": spec}
    return compiled(json_source(json.dumps(document), "x"))


def award(place: int, member: str, price: int = 0, share: int = 10_000) -> Award:
    """An award of the contract at *place*, at the price that was quoted."""
    quoted = 90 + ("AA", "BB", "CC").index(member) if member in ("AA", "BB", "CC") else 1
    return Award(contract=N[place], member=member, price_fen=price or quoted, share_bp=share)


GOOD = (award(0, "AA"), award(1, "CC"), award(2, "CC"), award(3, "BB"))


def rules_broken(*awards: Award) -> set[str]:
    """The rules that *awards* break."""
    portfolio = given()
    return {breach.rule for breach in breaches(portfolio.spec, portfolio.reaches, awards)}


def test_a_good_award_passes_but_for_the_rule_it_breaks() -> None:
    """The award the others are made from breaks one cap only, which shows that nothing else is wrong with it."""
    assert {"grade"} == rules_broken(*GOOD)


@pytest.mark.parametrize(
    ("awards", "expected"),
    [
        ((*GOOD[:3],), {"award", "many", "some", "grade"}),
        ((*GOOD, award(3, "AA")), {"award", "grade"}),
        ((award(0, "AA", price=89), *GOOD[1:]), {"award"}),
        ((award(0, "DD"), *GOOD[1:]), {"award"}),
        ((award(0, "AA", share=4_000), *GOOD[1:]), {"award"}),
        (
            (award(0, "CC"), *GOOD[1:]),
            {"not", "most", "cap", "quota", "many", "grade", "pair", "due", "capacity:CC:m2"},
        ),
        ((*GOOD[:3], award(3, "CC")), {"only", "most", "cap", "many", "some", "grade", "capacity:CC:m2"}),
        ((GOOD[0], award(1, "BB"), GOOD[2], GOOD[3]), {"few"}),
        ((GOOD[0], award(1, "AA"), award(2, "AA"), GOOD[3]), {"cap", "most", "many", "floor", "apart"}),
        ((award(0, "BB"), *GOOD[1:]), {"many", "quota", "grade", "due"}),
        ((GOOD[0], award(1, "BB"), award(2, "BB"), GOOD[3]), {"cap", "most", "many", "floor", "capacity:BB:m2"}),
    ],
)
def test_a_planted_wrong_answer_is_caught(awards: tuple[Award, ...], expected: set[str]) -> None:
    """Every planted mistake is found, with every rule it breaks."""
    found = rules_broken(*awards)

    assert expected == found


def led(*awards: tuple[str, int, str, int]) -> set[str]:
    """What is said of a contract of 101 fen that is led: member, share, role and price of each award."""
    document = {
        "apiVersion": "lianyue/v1",
        "kind": "Portfolio",
        "metadata": {"name": "led"},
        "spec": {
            "decision_day": "2025-07-01",
            "members": [{"code": code} for code in ("AA", "BB", "CC")],
            "contracts": [
                {
                    "number": N[0],
                    "category": "pv",
                    "value_fen": 100,
                    "lead_sub": {"lead_min_bp": 4_000, "min_subs": 1, "max_sub_bp": 3_000},
                    "quotes": [{"member": code, "price_fen": price} for code, price in PRICES.items()],
                }
            ],
        },
    }
    portfolio = compiled(json_source(json.dumps(document), "x"))
    made = [
        Award(contract=N[0], member=member, share_bp=share, role=Role(role), price_fen=price)
        for member, share, role, price in awards
    ]
    return {breach.message for breach in breaches(portfolio.spec, portfolio.reaches, made)}


PART = f"{{}} is not the part of {{}} in the lead's price for {N[0]}"
PRICES = {"AA": 101, "BB": 90, "CC": 95}


@pytest.mark.parametrize(
    ("awards", "expected"),
    [
        ([("AA", 7_000, "lead", 71), ("BB", 3_000, "sub", 30)], set()),
        (
            [("AA", 7_000, "lead", 71), ("BB", 3_000, "sub", 27)],
            {PART.format(27, "BB")},
        ),
        (
            [("AA", 7_000, "lead", 70), ("BB", 3_000, "sub", 30)],
            {PART.format(70, "AA")},
        ),
        ([("AA", 7_000, "lead", 71), ("BB", 3_000, "lead", 27)], {f"{N[0]} has 2 leads"}),
        ([("AA", 7_000, "sub", 71), ("BB", 3_000, "sub", 30)], {f"{N[0]} has 0 leads"}),
        ([("AA", 10_000, "sole", 101)], {f"{N[0]} has 0 subs"}),
        ([("AA", 10_000, "lead", 101)], {f"AA cannot be lead with 10000 of {N[0]}", f"{N[0]} has 0 subs"}),
        (
            [("AA", 5_000, "lead", 50), ("BB", 3_000, "sub", 30), ("CC", 2_000, "sub", 20)],
            {f"{N[0]} has 2 subs", PART.format(50, "AA")},
        ),
        (
            [("AA", 3_000, "lead", 30), ("BB", 7_000, "sub", 71)],
            {f"AA leads {N[0]} with 3000 only", f"BB takes 7000 of {N[0]} as a sub"},
        ),
        (
            [("AA", 6_500, "lead", 66), ("BB", 3_500, "sub", 35)],
            {f"{each} of {N[0]} is not made of lots of 1000" for each in (6_500, 3_500)}
            | {f"BB takes 3500 of {N[0]} as a sub"},
        ),
    ],
)
def test_a_lead_and_its_subs_are_checked(awards: list[tuple[str, int, str, int]], expected: set[str]) -> None:
    """One lead with enough of the work, as many subs as there may be, each paid its part of the lead's price."""
    assert expected == led(*awards)


def test_an_answer_that_fails_is_not_given_out() -> None:
    """What breaks a rule raises, with the rule in the message."""
    with pytest.raises(AnswerRefused, match="grade: they receive 200 of 400"):
        refuse_breaches(given(), GOOD)


def test_a_quota_carries_on_what_is_still_owed() -> None:
    """Three tenths of 400, less 5 that were too much before and the 100 received, leave 15 for the next time."""
    portfolio = given()

    assert {"quota": {"AA": 15}} == carried_on(portfolio.spec, portfolio.reaches, GOOD)

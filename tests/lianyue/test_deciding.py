"""What a decision is told of a contract, by the real records and the real activity."""

from __future__ import annotations

from pathlib import Path

from contracts.legal import LegalTerms
from contracts.organisation import Alliance
from lianyue.testing import PRICES, greening_contract, small_alliance
from tests.lianyue.cli.deciding import DecidingHouse

GRADES = {"NORTH": 1, "LAKE": 2, "HILL": 3}


def graded() -> Alliance:
    """The small alliance, each member with its grade for greening."""
    small = small_alliance()
    companies = [
        each.model_copy(update={"grades": {"greening": GRADES[each.code]}}) if each.code in GRADES else each
        for each in small.companies
    ]
    return small.model_copy(update={"companies": tuple(companies)})


def test_a_consortium_is_graded_by_a_member_that_did_not_quote(tmp_path: Path) -> None:
    """The lead quotes for all; the lowest grade among all of them decides, as when it was asked who may quote."""
    east = {"code": "east", "lead": "NORTH", "members": ["NORTH", "LAKE"], "agreed": True}
    legal = LegalTerms.model_validate({"consortia": [east], "least_grade": 2})
    prices = {code: price for code, price in PRICES.items() if code != "LAKE"}

    record = DecidingHouse(tmp_path, alliance=graded()).decide(greening_contract("LY-2025-0001", legal=legal), prices)

    assert [2] == [each.grade for each in record.facts.contract.consortia]
    assert ("NORTH",) == record.decision.eligible
    assert {"HILL": ["grade"]} == {code: [r.rule for r in why] for code, why in record.decision.excluded.items()}

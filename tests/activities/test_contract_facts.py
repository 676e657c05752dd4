"""A contract as rules see it: what its coordinator states, and what follows from it."""

from __future__ import annotations

from typing import Any

from activities.packs import contract_facts
from contracts.facts import Candidate, ConsortiumFacts, MemberFacts, SubcontractFacts
from contracts.legal import LegalTerms
from contracts.service_contract import ServiceContract
from lianyue.packs import categories

PACK = categories()["charging"].pack


def contract(legal: dict[str, Any], terms: dict[str, Any] | None = None) -> ServiceContract:
    """A contract with these legal terms."""
    return ServiceContract(
        number="LY-2025-0001",
        title="充电桩",
        category="charging",
        client="LGCX",
        park="fengxian",
        value_fen=100,
        quantity=1,
        starts_on="2025-08-01",
        ends_on="2026-07-31",
        terms=terms or {},
        legal=LegalTerms.model_validate(legal),
    )


def test_what_is_not_stated_is_the_ordinary_case() -> None:
    """No guard asks for more than the defaults say, and the digest of older facts stays."""
    facts = contract_facts(contract({}), PACK, ())

    stated = facts.model_dump(exclude_defaults=True)
    assert ["category", "client", "ends_day", "number", "park", "quantity", "starts_day", "value_fen"] == sorted(
        field for field in stated if field not in ("required_certificates", "divisible")
    )


def test_legal_terms_become_facts() -> None:
    """Field by field."""
    facts = contract_facts(
        contract(
            {
                "payment": {"within_days": 30, "payer_is_large": False},
                "subcontracts": [{"giver": "LGWY", "taker": "LGNY", "core": True}],
                "consulted_by": ["LGWY", "LGNY"],
                "area_served_by": ["LGWY"],
                "by_territory": True,
                "territory_basis": "service_radius",
                "least_grade": 2,
                "vat_rates_bp": [1300, 600],
                "vat_separate": False,
            }
        ),
        PACK,
        (),
    )

    assert {
        "payment_days": 30,
        "large_payer": False,
        "subcontracts": (SubcontractFacts(giver="LGWY", taker="LGNY", core=True),),
        "consulted_by": ("LGNY", "LGWY"),
        "area_served_by": ("LGWY",),
        "by_territory": True,
        "territory_basis": "service_radius",
        "least_grade": 2,
        "vat_rates_bp": (600, 1300),
        "vat_separate": False,
        "pay_when_paid": False,
    } == {name: getattr(facts, name) for name in [*_LEGAL, "pay_when_paid"]}


_LEGAL = (
    "payment_days",
    "large_payer",
    "subcontracts",
    "consulted_by",
    "area_served_by",
    "by_territory",
    "territory_basis",
    "least_grade",
    "vat_rates_bp",
    "vat_separate",
)


def test_a_consortium_takes_the_lowest_grade_among_all_candidates() -> None:
    """Also of members that will not quote themselves."""
    east = {"code": "east", "lead": "LGWY", "members": ["LGWY", "LGNY"], "agreed": True}
    field = [Candidate(member=MemberFacts(code=code, grade=grade)) for code, grade in (("LGWY", 1), ("LGNY", 3))]

    facts = contract_facts(contract({"consortia": [east]}), PACK, field)

    expected = ConsortiumFacts(code="east", lead="LGWY", members=("LGWY", "LGNY"), agreed=True, grade=3)
    assert (expected,) == facts.consortia


def test_a_clause_in_the_terms_counts_as_stated() -> None:
    """Whoever writes pay-when-paid into the terms need not have ticked the box."""
    found = contract_facts(contract({}, {"notes": "收到业主款项后十日内支付"}), PACK, ())
    stated = contract_facts(contract({"payment": {"after_third_party": True}}), PACK, ())

    assert (True, True) == (found.pay_when_paid, stated.pay_when_paid)

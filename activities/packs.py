"""A contract's pinned category pack, and the facts about the contract that rules may see."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from activities.ports import Texts
from contracts.category import CategoryPack
from contracts.facts import Candidate, ConsortiumFacts, ContractFacts, MemberFacts, SubcontractFacts
from contracts.service_contract import QuotingMode, ServiceContract
from rules.law.clauses import clauses_in
from rules.law.kinship import lowest_grade


def pinned_pack(records: Texts, digest: str) -> CategoryPack:
    """Return the category pack that was published under *digest*."""
    return CategoryPack.model_validate(json.loads(records.text(digest)))


def contract_facts(contract: ServiceContract, pack: CategoryPack, candidates: Sequence[Candidate]) -> ContractFacts:
    """
    Return *contract* as rules see it: with the hard certificates and the divisibility of its category.

    *candidates* are all members to consider, whether they quoted or not; a consortium has the lowest grade among its
    own.
    """
    return ContractFacts(
        number=contract.number,
        category=contract.category,
        client=contract.client,
        park=contract.park,
        value_fen=contract.value_fen,
        quantity=contract.quantity,
        starts_day=contract.starts_day,
        ends_day=contract.ends_day,
        divisible=pack.divisible,
        required_certificates=tuple(sorted(kind.code for kind in pack.certificates if kind.hard)),
        urgent=contract.urgent,
        public_green=contract.public_green,
        tender_mode=contract.tender_mode,
        framework=contract.quoting.mode is QuotingMode.FRAMEWORK,
        excluded_members=tuple(sorted(contract.excluded)),
        needs=dict(sorted(contract.needs.items())),
        signing_working_days=contract.signing.deadline.working_days,
        **_legal_facts(contract, [candidate.member for candidate in candidates]),
        incumbent=contract.incumbent or "",
        renewals=contract.renewals,
    )


def _legal_facts(contract: ServiceContract, members: Sequence[MemberFacts]) -> dict[str, Any]:
    """What the statutory guards ask, as far as the contract states it."""
    legal = contract.legal
    consortia = [
        ConsortiumFacts(**each.model_dump(), grade=lowest_grade(each.members, members)) for each in legal.consortia
    ]
    return {
        "payment_days": legal.payment.within_days,
        "pay_when_paid": legal.payment.after_third_party or bool(clauses_in(contract.terms)),
        "large_payer": legal.payment.payer_is_large,
        "consortia": tuple(consortia),
        "subcontracts": tuple(SubcontractFacts(**each.model_dump()) for each in legal.subcontracts),
        "consulted_by": tuple(sorted(legal.consulted_by)),
        "area_served_by": tuple(sorted(legal.area_served_by)),
        "by_territory": legal.by_territory,
        "territory_basis": legal.territory_basis or "",
        "least_grade": legal.least_grade,
        "vat_rates_bp": tuple(sorted(legal.vat_rates_bp)),
        "vat_separate": legal.vat_separate,
    }

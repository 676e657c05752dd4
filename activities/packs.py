"""A contract's pinned category pack, and the facts about the contract that rules may see."""

from __future__ import annotations

import json

from activities.ports import Records
from contracts.category import CategoryPack
from contracts.facts import ContractFacts
from contracts.service_contract import QuotingMode, ServiceContract


def pinned_pack(records: Records, digest: str) -> CategoryPack:
    """Return the category pack that was published under *digest*."""
    return CategoryPack.model_validate(json.loads(records.text(digest)))


def contract_facts(contract: ServiceContract, pack: CategoryPack) -> ContractFacts:
    """Return *contract* as rules see it: with the hard certificates and the divisibility of its category."""
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
        incumbent=contract.incumbent or "",
        renewals=contract.renewals,
    )

"""
A contract as the Open Contracting Data Standard 1.1 tells it: one release, from the tender to the last settlement.

One award and one contract a member, so that the parts can be added up and no master contract is counted beside them.
Quotes are bids (extension *bids*), the contract is one lot (extension *lots*). Signing stands among the milestones of a
contract, delivery among those of its implementation. Amounts are yuan; the fen are exact. Category and park (extension
*location*) are codes of our own `SCHEME`, so that `lianyue.audit.ocds_import` reads the contract back.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from contracts.service_contract import QuotingMode
from contracts.signed_document import DocumentRevision
from lianyue.audit.views import Told, settled

PREFIX = "ocds-lianyue"
"""Our own; whoever publishes registers one with the Open Contracting Partnership and passes it."""

EXTENSIONS = (
    "https://raw.githubusercontent.com/open-contracting-extensions/ocds_bid_extension/v1.1.5/extension.json",
    "https://raw.githubusercontent.com/open-contracting-extensions/ocds_lots_extension/v1.1.5/extension.json",
    "https://raw.githubusercontent.com/open-contracting-extensions/ocds_location_extension/v1.1.5/extension.json",
)
LOT = "1"
SCHEME = "lianyue"
"""Whose codes categories and parks are."""
METHODS = {QuotingMode.FRAMEWORK: "direct", QuotingMode.INVITED: "limited"}
"""How the standard calls a call-off from a framework, and a call for quotes among invited members."""

Json = dict[str, Any]


def package(releases: list[Json], published: str, publisher: str) -> Json:
    """Return the *releases* as one publication."""
    return {
        "uri": f"urn:lianyue:{PREFIX}:{published}",
        "version": "1.1",
        "extensions": list(EXTENSIONS),
        "publishedDate": published,
        "publisher": {"name": publisher},
        "releases": releases,
    }


def release(told: Told, names: Mapping[str, str], prefix: str = PREFIX) -> Json:
    """Return the release of a contract; *names* calls companies by code."""
    teller = _Teller(told, names)
    parts: Json = {
        "ocid": f"{prefix}-{told.number}",
        "id": f"{told.number}-{sum(len(history.events) for history in told.histories)}",
        "date": teller.last,
        "language": "zh",
        "initiationType": "tender",
        "parties": list(teller.parties()),
        "buyer": teller.organisation(told.order.contract.client),
        "tender": teller.tender(),
        "bids": {"details": list(teller.bids())},
        "awards": list(teller.awards()),
        "contracts": list(teller.contracts()),
    }
    found = {name: value for name, value in parts.items() if value not in ([], {"details": []})}
    return {**found, "tag": _tags(found)}


def yuan(amount_fen: int) -> Json:
    """Return an amount as the standard writes one; a number with at most two places."""
    whole, rest = divmod(amount_fen, 100)
    return {"amount": amount_fen / 100 if rest else whole, "currency": "CNY"}


def _tags(found: Json) -> list[str]:
    tags = ["tender"]
    tags += ["award"] if "awards" in found else []
    tags += ["contract"] if "contracts" in found else []
    tags += ["implementation"] if any("implementation" in each for each in found.get("contracts", ())) else []
    return tags


class _Teller:
    """Tells one contract."""

    def __init__(self, told: Told, names: Mapping[str, str]) -> None:
        self._told = told
        self._names = names
        self._contract = told.order.contract
        happenings = [
            each for done in told.done for each in done.request_json().get("journal", {}).get("happenings", ())
        ]
        self._happened = sorted(happenings, key=lambda each: str(each["at"]))
        self._versions = [answer for _, answer in told.answers("draw_up", "amend")]
        self._in_force = self._versions_in_force()

    @property
    def last(self) -> str:
        """When something happened last."""
        return str(self._happened[-1]["at"]) if self._happened else self._told.order.clock.real_origin.isoformat()

    def organisation(self, code: str) -> Json:
        return {"id": code, "name": self._names.get(code, code)}

    def parties(self) -> Iterator[Json]:
        roles: dict[str, list[str]] = {self._contract.client: ["buyer", "procuringEntity"]}
        roles.setdefault(self._told.order.office, []).append("interestedParty")
        for bid in self.bids():
            roles.setdefault(bid["tenderers"][0]["id"], []).append("tenderer")
        for award in self.awards():
            roles.setdefault(award["suppliers"][0]["id"], []).append("supplier")
        for code in sorted(roles):
            yield {**self.organisation(code), "roles": list(dict.fromkeys(roles[code]))}

    def tender(self) -> Json:
        contract = self._contract
        bids = list(self.bids())
        return {
            "id": f"{contract.number}-tender",
            "title": contract.title,
            "status": self._tender_status(),
            "procuringEntity": self.organisation(contract.client),
            "value": yuan(contract.value_fen),
            "procurementMethod": METHODS[contract.quoting.mode],
            "procurementMethodDetails": contract.tender_mode,
            "mainProcurementCategory": "services",
            "items": [self._item()],
            "lots": [
                {"id": LOT, "title": contract.title, "status": self._tender_status(), "value": yuan(contract.value_fen)}
            ],
            "contractPeriod": _period(contract.starts_on, contract.ends_on),
            "numberOfTenderers": len({bid["tenderers"][0]["id"] for bid in bids}),
            "tenderers": [bid["tenderers"][0] for bid in bids if bid["id"].endswith("-1")],
        }

    def _item(self) -> Json:
        contract = self._contract
        return {
            "id": "1",
            "description": contract.title,
            "classification": {"scheme": SCHEME, "id": contract.category},
            "quantity": contract.quantity,
            "deliveryLocation": {"gazetteer": {"scheme": SCHEME, "identifiers": [contract.park]}},
            "relatedLot": LOT,
        }

    def bids(self) -> Iterator[Json]:
        for _, answer in self._told.answers("open_quotes"):
            for quote in answer["quotes"]:
                yield {
                    "id": f"{self._contract.number}-bid-{quote['member']}-{quote['round']}",
                    "status": "valid",
                    "tenderers": [self.organisation(quote["member"])],
                    "value": yuan(quote["price_fen"]),
                    "relatedLots": [LOT],
                }

    def awards(self) -> Iterator[Json]:
        """One a member: of the agreement in force, or of the last decision while there is none."""
        decided = [answer["decision"] for _, answer in self._told.answers("decide", "take_up")]
        agreement = self._in_force[-1]["agreement"] if self._in_force else None
        shares = agreement["shares"] if agreement else decided[-1]["shares"] if decided else ()
        bids = {bid["tenderers"][0]["id"]: bid["id"] for bid in self.bids()}
        for share in shares:
            member = share["member"]
            award = {
                "id": self._award(member),
                "title": self._contract.title,
                "status": "active"
                if agreement and not self._is_over()
                else "cancelled"
                if self._is_over()
                else "pending",
                "value": yuan(share["amount_fen"]),
                "suppliers": [self.organisation(member)],
                "relatedLots": [LOT],
            }
            yield {**award, "relatedBids": [bids[member]]} if member in bids else award

    def contracts(self) -> Iterator[Json]:
        if not self._in_force:
            return
        agreement = self._in_force[-1]["agreement"]
        for share in agreement["shares"]:
            member = share["member"]
            found = {
                "id": f"{self._contract.number}-contract-{member}",
                "awardID": self._award(member),
                "title": agreement["title"],
                "status": "cancelled" if self._is_over() else "terminated" if self._has("reviewed") else "active",
                "period": _period(agreement["starts_on"], agreement["ends_on"]),
                "value": yuan(share["amount_fen"]),
                "dateSigned": max(_moment(each) for each in self._signatures(1)),
                "milestones": list(self._signings(member)),
                "amendments": list(self._amendments()),
                "implementation": self._implementation(agreement, member),
            }
            yield {name: value for name, value in found.items() if value not in ([], {})}

    def _implementation(self, agreement: Json, member: str) -> Json:
        lines = {line["milestone"]: line for line in settled(self._told) if line["member"] == member}
        milestones = [
            {
                "id": f"{member}-{cell['milestone']}",
                "title": cell["title"],
                "type": "delivery",
                "status": "met" if cell["milestone"] in lines else "scheduled",
            }
            for cell in agreement["instalments"]
            if cell["member"] == member
        ]
        transactions = [
            {
                "id": f"{member}-{name}-settlement",
                "value": yuan(line["payable"]["gross_fen"]),
                "payer": self.organisation(self._contract.client),
                "payee": self.organisation(member),
            }
            for name, line in lines.items()
            if line["payable"]["gross_fen"]
        ]
        found: Json = {"milestones": milestones, "transactions": transactions}
        return {name: value for name, value in found.items() if value}

    def _signings(self, member: str) -> Iterator[Json]:
        number = self._in_force[-1]["agreement"]["version"]
        for signature in self._signatures(len(self._in_force)):
            yield {
                "id": f"{member}-signature-v{number}-{signature.company}",
                "title": f"{self._names.get(signature.company or '', signature.company)}签署",
                "type": "approval",
                "status": "met",
                "dateMet": _moment(signature),
            }

    def _amendments(self) -> Iterator[Json]:
        for version in self._in_force[1:]:
            agreement = version["agreement"]
            yield {
                "id": f"v{agreement['version']}",
                "description": agreement["reason"],
                "rationale": agreement["reason"],
            }

    def _signatures(self, nth: int) -> list[DocumentRevision]:
        """The signatures under the *nth* version that came into force."""
        number = self._in_force[nth - 1]["agreement"]["version"]
        return [each for each in self._told.signed if each.version == number]

    def _versions_in_force(self) -> list[Json]:
        came = [answer["version"] for _, answer in self._told.answers("conclude") if not answer.get("overtaken_by")]
        return [each for each in self._versions if each["agreement"]["version"] in came]

    def _award(self, member: str) -> str:
        return f"{self._contract.number}-award-{member}"

    def _has(self, verb: str) -> bool:
        return any(each["verb"] == verb and not each["task"] for each in self._happened)

    def _is_over(self) -> bool:
        return self._has("cancelled") or self._has("failed")

    def _tender_status(self) -> str:
        if self._in_force:
            return "complete"
        if self._has("cancelled"):
            return "cancelled"
        return "unsuccessful" if self._has("failed") else "active"


def _moment(revision: DocumentRevision) -> str:
    return str(revision.model_dump(mode="json")["at"])


def _period(first: str, last: str) -> Json:
    return {"startDate": f"{first}T00:00:00+08:00", "endDate": f"{last}T23:59:59+08:00"}

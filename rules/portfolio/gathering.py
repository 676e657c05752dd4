"""The portfolio of contracts that have been quoted: their facts and the written rules become one document."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import Field

from contracts.calendar import iso_day
from contracts.decision import Decision, Share
from contracts.facts import ContractFacts, Facts
from contracts.ids import ContractNumber
from contracts.portfolio import Override
from contracts.review import Band
from contracts.value import Authored, Json
from rules.decide import Assessment
from rules.documents.policy import AmountSource
from rules.portfolio.documents import WHOLE_BP, Constraint, Lot, NotBoth, PolicySpec, Portfolio, PortfolioMember

FIXED, OVERRIDE = "fixed", "override"
"""What the ids of added constraints begin with: an award that stands, and a coordinator's word."""


class Lots(Authored):
    """How a contract may be shared out, and when it uses capacity that is stated by period."""

    divisible: bool = False
    min_lot_bp: Lot = 2_500
    periods: tuple[str, ...] = ()


class PortfolioRules(PolicySpec):
    """What a Portfolio file says that does not depend on quotes: objective, constraints, members, lots."""

    members: tuple[PortfolioMember, ...] = ()
    lots: dict[ContractNumber, Lots] = Field(default_factory=dict)


@dataclass(frozen=True)
class Entry:
    """
    A contract of the portfolio with its facts, as its policy assesses them.

    ``held`` is what it has been awarded already and keeps.
    """

    facts: Facts
    assessment: Assessment
    held: tuple[Share, ...] = ()

    @property
    def contract(self) -> ContractFacts:
        """The contract as rules see it."""
        return self.facts.contract


def standing(facts: Facts, decision: Decision) -> Entry:
    """Return a contract whose award stands, as it was decided."""
    assessment = Assessment(
        reference=decision.policy,
        amount=AmountSource.VALUE,
        prices={},
        scores=decision.scores,
        excluded=decision.excluded,
        trace=decision.trace,
        waived=decision.waived,
        after=decision.after,
    )
    return Entry(facts, assessment, decision.shares)


def rules_of(portfolio: Portfolio) -> PortfolioRules:
    """Return what *portfolio* says apart from its contracts and their quotes; only lots and periods of these count."""
    spec = portfolio.spec
    stated = {each.number: each for each in spec.contracts if each.divisible or each.periods}
    return PortfolioRules(
        objective=spec.objective,
        constraints=spec.constraints,
        members=spec.members,
        lots={
            number: Lots(divisible=each.divisible, min_lot_bp=each.min_lot_bp, periods=each.periods)
            for number, each in stated.items()
        },
    )


def gathered(
    name: str,
    day: int,
    rules: PortfolioRules,
    entries: Sequence[Entry],
    free: Mapping[str, Mapping[str, int]],
    overrides: Sequence[Override] = (),
    set_aside: Iterable[str] = (),
) -> tuple[Json, tuple[str, ...]]:
    """
    Return the Portfolio document of *entries*, and the ids of the constraints that count nothing in it any more.

    *free* is what each member has left of its capacity; what the rules say of it goes before. Words of a scope that
    no contract has any more are left out, and with the last of them the constraint. *set_aside* have given way.
    """
    members = _members(rules, entries, free)
    gone = frozenset(set_aside)
    kept: list[Json] = []
    idle: list[str] = []
    known = _known(entries, members)
    for constraint in rules.constraints:
        narrowed = None if constraint.id in gone else _narrowed(constraint, known)
        if narrowed is not None:
            kept.append(narrowed)
        elif constraint.id not in gone:
            idle.append(constraint.id)
    kept += [_overriding(place, each) for place, each in enumerate(overrides, start=1)]
    kept += [each for entry in entries for each in _fixing(rules, entry)]
    spec = {
        "decision_day": iso_day(day),
        "objective": rules.objective.model_dump(mode="json", exclude_defaults=True),
        "constraints": kept,
        "members": members,
        "contracts": [_contract(rules, entry, members) for entry in entries],
    }
    document = {"apiVersion": "lianyue/v1", "kind": "Portfolio", "metadata": {"name": name}, "spec": spec}
    return document, tuple(idle)


def without(document: Json, ids: Iterable[str]) -> Json:
    """Return *document* without the constraints of these *ids*."""
    gone = frozenset(ids)
    spec = document["spec"]
    kept = [each for each in spec["constraints"] if each["id"] not in gone]
    return {**document, "spec": {**spec, "constraints": kept}}


def _members(rules: PortfolioRules, entries: Sequence[Entry], free: Mapping[str, Mapping[str, int]]) -> list[Json]:
    """Every member that has quoted or that the rules name, with a capacity for whatever it may be asked for."""
    written = {each.code: each for each in rules.members}
    facts = {each.member.code: each.member for entry in entries for each in entry.facts.candidates}
    quoting = {code for entry in entries for code in _offers(entry)}
    asked: dict[str, int] = {}
    for entry in entries:
        for resource, amount in entry.contract.needs.items():
            asked[resource] = asked.get(resource, 0) + amount
    found: list[Json] = []
    for code in sorted({*written, *quoting}):
        stated = written.get(code)
        left = free.get(code, {})
        capacity: dict[str, Any] = {resource: max(0, left.get(resource, asked[resource])) for resource in sorted(asked)}
        if stated is not None:
            capacity |= stated.capacity
        grade = (
            stated.grade if stated is not None and stated.grade else _band(facts[code].band if code in facts else "")
        )
        found.append({"code": code, "capacity": capacity, **({"grade": grade} if grade else {})})
    return found


def _band(word: str) -> str | None:
    return word if word in [band.value for band in Band] else None


def _contract(rules: PortfolioRules, entry: Entry, members: Sequence[Json]) -> Json:
    contract, lots = entry.contract, rules.lots.get(entry.contract.number, Lots())
    shares = lots.divisible and len(entry.held) != 1
    known = {member["code"] for member in members}
    return {
        "number": contract.number,
        "category": contract.category,
        "value_fen": contract.value_fen,
        "client": contract.client,
        "park": contract.park,
        **({"incumbent": contract.incumbent} if contract.incumbent in known else {}),
        "needs": dict(contract.needs),
        "periods": list(lots.periods),
        **({"divisible": True, "min_lot_bp": lots.min_lot_bp} if shares else {}),
        "quotes": offers_of(entry),
    }


def offers_of(entry: Entry) -> list[Json]:
    """Return the quotes of *entry* as they stand in the document, by member."""
    return [
        {"member": code, "price_fen": price, "score_bp": _score(entry.assessment, code)}
        for code, price in sorted(_offers(entry).items())
    ]


def _offers(entry: Entry) -> dict[str, int]:
    """The price of everybody who may have the contract; of one that is awarded already, of those who have it."""
    if not entry.held:
        return entry.assessment.prices
    quoted = {each.member.code: each.quote for each in entry.facts.candidates}
    prices = {code: entry.contract.value_fen if quote is None else quote.price_fen for code, quote in quoted.items()}
    return {share.member: prices[share.member] for share in entry.held}


def _score(assessment: Assessment, code: str) -> int:
    return assessment.scores[code].total_bp if code in assessment.scores else 0


def _known(entries: Sequence[Entry], members: Sequence[Json]) -> dict[str, set[str]]:
    contracts = [entry.contract for entry in entries]
    return {
        "category": {each.category for each in contracts},
        "client": {each.client for each in contracts},
        "park": {each.park for each in contracts},
        "contract": {each.number for each in contracts},
        "member": {member["code"] for member in members},
        "grade": {member["grade"] for member in members if "grade" in member},
    }


def _narrowed(constraint: Constraint, known: Mapping[str, set[str]]) -> Json | None:
    """The constraint with the words that something still has; nothing if a field has none, or no two to keep apart."""
    scope: Json = {} if constraint.of.when is None else {"when": constraint.of.when}
    for field, words in known.items():
        said = constraint.of.words(field)
        left = [word for word in said if word in words]
        if said and not left:
            return None
        if left:
            scope[field] = left
    stated = constraint.model_dump(mode="json", exclude_unset=True)
    if isinstance(constraint, NotBoth):
        apart = {"members": constraint.members, "contracts": constraint.contracts}
        kept = {field: [each for each in words if each in known[field[:-1]]] for field, words in apart.items() if words}
        if any(len(words) < 2 for words in kept.values()):
            return None
        stated |= kept
    return {**stated, "type": constraint.type, "of": scope}


def _overriding(place: int, override: Override) -> Json:
    kind = "require" if override.is_required else "exclude"
    scope = {"contract": override.contract, "member": override.member}
    return {"id": f"{OVERRIDE}-{place}", "type": kind, "of": scope}


def _fixing(rules: PortfolioRules, entry: Entry) -> list[Json]:
    """What keeps a divided award as it is; an undivided one is kept by having no other quote."""
    if len(entry.held) < 2:
        return []
    number, lot = entry.contract.number, rules.lots[entry.contract.number].min_lot_bp
    whole = sum(share.amount_fen for share in entry.held)
    return [
        {
            "id": f"{FIXED}-{number}-{share.member}".lower(),
            "type": "max_share_bp",
            "of": {"contract": number, "member": share.member},
            "value": min(WHOLE_BP, _lots(share.amount_fen, whole, lot) + 1),  # one more for what is rounded up
        }
        for share in entry.held
    ]


def _lots(part_fen: int, whole_fen: int, lot_bp: int) -> int:
    """The share in basis points that came to *part_fen*, to the nearest lot."""
    return (2 * part_fen * WHOLE_BP + whole_fen * lot_bp) // (2 * whole_fen * lot_bp) * lot_bp

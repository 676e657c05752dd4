"""Whether a portfolio agrees with itself: names, needs and quotes, before anything is counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from rules.faults import again
from rules.portfolio.documents import WHOLE_BP, LeadSub, PortfolioContract, PortfolioSpec
from rules.problems import Problem, did_you_mean
from rules.source import Path, Source

LARGEST_SUM = 2**50
"""Sums of money and needs stay below it, so that a solver that counts in doubles represents every one exactly."""


def portfolio_faults(source: Source, spec: PortfolioSpec) -> Iterator[Problem]:
    """What is wrong with the members and contracts of a portfolio."""
    contracts: Path = ("spec", "contracts")
    members = {member.code for member in spec.members}
    yield from repeated(source, [each.code for each in spec.members], ("spec", "members"), "code", "member")
    yield from repeated(source, [each.number for each in spec.contracts], contracts, "number", "contract")
    for index, contract in enumerate(spec.contracts):
        yield from _quote_faults(source, contract, (*contracts, index), members)
        yield from _lot_faults(source, contract, (*contracts, index))
    yield from _capacity_faults(source, spec, contracts)
    yield from _sum_faults(source, spec, contracts)


def repeated(source: Source, names: Sequence[str], path: Path, field: str, what: str) -> Iterator[Problem]:
    """Names of a list that stand in it twice; places are looked up only for those, as lists here are long."""
    first: dict[str, int] = {}
    for index, name in enumerate(names):
        if name in first:
            line = source.at((*path, first[name], field)).line
            yield again(source, (*path, index, field), what, name, line)
        first.setdefault(name, index)


def unknown(source: Source, path: Path, what: str, name: str, known: Iterable[str]) -> Problem:
    """Say that the portfolio has no *what* called *name*."""
    message = f"no {what} {name!r} in this portfolio{did_you_mean(name, known)}"
    return source.problem(path, f"unknown-{what}", message)


def _quote_faults(source: Source, contract: PortfolioContract, path: Path, members: set[str]) -> Iterator[Problem]:
    """Quotes of unknown members, of one member twice, or none at all; an unknown incumbent."""
    if not contract.quotes:
        message = f"{contract.number} has no quotes; invite one, or leave the contract out"
        yield source.problem((*path, "quotes"), "no-quotes", message)
    yield from repeated(source, [quote.member for quote in contract.quotes], (*path, "quotes"), "member", "quote of")
    for index, quote in enumerate(contract.quotes):
        if quote.member not in members:
            yield unknown(source, (*path, "quotes", index, "member"), "member", quote.member, members)
    if contract.incumbent is not None and contract.incumbent not in members:
        yield unknown(source, (*path, "incumbent"), "member", contract.incumbent, members)


def _lot_faults(source: Source, contract: PortfolioContract, path: Path) -> Iterator[Problem]:
    """A lot that does not divide the whole, or lots of a contract that is not divisible."""
    if contract.lead_sub is not None:
        yield from _lead_faults(source, contract, contract.lead_sub, (*path, "lead_sub"))
    elif "min_lot_bp" in contract.model_fields_set and not contract.divisible:
        message = f"{contract.number} is not divisible and has no lots; write divisible: true, or leave min_lot_bp out"
        yield source.problem((*path, "min_lot_bp"), "lot", message, key=True)
    elif WHOLE_BP % contract.min_lot_bp:
        message = f"lots of {contract.min_lot_bp} do not make up {WHOLE_BP}; use a divisor such as 1000, 2000 or 2500"
        yield source.problem((*path, "min_lot_bp"), "lot", message)


def _lead_faults(source: Source, contract: PortfolioContract, rule: LeadSub, path: Path) -> Iterator[Problem]:
    """A lead and subs whose parts cannot make up the contract, or for whom too few have quoted."""
    least = rule.min_subs * rule.min_lot_bp
    if contract.divisible or "min_lot_bp" in contract.model_fields_set:
        message = f"{contract.number} goes to a lead; leave divisible and min_lot_bp out, lots stand in lead_sub"
        yield source.problem(path, "lot", message, key=True)
    if WHOLE_BP % rule.min_lot_bp:
        message = f"lots of {rule.min_lot_bp} do not make up {WHOLE_BP}; use a divisor such as 1000, 2000 or 2500"
        yield source.problem((*path, "min_lot_bp"), "lot", message, key=True)
    if rule.min_subs > rule.max_subs:
        message = f"at least {rule.min_subs} subs and at most {rule.max_subs} cannot both hold"
        yield source.problem((*path, "min_subs"), "contradiction", message, key=True)
    if rule.min_lot_bp > min(rule.max_sub_bp, WHOLE_BP - rule.lead_min_bp) or rule.lead_min_bp + least > WHOLE_BP:
        message = f"a lead with {rule.lead_min_bp} leaves no room for subs with {rule.min_lot_bp} each"
        yield source.problem(path, "contradiction", message, key=True)
    if 0 < len(contract.quotes) <= rule.min_subs:
        message = f"a lead and {rule.min_subs} subs cannot be found where only {len(contract.quotes)} have quoted"
        yield source.problem(path, "contradiction", message, key=True)


def _capacity_faults(source: Source, spec: PortfolioSpec, contracts: Path) -> Iterator[Problem]:
    """Needs of a resource of which the quoting member states no capacity, and periods that it does not state."""
    stated = {member.code: member.capacity for member in spec.members}
    for place, contract in enumerate(spec.contracts):
        for index, quote in enumerate(contract.quotes):
            needs = {**contract.needs, **quote.needs}
            for resource in sorted(needs) if quote.member in stated else ():
                path = (*contracts, place, "quotes", index, "member")
                capacity = stated[quote.member].get(resource)
                if capacity is None:
                    yield source.problem(path, "no-capacity", _no_capacity(quote.member, contract.number, resource))
                elif not isinstance(capacity, int):
                    yield from _period_faults(source, contract, path, quote.member, capacity)


def _no_capacity(member: str, number: str, resource: str) -> str:
    return f"{number} needs {resource!r}, of which {member} states no capacity; state it, 0 for none"


def _period_faults(
    source: Source, contract: PortfolioContract, path: Path, member: str, capacity: dict[str, int]
) -> Iterator[Problem]:
    for period in contract.periods:
        if period not in capacity:
            hint = did_you_mean(period, capacity)
            message = f"{contract.number} falls in {period!r}, for which {member} states no capacity{hint}"
            yield source.problem(path, "unknown-period", message)


def _sum_faults(source: Source, spec: PortfolioSpec, contracts: Path) -> Iterator[Problem]:
    """Sums beyond what both int64 and a double hold exactly, objective included."""
    dearest = [max((quote.price_fen for quote in each.quotes), default=0) for each in spec.contracts]
    sums = {"values": sum(each.value_fen for each in spec.contracts), "prices": sum(dearest)}
    needs: Counter[str] = Counter()
    for contract in spec.contracts:
        for resource in sorted({*contract.needs, *(name for quote in contract.quotes for name in quote.needs)}):
            quoted = [quote.needs.get(resource, 0) for quote in contract.quotes]
            needs[resource] += max([contract.needs.get(resource, 0), *quoted])
    sums |= {f"needs of {resource!r}": needs[resource] for resource in sorted(needs)}
    for what, total in sums.items():
        if total > LARGEST_SUM:
            message = f"the {what} sum to {total}, more than {LARGEST_SUM}; split the portfolio"
            yield source.problem(contracts, "overflow", message, key=True)

"""
Whether an award keeps every rule, worked out from the document alone.

Nothing of the model is used here: not its options, rows or costs. An answer that fails is never given out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from rules.portfolio.answer import Award, Role
from rules.portfolio.documents import (
    Aim,
    Constraint,
    Exclude,
    IncumbentBonus,
    LeadSub,
    MaxContracts,
    MaxForgone,
    MaxGradeShare,
    MaxShare,
    MaxSuppliers,
    MinContracts,
    MinShare,
    MinSuppliers,
    NotBoth,
    Objective,
    PortfolioContract,
    PortfolioQuote,
    PortfolioSpec,
    Quota,
    Require,
)
from rules.portfolio.scopes import Reach

WHOLE = 10_000


class Breach(NamedTuple):
    """A rule that an award does not keep, and how."""

    rule: str
    message: str


class _Held(NamedTuple):
    contract: PortfolioContract
    quote: PortfolioQuote
    share_bp: int
    role: Role

    @property
    def pair(self) -> tuple[str, str]:
        return self.contract.number, self.quote.member

    @property
    def value_fen(self) -> int:
        return _part(self.contract.value_fen, self.share_bp)

    @property
    def price_fen(self) -> int:
        """What the client pays for it: a lead is paid for the whole, and pays its subs itself."""
        if self.role is Role.SUB:
            return 0
        return self.quote.price_fen if self.role is Role.LEAD else _part(self.quote.price_fen, self.share_bp)


def breaches(spec: PortfolioSpec, reaches: Mapping[str, Reach], awards: Sequence[Award]) -> tuple[Breach, ...]:
    """Return every rule that *awards* do not keep; none means that the answer may be given out."""
    strange = list(_strangers(spec, awards))
    if strange:
        return tuple(strange)
    held = _held(spec, awards)
    found = [*_unserved(spec, held), *_overloaded(spec, held)]
    for rule in spec.constraints:
        reach = reaches[rule.id]
        inside = [each for each in held if each.pair in reach.pairs]
        broken = (
            _forgone(rule, spec, reach, inside) if isinstance(rule, MaxForgone) else _broken(rule, reach, inside, held)
        )
        found += [Breach(rule.id, message) for message in broken]
    return tuple(found)


def value_of(
    spec: PortfolioSpec, reaches: Mapping[str, Reach], awards: Sequence[Award], aim: Aim, *, bonus: bool = True
) -> int:
    """Return the exact value of *aim* for *awards*; without *bonus* an incumbent is compared at its price."""
    held = _held(spec, awards)
    rules = [rule for rule in spec.constraints if bonus and isinstance(rule, IncumbentBonus)]
    match aim:
        case Aim.PRICE:
            return sum(_compared(each, rules, reaches) for each in held)
        case Aim.SCORE:
            return -sum(_part(each.quote.score_bp, each.share_bp) for each in held)
        case Aim.WEIGHTED:
            return sum(_weighed(each, spec.objective, _compared(each, rules, reaches)) for each in held)
        case Aim.LEAST:
            return -_least(spec, held)


def carried_on(spec: PortfolioSpec, reaches: Mapping[str, Reach], awards: Sequence[Award]) -> dict[str, dict[str, int]]:
    """Return by quota and member what it is owed from now on: its quota and what it was owed, less what it received."""
    held = _held(spec, awards)
    found: dict[str, dict[str, int]] = {}
    for rule in spec.constraints:
        if isinstance(rule, Quota):
            reach = reaches[rule.id]
            received = _received([each for each in held if each.pair in reach.pairs])
            found[rule.id] = {
                member: _part(reach.value_fen, points) + rule.carried_fen.get(member, 0) - received[member]
                for member, points in sorted(rule.quotas_bp.items())
            }
    return found


def _part(amount: int, points: int) -> int:
    """So many basis points of an amount, rounded half away from nought."""
    sign = -1 if amount < 0 else 1
    return sign * ((2 * abs(amount) * points + WHOLE) // (2 * WHOLE))


def _strangers(spec: PortfolioSpec, awards: Sequence[Award]) -> Iterator[Breach]:
    """Awards for which there is no quote, at another price than quoted, twice, or in a part that is no lot."""
    quotes = {(each.number, quote.member): (each, quote) for each in spec.contracts for quote in each.quotes}
    for pair, count in Counter((award.contract, award.member) for award in awards).items():
        if pair not in quotes:
            yield Breach("award", f"{pair[1]} has not quoted for {pair[0]}")
        elif count > 1:
            yield Breach("award", f"{pair[1]} has {pair[0]} twice")
    for award in awards:
        contract, quote = quotes.get((award.contract, award.member), (None, None))
        if contract is None or quote is None:
            continue
        lot = _lot(contract)
        if award.share_bp <= 0 or award.share_bp % lot:
            yield Breach("award", f"{award.share_bp} of {award.contract} is not made of lots of {lot}")
        elif award.role not in _roles(contract, award.share_bp):
            yield Breach("award", f"{award.member} cannot be {award.role} with {award.share_bp} of {award.contract}")
        elif contract.lead_sub is None and award.price_fen != _part(quote.price_fen, award.share_bp):
            yield Breach("award", f"{award.member} has not quoted {award.price_fen} for {award.contract}")
    for number in sorted({award.contract for award in awards}):
        together = [each for each in awards if each.contract == number]
        contract, _ = quotes.get((number, together[0].member), (None, None))
        if contract is not None and contract.lead_sub is not None:
            prices = {quote.member: quote.price_fen for quote in contract.quotes}
            yield from _misled(contract.lead_sub, number, prices, together)


def _lot(contract: PortfolioContract) -> int:
    if contract.lead_sub is not None:
        return contract.lead_sub.min_lot_bp
    return contract.min_lot_bp if contract.divisible else WHOLE


def _roles(contract: PortfolioContract, share_bp: int) -> tuple[Role, ...]:
    if share_bp == WHOLE:
        return (Role.SOLE,)
    return (Role.JOINT,) if contract.lead_sub is None else (Role.LEAD, Role.SUB)


def _misled(rule: LeadSub, number: str, prices: Mapping[str, int], awards: Sequence[Award]) -> Iterator[Breach]:
    """How the lead and the subs of a contract are not as its rule has them, in number, part or price."""
    leads = [each for each in awards if each.role is not Role.SUB]
    subs = [each for each in awards if each.role is Role.SUB]
    if len(leads) != 1:
        yield Breach("award", f"{number} has {len(leads)} leads")
        return
    if not rule.min_subs <= len(subs) <= rule.max_subs:
        yield Breach("award", f"{number} has {len(subs)} subs")
    if leads[0].share_bp < rule.lead_min_bp:
        yield Breach("award", f"{leads[0].member} leads {number} with {leads[0].share_bp} only")
    price = prices.get(leads[0].member, 0)
    left = price - sum(_part(price, sub.share_bp) for sub in subs)
    for sub in subs:
        if sub.share_bp > rule.max_sub_bp:
            yield Breach("award", f"{sub.member} takes {sub.share_bp} of {number} as a sub")
    wrong = [each for each in subs if each.price_fen != _part(price, each.share_bp)]
    for each in [*wrong, *(leads if leads[0].price_fen != left else [])]:
        yield Breach("award", f"{each.price_fen} is not the part of {each.member} in the lead's price for {number}")


def _held(spec: PortfolioSpec, awards: Sequence[Award]) -> list[_Held]:
    quotes = {(each.number, quote.member): (each, quote) for each in spec.contracts for quote in each.quotes}
    return [_Held(*quotes[award.contract, award.member], award.share_bp, award.role) for award in awards]


def _unserved(spec: PortfolioSpec, held: Sequence[_Held]) -> Iterator[Breach]:
    shared: Counter[str] = Counter()
    for each in held:
        shared[each.contract.number] += each.share_bp
    for contract in spec.contracts:
        if shared[contract.number] != WHOLE:
            yield Breach("award", f"{shared[contract.number]} of {WHOLE} of {contract.number} are awarded")


def _overloaded(spec: PortfolioSpec, held: Sequence[_Held]) -> Iterator[Breach]:
    """Members that need more of a resource, in all or in a period, than they have."""
    used: Counter[tuple[str, str, str]] = Counter()
    stated = {member.code: member.capacity for member in spec.members}
    for each in held:
        for resource, need in {**each.contract.needs, **each.quote.needs}.items():
            capacity = stated[each.quote.member].get(resource, 0)
            periods = [""] if isinstance(capacity, int) else each.contract.periods or tuple(capacity)
            for period in periods:
                used[each.quote.member, resource, period] += (need * each.share_bp + WHOLE - 1) // WHOLE
    for (member, resource, period), amount in sorted(used.items()):
        capacity = stated[member].get(resource, 0)
        limit = capacity if isinstance(capacity, int) else capacity[period]
        if amount > limit:
            name = f"capacity:{member}:{resource}" + (f":{period}" if period else "")
            yield Breach(name, f"{member} needs {amount} of {resource} and has {limit}")


def _received(held: Iterable[_Held]) -> Counter[str]:
    total: Counter[str] = Counter()
    for each in held:
        total[each.quote.member] += each.value_fen
    return total


def _broken(rule: Constraint, reach: Reach, inside: Sequence[_Held], held: Sequence[_Held]) -> Iterator[str]:
    """How *rule* is not kept by the awards *inside* its scope, or by those of its contracts outside."""
    received = _received(inside)
    counts = Counter(each.quote.member for each in inside)
    match rule:
        case MaxShare():
            for member in sorted(received):
                if received[member] * WHOLE > reach.value_fen * rule.value:
                    yield f"{member} receives {received[member]} of {reach.value_fen}"
        case MinShare():
            for member in reach.members:
                if received[member] * WHOLE < reach.value_fen * rule.value:
                    yield f"{member} receives only {received[member]} of {reach.value_fen}"
        case MaxSuppliers() if len(counts) > rule.value:
            yield f"{len(counts)} members receive something"
        case MinSuppliers() if len(counts) < rule.value:
            yield f"only {len(counts)} members receive something"
        case MaxContracts():
            yield from (
                f"{member} receives {counts[member]}" for member in sorted(counts) if counts[member] > rule.value
            )
        case MinContracts():
            yield from (
                f"{member} receives {counts[member]}" for member in reach.members if counts[member] < rule.value
            )
        case MaxGradeShare() if sum(received.values()) * WHOLE > reach.value_fen * rule.value:
            yield f"they receive {sum(received.values())} of {reach.value_fen}"
        case NotBoth():
            yield from _paired(rule, inside)
        case Exclude():
            yield from (f"{each.quote.member} receives {each.contract.number}" for each in inside)
        case Require():
            outside = [
                each for each in held if each.contract.number in reach.contracts and each.pair not in reach.pairs
            ]
            yield from (f"{each.quote.member} receives {each.contract.number}" for each in outside)
        case Quota():
            yield from _short(rule, reach, received)
        case _:
            return


def _forgone(rule: MaxForgone, spec: PortfolioSpec, reach: Reach, inside: Sequence[_Held]) -> Iterator[str]:
    """Members that receive too little beside what would be theirs if every contract went to the lowest price."""
    due: Counter[str] = Counter()
    for contract in spec.contracts:
        quotes = [quote for quote in contract.quotes if (contract.number, quote.member) in reach.pairs]
        if quotes:
            due[min(quotes, key=lambda each: (each.price_fen, -each.score_bp, each.member)).member] += (
                contract.value_fen
            )
    received = _received(inside)
    for member in sorted(due):
        if received[member] * WHOLE < due[member] * (WHOLE - rule.value):
            yield f"{member} receives {received[member]} where {due[member]} would be its due by price"


def _paired(rule: NotBoth, inside: Sequence[_Held]) -> Iterator[str]:
    """Members that both receive something, or contracts that both go to one member."""
    together = sorted({each.quote.member for each in inside if each.quote.member in rule.members})
    if len(together) > 1:
        yield f"{' and '.join(together)} receive something"
    for member in sorted({each.quote.member for each in inside}):
        numbers = {each.contract.number for each in inside if each.quote.member == member}
        both = sorted(numbers.intersection(rule.contracts))
        if len(both) > 1:
            yield f"{member} receives {' and '.join(both)}"


def _short(rule: Quota, reach: Reach, received: Mapping[str, int]) -> Iterator[str]:
    for member in sorted(rule.quotas_bp):
        points = rule.quotas_bp[member] - rule.tolerance_bp
        owed = reach.value_fen * points + rule.carried_fen.get(member, 0) * WHOLE
        if received.get(member, 0) * WHOLE < owed:
            yield f"{member} receives {received.get(member, 0)} where it is owed {owed // WHOLE}"


def _compared(each: _Held, rules: Sequence[IncumbentBonus], reaches: Mapping[str, Reach]) -> int:
    """The price at which an award is compared: an incumbent's less the bonuses it has."""
    if each.contract.incumbent != each.quote.member:
        return each.price_fen
    points = sum(rule.value for rule in rules if each.pair in reaches[rule.id].pairs)
    return each.price_fen - _part(each.value_fen, points)


def _weighed(each: _Held, objective: Objective, price: int) -> int:
    worth = _part(each.contract.value_fen, _part(each.quote.score_bp, each.share_bp))
    return _part(price, objective.price_bp or 0) - _part(worth, objective.score_bp or 0)


def _least(spec: PortfolioSpec, held: Sequence[_Held]) -> int:
    received = _received(held)
    return min(received[quote.member] for contract in spec.contracts for quote in contract.quotes)

"""What may be awarded: for every quote one option, or one for each part that it may take and how it takes it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from contracts.money import share_of
from rules.portfolio.answer import Award, Role
from rules.portfolio.documents import WHOLE_BP, PortfolioContract, PortfolioQuote, PortfolioSpec


@dataclass(frozen=True, slots=True)
class Option:
    """
    One possible award: a member does ``share_bp`` of a contract in a ``role``.

    ``price_fen``, ``value_fen`` and ``score_bp`` are those of the share, rounded half up; ``needs`` of the share,
    rounded up. A lead answers for the whole: its price is that of the whole, and a sub's is nothing.
    """

    contract: str
    member: str
    share_bp: int
    role: Role
    price_fen: int
    value_fen: int
    score_bp: int
    needs: Mapping[str, int]

    @property
    def key(self) -> tuple[str, str, int, Role]:
        """What no two options have in common."""
        return self.contract, self.member, self.share_bp, self.role


def options_of(spec: PortfolioSpec) -> tuple[Option, ...]:
    """Return every option in the order of contract, member and share, whatever the order of the file."""
    contracts = sorted(spec.contracts, key=lambda each: each.number)
    return tuple(option for contract in contracts for option in _of_contract(contract))


def lot_of(contract: PortfolioContract) -> int:
    """Return the part in which *contract* is awarded, in basis points: the whole of an undivided one."""
    if contract.lead_sub is not None:
        return contract.lead_sub.min_lot_bp
    return contract.min_lot_bp if contract.divisible else WHOLE_BP


def priced(contract: str, prices_fen: Mapping[str, int], parts: Iterable[tuple[str, int, Role]]) -> list[Award]:
    """
    Return the awards of one contract from who does what *parts* of it, at what each asks for the whole.

    A sub is paid its part of the lead's price, and the lead has the rest, so that they sum to it exactly.
    """
    listed = list(parts)
    lead = next((member for member, _, role in listed if role is Role.LEAD), None)
    paid = {member: share_of(prices_fen[member if lead is None else lead], share_bp) for member, share_bp, _ in listed}
    if lead is not None:
        paid[lead] = prices_fen[lead] - sum(price for member, price in paid.items() if member != lead)
    return [
        Award(contract=contract, member=member, price_fen=paid[member], share_bp=share_bp, role=role)
        for member, share_bp, role in listed
    ]


def _of_contract(contract: PortfolioContract) -> Iterator[Option]:
    parts = tuple(_parts_of(contract))
    for quote in sorted(contract.quotes, key=lambda each: each.member):
        for share_bp, role in parts:
            yield _option(contract, quote, share_bp, role)


def _parts_of(contract: PortfolioContract) -> Iterator[tuple[int, Role]]:
    """What share of *contract* a member may do, and in which role."""
    lot, rule = lot_of(contract), contract.lead_sub
    for share_bp in range(lot, WHOLE_BP + 1, lot):
        if rule is None:
            yield share_bp, Role.SOLE if share_bp == WHOLE_BP else Role.JOINT
            continue
        if share_bp <= min(rule.max_sub_bp, WHOLE_BP - rule.lead_min_bp):
            yield share_bp, Role.SUB
        if share_bp == WHOLE_BP and not rule.min_subs:
            yield share_bp, Role.SOLE
        elif rule.lead_min_bp <= share_bp <= WHOLE_BP - max(1, rule.min_subs) * lot:
            yield share_bp, Role.LEAD


def _option(contract: PortfolioContract, quote: PortfolioQuote, share_bp: int, role: Role) -> Option:
    needs = {**contract.needs, **quote.needs}
    priced_bp = {Role.LEAD: WHOLE_BP, Role.SUB: 0}.get(role, share_bp)
    return Option(
        contract=contract.number,
        member=quote.member,
        share_bp=share_bp,
        role=role,
        price_fen=share_of(quote.price_fen, priced_bp),
        value_fen=share_of(contract.value_fen, share_bp),
        score_bp=share_of(quote.score_bp, share_bp),
        needs={name: -(-needs[name] * share_bp // WHOLE_BP) for name in sorted(needs)},
    )

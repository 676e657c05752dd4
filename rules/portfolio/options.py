"""What may be awarded: for every quote one option, or one for each number of lots."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from contracts.money import share_of
from rules.portfolio.documents import WHOLE_BP, PortfolioContract, PortfolioQuote, PortfolioSpec


@dataclass(frozen=True, slots=True)
class Option:
    """
    One possible award: a member does ``share_bp`` of a contract.

    ``price_fen``, ``value_fen`` and ``score_bp`` are those of the share, rounded half up; ``needs`` of the share,
    rounded up.
    """

    contract: str
    member: str
    share_bp: int
    price_fen: int
    value_fen: int
    score_bp: int
    needs: Mapping[str, int]

    @property
    def key(self) -> tuple[str, str, int]:
        """What no two options have in common."""
        return self.contract, self.member, self.share_bp


def options_of(spec: PortfolioSpec) -> tuple[Option, ...]:
    """Return every option in the order of contract, member and share, whatever the order of the file."""
    contracts = sorted(spec.contracts, key=lambda each: each.number)
    return tuple(option for contract in contracts for option in _of_contract(contract))


def option_of(contract: PortfolioContract, quote: PortfolioQuote, share_bp: int) -> Option:
    """Return *share_bp* of *contract* as *quote* offers it."""
    needs = {**contract.needs, **quote.needs}
    return Option(
        contract=contract.number,
        member=quote.member,
        share_bp=share_bp,
        price_fen=share_of(quote.price_fen, share_bp),
        value_fen=share_of(contract.value_fen, share_bp),
        score_bp=share_of(quote.score_bp, share_bp),
        needs={name: -(-needs[name] * share_bp // WHOLE_BP) for name in sorted(needs)},
    )


def lots_of(contract: PortfolioContract) -> range:
    """Return the shares of *contract* that a member may do, in basis points."""
    least = contract.min_lot_bp if contract.divisible else WHOLE_BP
    return range(least, WHOLE_BP + 1, least)


def _of_contract(contract: PortfolioContract) -> Iterator[Option]:
    for quote in sorted(contract.quotes, key=lambda each: each.member):
        for share_bp in lots_of(contract):
            yield option_of(contract, quote, share_bp)

"""For every contract: which better quotes were passed over, and which rules taking one of them would break."""

from __future__ import annotations

from collections.abc import Sequence

from rules.portfolio.answer import Award, AwardReason, PassedOver
from rules.portfolio.checking import breaches, value_of
from rules.portfolio.compiled import CompiledPortfolio
from rules.portfolio.documents import WHOLE_BP, PortfolioContract

MOST_PASSED_OVER = 3
"""So many better quotes are explained for each contract, the best first."""


def reasons_of(portfolio: CompiledPortfolio, awards: Sequence[Award]) -> tuple[AwardReason, ...]:
    """
    Return the reason of each award, by contract.

    A better quote is one that alone, everything else staying as it is, would improve the first aim. What it would
    break is found by checking that award against the document; nothing means that only an exchange of several
    contracts could take it, or that a later aim stood against it.
    """
    contracts = sorted(portfolio.spec.contracts, key=lambda each: each.number)
    return tuple(_reason(portfolio, awards, contract) for contract in contracts)


def _reason(portfolio: CompiledPortfolio, awards: Sequence[Award], contract: PortfolioContract) -> AwardReason:
    held = [award for award in awards if award.contract == contract.number]
    members = tuple(award.member for award in held)
    ranked = sorted(contract.quotes, key=lambda quote: (quote.price_fen, quote.member))
    rank = 1 + min(place for place, quote in enumerate(ranked) if quote.member in members)
    passed: list[PassedOver] = []
    if len(held) == 1:
        swaps = [_swap(portfolio, awards, contract, quote.member) for quote in ranked if quote.member not in members]
        better = sorted((swap for swap in swaps if swap.saves > 0), key=lambda swap: (-swap.saves, swap.member))
        passed = better[:MOST_PASSED_OVER]
    return AwardReason(
        contract=contract.number, members=members, rank=rank, quotes=len(ranked), passed_over=tuple(passed)
    )


def _swap(
    portfolio: CompiledPortfolio, awards: Sequence[Award], contract: PortfolioContract, member: str
) -> PassedOver:
    """What giving *contract* to *member* alone would save, and break."""
    price = next(quote.price_fen for quote in contract.quotes if quote.member == member)
    other = Award(contract=contract.number, member=member, price_fen=price, share_bp=WHOLE_BP)
    swapped = [other if award.contract == contract.number else award for award in awards]
    spec, reaches, aim = portfolio.spec, portfolio.reaches, portfolio.spec.objective.aims[0]
    saves = value_of(spec, reaches, awards, aim) - value_of(spec, reaches, swapped, aim)
    broken = breaches(spec, reaches, swapped) if saves > 0 else ()
    return PassedOver(member=member, saves=saves, breaks=tuple(sorted({breach.rule for breach in broken})))

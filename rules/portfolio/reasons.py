"""For every contract: which better quotes were passed over, and which rules taking one of them would break."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from rules.portfolio.answer import Award, AwardReason, PassedOver
from rules.portfolio.checking import breaches, value_of
from rules.portfolio.compiled import CompiledPortfolio
from rules.portfolio.documents import Aim, PortfolioContract
from rules.portfolio.options import priced

MOST_PASSED_OVER = 3
"""So many better quotes are explained for each contract, the best first."""


def reasons_of(portfolio: CompiledPortfolio, awards: Sequence[Award]) -> tuple[AwardReason, ...]:
    """
    Return the reason of each award, by contract.

    A better quote is one that in the place of a holder, everything else staying as it is, would improve the first
    aim. What it would break is found by checking that award against the document; nothing means that only an exchange
    of several contracts could take it, or that a later aim stood against it.
    """
    contracts = sorted(portfolio.spec.contracts, key=lambda each: each.number)
    return tuple(_reason(portfolio, awards, contract) for contract in contracts)


def _reason(portfolio: CompiledPortfolio, awards: Sequence[Award], contract: PortfolioContract) -> AwardReason:
    held = [award for award in awards if award.contract == contract.number]
    members = tuple(award.member for award in held)
    ranked = sorted(contract.quotes, key=lambda quote: (quote.price_fen, quote.member))
    rank = 1 + min(place for place, quote in enumerate(ranked) if quote.member in members)
    others = [quote.member for quote in ranked if quote.member not in members]
    swaps = [
        _Swap(member, each.member, tuple(_swapped(contract, held, each, member))) for member in others for each in held
    ]
    better = [(saves, swap) for swap in swaps if (saves := _saved(portfolio, awards, contract, swap)) > 0]
    better.sort(key=lambda pair: (-pair[0], pair[1].member, pair[1].instead_of))
    best = {swap.member: (saves, swap) for saves, swap in reversed(better)}
    passed = sorted(best.values(), key=lambda pair: (-pair[0], pair[1].member))[:MOST_PASSED_OVER]
    return AwardReason(
        contract=contract.number,
        members=members,
        rank=rank,
        quotes=len(ranked),
        passed_over=tuple(_passed_over(portfolio, awards, saves, swap) for saves, swap in passed),
    )


class _Swap(NamedTuple):
    """A contract as it would be awarded with a member in the place of a holder."""

    member: str
    instead_of: str
    awards: tuple[Award, ...]


def _swapped(contract: PortfolioContract, held: Sequence[Award], holder: Award, member: str) -> list[Award]:
    """The awards of *contract* with *member* in the place of *holder*; subs are paid by the lead they then have."""
    parts = [(member if each is holder else each.member, each.share_bp, each.role) for each in held]
    return priced(contract.number, {quote.member: quote.price_fen for quote in contract.quotes}, parts)


def _saved(portfolio: CompiledPortfolio, awards: Sequence[Award], contract: PortfolioContract, swap: _Swap) -> int:
    """By how much the first aim would be better; a sum of contracts is compared in this one alone."""
    spec, reaches, aim = portfolio.spec, portfolio.reaches, portfolio.spec.objective.aims[0]
    if aim is not Aim.LEAST:
        spec = spec.model_copy(update={"contracts": (contract,)})
        awards = [award for award in awards if award.contract == contract.number]
    return value_of(spec, reaches, awards, aim) - value_of(spec, reaches, _with(awards, swap), aim)


def _with(awards: Sequence[Award], swap: _Swap) -> list[Award]:
    return [*(award for award in awards if award.contract != swap.awards[0].contract), *swap.awards]


def _passed_over(portfolio: CompiledPortfolio, awards: Sequence[Award], saves: int, swap: _Swap) -> PassedOver:
    broken = breaches(portfolio.spec, portfolio.reaches, _with(awards, swap))
    rules = tuple(sorted({breach.rule for breach in broken}))
    return PassedOver(member=swap.member, instead_of=swap.instead_of, saves=saves, breaks=rules)

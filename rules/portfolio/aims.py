"""What each option adds to an aim, in whole numbers; the model counts by these."""

from __future__ import annotations

from contracts.money import share_of
from rules.portfolio.compiled import CompiledPortfolio
from rules.portfolio.documents import Aim, IncumbentBonus


def costs_of(portfolio: CompiledPortfolio, aim: Aim) -> tuple[int, ...]:
    """
    Return what each option costs by *aim*: fen, or basis points for ``-score``.

    ``-least`` is no sum over options and costs nothing here.
    """
    match aim:
        case Aim.PRICE:
            return compared_prices(portfolio)
        case Aim.SCORE:
            return tuple(-option.score_bp for option in portfolio.options)
        case Aim.WEIGHTED:
            return _weighted(portfolio)
        case Aim.LEAST:
            return (0,) * len(portfolio.options)


def compared_prices(portfolio: CompiledPortfolio) -> tuple[int, ...]:
    """Return the price at which each option is compared: an incumbent's less its bonus."""
    bonuses = bonuses_of(portfolio)
    return tuple(
        option.price_fen - share_of(option.value_fen, bonuses.get((option.contract, option.member), 0))
        for option in portfolio.options
    )


def bonuses_of(portfolio: CompiledPortfolio) -> dict[tuple[str, str], int]:
    """Return the bonus of each incumbent by contract and member, in basis points of the value, all rules together."""
    served = [(each.number, each.incumbent) for each in portfolio.spec.contracts if each.incumbent]
    found: dict[tuple[str, str], int] = {}
    for rule in portfolio.constraints:
        if isinstance(rule, IncumbentBonus):
            for pair in served:
                if pair in portfolio.reaches[rule.id].pairs:
                    found[pair] = found.get(pair, 0) + rule.value
    return found


def _weighted(portfolio: CompiledPortfolio) -> tuple[int, ...]:
    """The price by its weight, less what the score is worth by its own; ``score_bp`` is of the share already."""
    objective = portfolio.spec.objective
    values = {contract.number: contract.value_fen for contract in portfolio.spec.contracts}
    return tuple(
        share_of(price, objective.price_bp or 0)
        - share_of(share_of(values[option.contract], option.score_bp), objective.score_bp or 0)
        for option, price in zip(portfolio.options, compared_prices(portfolio), strict=True)
    )

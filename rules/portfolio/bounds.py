"""A bound that needs no trust in a solver: weak duality, in whole numbers, from any prices of the rows."""

from __future__ import annotations

from collections.abc import Sequence

from rules.portfolio.model import Row

SCALE = 2**40
"""Prices of rows are whole multiples of its inverse, so that nothing is rounded after they are taken."""


def dual_bound(costs: Sequence[int], uppers: Sequence[int], rows: Sequence[Row], prices: Sequence[float]) -> int:
    """
    Return a number that no whole solution of the rows undercuts, whatever *prices* are.

    With good prices it is near the optimum of the relaxation. Weak duality (Lagrange): a row's price times the side
    that its sign concerns, and for every column what remains of its cost where that is negative, at its upper bound.
    """
    total, rest = _priced(costs, rows, prices)
    total += sum(cost * upper for cost, upper in zip(rest, uppers, strict=True) if cost < 0)
    return -(-total // SCALE)


def _priced(costs: Sequence[int], rows: Sequence[Row], prices: Sequence[float]) -> tuple[int, list[int]]:
    """What the rows' sides are worth, and what is left of each column's cost; both times `SCALE`."""
    total, rest = 0, [cost * SCALE for cost in costs]
    for row, said in zip(rows, prices, strict=True):
        price = round(said * SCALE)
        side = row.lower if price > 0 else row.upper
        if price and side is not None:
            total += price * side
            for column, coefficient in zip(row.columns, row.coefficients, strict=True):
                rest[column] -= price * coefficient
    return total, rest

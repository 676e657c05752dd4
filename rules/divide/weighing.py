"""Weights: whole numbers in whose proportion an amount is divided, whatever their size."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from contracts.errors import Invalid, NothingToSplitBy

Weights = dict[str, int]
"""A weight for each member; only their proportions count, so that each is as exact as a fraction."""


def equally(members: Sequence[str]) -> Weights:
    """Everybody the same."""
    return dict.fromkeys(members, 1)


def tier_weights(tied: Sequence[Sequence[str]], tiers_bp: Sequence[int]) -> Weights:
    """
    By rank: the first gets the first tier, and so on; members that share a rank share the mean of their tiers.

    *tied* lists the ranks, best first, with the members on each. A tier beyond the last member is not given away but
    shared by all in proportion.
    """
    common = math.lcm(*(len(group) for group in tied))
    weights: Weights = {}
    for group in tied:
        tiers = tiers_bp[len(weights) : len(weights) + len(group)]
        weights.update(dict.fromkeys(group, sum(tiers) * (common // len(group))))
    return weights


def score_weights(scores_bp: Mapping[str, int], pass_bp: int, power: int) -> Weights:
    """What a score has above the pass mark: max(0, sᵢ − s₀)^α; at or below the mark it is nothing."""
    return {member: max(0, score - pass_bp) ** power for member, score in scores_bp.items()}


def inverse_price_weights(prices_fen: Mapping[str, int]) -> Weights:
    """
    1 / pᵢ, exactly, as whole numbers: the least common multiple of all prices over each.

    Raises:
        Invalid: If a price is nought or less.
    """
    for member, price in sorted(prices_fen.items()):
        if price <= 0:
            raise Invalid(f"the price of {member} is {price}; inverse_price divides by prices above nought")
    common = math.lcm(*prices_fen.values())
    return {member: common // price for member, price in prices_fen.items()}


def deficit_weights(awarded_fen: Mapping[str, int], targets_bp: Mapping[str, int], amount_fen: int) -> Weights:
    """
    What each lacks of its target: max(0, τᵢ·(ΣH + T) − Hᵢ), the targets scaled to those who take part.

    Hᵢ is what was awarded before, T the amount. Whoever is above its target already gets nothing.

    Raises:
        Invalid: If a member has no target; the message names it.
    """
    unnamed = [member for member in sorted(awarded_fen) if member not in targets_bp]
    if unnamed:
        raise Invalid(f"deficit_fill names no target for {', '.join(unnamed)}")
    whole = sum(targets_bp[member] for member in awarded_fen)
    all_fen = sum(awarded_fen.values()) + amount_fen
    return {member: max(0, targets_bp[member] * all_fen - had * whole) for member, had in awarded_fen.items()}


def graded_weights(weights: Mapping[str, int], grades: Mapping[str, str], factors_bp: Mapping[str, int]) -> Weights:
    """
    wᵢ · k(gradeᵢ), which every division by weights renormalises.

    Raises:
        Invalid: If a member's grade has no factor.
    """
    for member, grade in sorted(grades.items()):
        if grade not in factors_bp:
            raise Invalid(f"{member} has the grade {grade!r}, for which there is no factor among {sorted(factors_bp)}")
    return {member: weight * factors_bp[grades[member]] for member, weight in weights.items()}


def usable(weights: Weights, *, equal_if_all_zero: bool) -> Weights:
    """
    Return *weights* with which an amount can be divided.

    Raises:
        NothingToSplitBy: If one is negative, or all are nought and that is not said to count as equal.
    """
    negative = [member for member, weight in sorted(weights.items()) if weight < 0]
    if negative:
        raise NothingToSplitBy(f"the weight of {', '.join(negative)} is negative")
    if any(weights.values()):
        return weights
    if not equal_if_all_zero:
        raise NothingToSplitBy(f"every weight is nought: {', '.join(sorted(weights))}; `all_zero: equal` divides then")
    return equally(list(weights))

"""Dividing whole fen by weights within bounds, every division exact in its sum."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from fractions import Fraction

from contracts.errors import Invalid, NothingToSplitBy
from contracts.money import share_of, split
from rules.divide.rounding import Rounding, by_largest_remainder, by_sainte_lague

WHOLE_BP = 10_000


def shared_out(amount_fen: int, weights: Mapping[str, int], rounding: Rounding) -> dict[str, int]:
    """Divide by weight alone, not all of them nought; a weight of nought never receives a fen."""
    if rounding is Rounding.LARGEST_REMAINDER:
        return split(amount_fen, weights)
    return bounded(amount_fen, weights, *bounds_of(amount_fen, list(weights), 0, WHOLE_BP), rounding)


def bounded(
    amount_fen: int,
    weights: Mapping[str, int],
    floors: Mapping[str, int],
    caps: Mapping[str, int],
    rounding: Rounding = Rounding.LARGEST_REMAINDER,
) -> dict[str, int]:
    """
    Divide by weight, but give nobody less than their floor or more than their cap (all in fen).

    Water-filling: there is one level at which the weights times the level, clamped to floor and cap, sum to the
    amount. It is found exactly between the sorted points at which a member reaches a bound; the last fen go by
    *rounding*, among equals to the larger weight, then to the lower code. A weight of nought gets its floor only.

    Raises:
        Invalid: If the floors exceed the amount or the caps do not reach it; the message names the members.
    """
    if min(weights.values(), default=0) < 0:
        raise NothingToSplitBy(f"cannot divide {amount_fen} fen by {dict(sorted(weights.items()))}")
    tops = {member: caps[member] if weights[member] else floors[member] for member in weights}
    _refuse_impossible(amount_fen, floors, tops)
    level = _level(amount_fen, weights, floors, tops)
    exact = {m: min(max(level * weights[m], Fraction(floors[m])), Fraction(tops[m])) for m in sorted(weights)}
    if rounding is Rounding.SAINTE_LAGUE:
        return by_sainte_lague(amount_fen, exact, weights, floors, tops)
    return by_largest_remainder(amount_fen, exact, weights)


def bounds_of(
    amount_fen: int, members: Sequence[str], floor_bp: int, cap_bp: int
) -> tuple[dict[str, int], dict[str, int]]:
    """Return floors and caps in fen, the floor rounded up and the cap down, so that both hold to the fen."""
    floor = -(-amount_fen * floor_bp // WHOLE_BP)
    return dict.fromkeys(members, floor), dict.fromkeys(members, amount_fen * cap_bp // WHOLE_BP)


def lead_sub(
    amount_fen: int,
    lead: str,
    weights: Mapping[str, int],
    lead_min_bp: int,
    rounding: Rounding = Rounding.LARGEST_REMAINDER,
) -> dict[str, int]:
    """Divide by weight, but leave the lead at least *lead_min_bp* of the amount; alone, the lead does everything."""
    if len(weights) == 1:
        return {lead: amount_fen}
    floors, caps = bounds_of(amount_fen, list(weights), 0, WHOLE_BP)
    floors[lead] = -(-amount_fen * lead_min_bp // WHOLE_BP)
    return bounded(amount_fen, weights, floors, caps, rounding)


def management_fees(parts: Mapping[str, int], lead: str, fee_bp: int) -> dict[str, int]:
    """What each sub owes the lead: *fee_bp* of its own part, rounded half up."""
    return {member: share_of(part, fee_bp) for member, part in parts.items() if member != lead and fee_bp}


def _refuse_impossible(amount_fen: int, floors: Mapping[str, int], caps: Mapping[str, int]) -> None:
    names = ", ".join(sorted(floors))
    crossed = [member for member in sorted(floors) if floors[member] > caps[member]]
    if crossed:
        raise Invalid(f"the floor lies above the cap for {', '.join(crossed)}")
    if sum(floors.values()) > amount_fen:
        raise Invalid(f"the floors of {names} sum to {sum(floors.values())} fen, more than the {amount_fen} to divide")
    if sum(caps.values()) < amount_fen:
        raise Invalid(f"the caps of {names} sum to {sum(caps.values())} fen, less than the {amount_fen} to divide")


def _level(amount_fen: int, weights: Mapping[str, int], floors: Mapping[str, int], caps: Mapping[str, int]) -> Fraction:
    """Return the level at which the clamped quotas sum to *amount_fen*, which is known to be possible."""
    moving = [member for member, weight in sorted(weights.items()) if weight]
    points = sorted({Fraction(bound[m], weights[m]) for bound in (floors, caps) for m in moving})
    if not points:
        return Fraction(0)

    def filled(level: Fraction) -> Fraction:
        """What all have at *level*, added up in whole numbers: so many fractions would cost the most of it."""
        above, below = level.numerator, level.denominator
        clamped = (min(max(above * weights[m], below * floors[m]), below * caps[m]) for m in weights)
        return Fraction(sum(clamped), below)

    start = points[max(0, bisect_left(points, True, key=lambda level: filled(level) > amount_fen) - 1)]
    slope = sum(weights[m] for m in moving if floors[m] <= start * weights[m] < caps[m])
    return start + (amount_fen - filled(start)) / slope if slope else start

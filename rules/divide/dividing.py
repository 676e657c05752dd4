"""Dividing whole fen by weights within bounds, every division exact in its sum."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from fractions import Fraction

from contracts.errors import Invalid, NothingToSplitBy
from contracts.money import share_of

WHOLE_BP = 10_000


def bounded(
    amount_fen: int, weights: Mapping[str, int], floors: Mapping[str, int], caps: Mapping[str, int]
) -> dict[str, int]:
    """
    Divide by weight, but give nobody less than their floor or more than their cap (all in fen).

    Water-filling: there is one level at which the weights times the level, clamped to floor and cap, sum to the
    amount. It is found exactly between the sorted points at which a member reaches a bound; the last fen go to the
    largest remainders, then to the larger weight, then to the lower code. A weight of nought gets its floor only.

    Raises:
        Invalid: If the floors exceed the amount or the caps do not reach it; the message names the members.
    """
    if min(weights.values(), default=0) < 0:
        raise NothingToSplitBy(f"cannot divide {amount_fen} fen by {dict(sorted(weights.items()))}")
    tops = {member: caps[member] if weights[member] else floors[member] for member in weights}
    _refuse_impossible(amount_fen, floors, tops)
    level = _level(amount_fen, weights, floors, tops)
    exact = {m: _clamped(level * weights[m], floors[m], tops[m]) for m in sorted(weights)}
    parts = {member: math.floor(quota) for member, quota in exact.items()}
    left = amount_fen - sum(parts.values())
    by_remainder = sorted(exact, key=lambda m: (parts[m] - exact[m], -weights[m], m))
    for member in by_remainder[:left]:
        parts[member] += 1
    return parts


def bounds_of(amount_fen: int, members: Sequence[str], floor_bp: int, cap_bp: int) -> tuple[dict[str, int], ...]:
    """Return floors and caps in fen, the floor rounded up and the cap down, so that both hold to the fen."""
    floor = -(-amount_fen * floor_bp // WHOLE_BP)
    return dict.fromkeys(members, floor), dict.fromkeys(members, amount_fen * cap_bp // WHOLE_BP)


def lead_sub(amount_fen: int, lead: str, weights: Mapping[str, int], lead_min_bp: int) -> dict[str, int]:
    """Divide by weight, but leave the lead at least *lead_min_bp* of the amount; alone, the lead does everything."""
    if len(weights) == 1:
        return {lead: amount_fen}
    floors, caps = bounds_of(amount_fen, list(weights), 0, WHOLE_BP)
    floors[lead] = -(-amount_fen * lead_min_bp // WHOLE_BP)
    return bounded(amount_fen, weights, floors, caps)


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
        return sum((_clamped(level * weights[m], floors[m], caps[m]) for m in weights), Fraction(0))

    start = points[max(0, bisect_right(points, Fraction(amount_fen), key=filled) - 1)]
    slope = sum(weights[m] for m in moving if floors[m] <= start * weights[m] < caps[m])
    return start + (amount_fen - filled(start)) / slope if slope else start


def _clamped(quota: Fraction, floor: int, cap: int) -> Fraction:
    if quota < floor:
        return Fraction(floor)
    return min(quota, Fraction(cap))

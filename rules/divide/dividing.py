"""How much each selected member does: division methods on whole fen, every one exact in its sum."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from fractions import Fraction

from contracts.errors import Invalid, NothingToSplitBy
from contracts.money import share_of, split

WHOLE_BP = 10_000


def equal(amount_fen: int, members: Sequence[str]) -> dict[str, int]:
    """Divide *amount_fen* equally; what cannot be halved goes to the lower codes, one fen each."""
    return split(amount_fen, dict.fromkeys(members, 1))


def by_rank(amount_fen: int, tied: Sequence[Sequence[str]], tiers_bp: Sequence[int]) -> dict[str, int]:
    """
    Divide by rank: the first gets the first tier, and so on; members that share a rank share the mean of their tiers.

    *tied* lists the ranks, best first, with the members on each. A tier beyond the last member is not given away but
    shared by all in proportion.
    """
    common = math.lcm(*(len(group) for group in tied))
    weights: dict[str, int] = {}
    for group in tied:
        tiers = tiers_bp[len(weights) : len(weights) + len(group)]
        weights.update(dict.fromkeys(group, sum(tiers) * (common // len(group))))
    return split(amount_fen, weights)


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


def with_fee(shares: Mapping[str, int], lead: str, fee_bp: int) -> tuple[dict[str, int], dict[str, int]]:
    """Move a management fee from each sub to the lead; return the shares after it and the fee of each sub in fen."""
    fees = {member: share_of(part, fee_bp) for member, part in shares.items() if member != lead}
    after = {member: part - fees.get(member, 0) for member, part in shares.items()}
    after[lead] += sum(fees.values())
    return after, fees


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

"""Where the last fen go: by largest remainder, or by Sainte-Laguë, whose shares never fall when the amount rises."""

from __future__ import annotations

import math
from collections.abc import Mapping
from enum import StrEnum
from fractions import Fraction


class Rounding(StrEnum):
    """How exact parts become whole fen."""

    LARGEST_REMAINDER = "largest_remainder"
    SAINTE_LAGUE = "sainte_lague"


def by_largest_remainder(amount_fen: int, exact: Mapping[str, Fraction], weights: Mapping[str, int]) -> dict[str, int]:
    """
    Round parts that sum to *amount_fen*: down, and one fen more for the largest remainders.

    Ties go to the larger weight, then to the lower code. Every part is within a fen of its exact value; but a larger
    amount may lower a part by a fen (the Alabama paradox).
    """
    parts = {member: math.floor(quota) for member, quota in exact.items()}
    left = amount_fen - sum(parts.values())
    by_remainder = sorted(exact, key=lambda m: (parts[m] - exact[m], -weights[m], m))
    for member in by_remainder[:left]:
        parts[member] += 1
    return parts


def by_sainte_lague(
    amount_fen: int,
    exact: Mapping[str, Fraction],
    weights: Mapping[str, int],
    floors: Mapping[str, int],
    tops: Mapping[str, int],
) -> dict[str, int]:
    """
    Give fen by fen to whoever has the largest w / (2a + 1), a being what it has got, from its floor up to its top.

    Ties go to the larger weight, then to the lower code. With the same floors and tops a larger amount never lowers a
    part; but a part may be more than a fen from its exact value. The *exact* parts are where it is begun: rounded,
    they are what so many turns come to, so that no more turns are left than there are members.

    Source: Webster 1832, Sainte-Laguë 1910.
    """
    parts = {m: min(max(math.floor(quota + Fraction(1, 2)), floors[m]), tops[m]) for m, quota in exact.items()}

    def turn(member: str, had: int) -> tuple[Fraction, int, str]:
        """What orders the turn that *member* has when it *had* so much: the lesser is the earlier one."""
        return Fraction(-weights[member], 2 * had + 1), -weights[member], member

    for _ in range(sum(parts.values()) - amount_fen):
        parts[max((m for m in parts if parts[m] > floors[m]), key=lambda m: turn(m, parts[m] - 1))] -= 1
    for _ in range(amount_fen - sum(parts.values())):
        parts[min((m for m in parts if parts[m] < tops[m]), key=lambda m: turn(m, parts[m]))] += 1
    return parts

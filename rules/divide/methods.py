"""How a policy file states how to divide: one model for each method, told apart by ``method``."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from contracts.value import Authored, BasisPoints, Code
from rules.words import Expression, Ratio


class Whole(Authored):
    """独家: one member does everything."""

    method: Literal["whole"]


class Equal(Authored):
    """Everybody the same."""

    method: Literal["equal"]


class FixedShare(Authored):
    """Shares agreed beforehand, by rank or by member; they sum to 10,000."""

    method: Literal["fixed_share"]
    shares_bp: tuple[Ratio, ...] | None = None
    members_bp: dict[Code, Ratio] | None = None


class ProRata(Authored):
    """In proportion to a weight, such as free capacity."""

    method: Literal["pro_rata"]
    weight: Expression


class RankTiers(Authored):
    """
    A row of shares for each number of members, best rank first; equal ranks share the mean.

    The keys are numbers of members, quoted: ``{"2": [6000, 4000], "3": [5000, 3000, 2000]}``.
    """

    method: Literal["rank_tiers"]
    tiers: dict[Annotated[str, Field(pattern=r"^[1-9][0-9]?$")], tuple[BasisPoints, ...]]

    def of(self, members: int) -> tuple[int, ...]:
        """The shares for so many members; one alone does everything, and a number not listed has none."""
        return self.tiers.get(str(members), (10_000,) if members == 1 else ())


class Bounded(Authored):
    """In proportion to a weight, but nobody below the floor or above the cap."""

    method: Literal["bounded"]
    weight: Expression
    floor_bp: BasisPoints = 0
    cap_bp: BasisPoints = 10_000


class SubEqual(Authored):
    """The lead's subs have equal weight."""

    method: Literal["equal"]


class SubProRata(Authored):
    """The lead's subs, and the lead itself above its minimum, count by weight."""

    method: Literal["pro_rata"]
    weight: Expression


class LeadSub(Authored):
    """主办与协办: the first of the ranking leads and keeps at least ``lead_min_bp``; the subs may owe it a fee."""

    method: Literal["lead_sub"]
    lead_min_bp: Ratio = 5_000
    subs: Annotated[SubEqual | SubProRata, Field(discriminator="method")]
    fee_bp: Annotated[int, Field(strict=True, ge=0, le=3_000)] = 0


Divide = Annotated[
    Whole | Equal | FixedShare | ProRata | RankTiers | Bounded | LeadSub,
    Field(discriminator="method"),
]


def weight_of(divide: Divide) -> str | None:
    """The expression by which *divide* weighs the members, where it has one."""
    if isinstance(divide, LeadSub):
        return divide.subs.weight if isinstance(divide.subs, SubProRata) else None
    return divide.weight if isinstance(divide, ProRata | Bounded) else None

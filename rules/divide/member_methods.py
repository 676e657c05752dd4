"""How a policy file states who does how much: weighings, and the bounds within which they hold."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from contracts.value import Authored, BasisPoints, Code
from rules.words import MemberFigure, MemberInt, MemberText, Ratio

WHOLE_BP = 10_000

Factor = Annotated[int, Field(strict=True, ge=0, le=100_000)]
"""By what a weight is multiplied, in basis points: 12,000 is 1.2."""

Word = Annotated[str, Field(min_length=1, max_length=64)]


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


class RankTiers(Authored):
    """
    A row of shares for each number of members, best rank first; equal ranks share the mean.

    The keys are numbers of members, quoted: ``{"2": [6000, 4000], "3": [5000, 3000, 2000]}``.
    """

    method: Literal["rank_tiers"]
    tiers: dict[Annotated[str, Field(pattern=r"^[1-9][0-9]?$")], tuple[BasisPoints, ...]]

    def of(self, members: int) -> tuple[int, ...]:
        """The shares for so many members; one alone does everything, and a number not listed has none."""
        return self.tiers.get(str(members), (WHOLE_BP,) if members == 1 else ())


class Weighed(Authored):
    """What every weighing by figures may state: whether weights that are all nought are an error, or count as equal."""

    all_zero: Literal["error", "equal"] = "error"


class ProRata(Weighed):
    """In proportion to a weight, such as free capacity, area, piles or staff."""

    method: Literal["pro_rata"]
    weight: MemberInt


class ScoreProp(Weighed):
    """In proportion to what a score has above the pass mark, as it is or squared."""

    method: Literal["score_prop"]
    score: MemberInt = "score_bp"
    pass_bp: BasisPoints = 0
    power: Literal[1, 2] = 1


class InversePrice(Authored):
    """In inverse proportion to the price: whoever asks half of another does twice as much."""

    method: Literal["inverse_price"]
    price: MemberInt = "quote.price_fen"


class DeficitFill(Weighed):
    """补差: in proportion to what each lacks of its target share of everything awarded so far and now."""

    method: Literal["deficit_fill"]
    targets_bp: dict[Code, Ratio]
    awarded: MemberInt = "ledger.awarded_fen"


class Graded(Weighed):
    """能高能低: any weighing, each weight multiplied by the factor of the member's grade."""

    method: Literal["graded"]
    weigh: Weighing
    grade: MemberText = "member.band"
    factors_bp: Annotated[dict[Word, Factor], Field(min_length=1)]


Weighing = Annotated[
    Equal | FixedShare | RankTiers | ProRata | ScoreProp | InversePrice | DeficitFill | Graded,
    Field(discriminator="method"),
]
"""What gives every member a weight; all weighings may stand wherever one is asked for."""


class Bounded(Authored):
    """By any weighing, but nobody below the floor or above the cap."""

    method: Literal["bounded"]
    weigh: Weighing
    floor_bp: BasisPoints = 0
    cap_bp: BasisPoints = WHOLE_BP


class LeadSub(Authored):
    """主办与协办: the first of the ranking leads and keeps at least ``lead_min_bp``; the subs may owe it a fee."""

    method: Literal["lead_sub"]
    lead_min_bp: Ratio = 5_000
    subs: Weighing
    fee_bp: Annotated[int, Field(strict=True, ge=0, le=3_000)] = 0


class ActualBased(Authored):
    """按实结算: what each has delivered, at its unit price; ``per`` is how many units the price is for."""

    method: Literal["actual_based"]
    quantity: MemberInt
    unit_price_fen: MemberFigure
    per: MemberFigure = 1


MemberDivision = Annotated[
    Whole
    | Equal
    | FixedShare
    | RankTiers
    | ProRata
    | ScoreProp
    | InversePrice
    | DeficitFill
    | Graded
    | Bounded
    | LeadSub
    | ActualBased,
    Field(discriminator="method"),
]
"""What divides any amount among members without taking anything out of it."""

Graded.model_rebuild()

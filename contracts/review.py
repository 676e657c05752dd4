"""Reviews: ratings, a draft, the member's reply, a final score; and the standing it leads to."""

from __future__ import annotations

from enum import StrEnum

from contracts.ids import ContractNumber
from contracts.value import BasisPoints, Code, EpochDay, Recorded, Slug


class Band(StrEnum):
    """Standing bands; E is suspended. Lower bounds are inclusive, the top band is closed at 10,000 bp."""

    A = "A"
    B = "B"
    C = "C"
    D = "D"
    E = "E"


class Rating(Recorded):
    """One rater's scores for one member, per KPI of the pack, with a remark."""

    rater: Code
    member: Code
    kpis: dict[Slug, BasisPoints]
    red_line: Slug | None = None
    remark: str = ""


class Review(Recorded):
    """One member's review of one contract; ``score_bp`` weighs the KPIs as the pack says, mean over the raters."""

    number: ContractNumber
    member: Code
    category: Slug
    score_bp: BasisPoints
    kpis: dict[Slug, BasisPoints]
    red_line: Slug | None = None
    reply: str = ""
    appealed: bool = False
    is_final: bool = False
    day: EpochDay


class Standing(Recorded):
    """Where a member stands in a category from a day on; only final reviews move it."""

    member: Code
    category: Slug
    score_bp: BasisPoints
    band: Band
    reviews: int
    from_day: EpochDay
    suspended_to_day: EpochDay = 0
    good_in_a_row: int = 0

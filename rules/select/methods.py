"""How a policy file states whom to select: one model for each method, told apart by ``method``."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from contracts.value import Authored, Slug
from rules.words import Expression, Places


class RankBy(StrEnum):
    """What puts one member before another: the higher score, or the lower price."""

    SCORED = "scored"
    PRICE = "price"


class Selection(Authored):
    """What every method may state: the keys, ascending, that separate equals; the last one is always the code."""

    tie: tuple[Expression, ...] = ("member.code",)


class Direct(Selection):
    """直接选定: the member that an expression over contract and params names."""

    method: Literal["direct"]
    member: Expression


class MiniCompetition(Selection):
    """二次竞价: the lowest price at or below the ceiling, if enough have quoted."""

    method: Literal["mini_competition"]
    ceiling: Expression | None = None
    min_quotes: Places = 1


class Scored(Selection):
    """综合评分: the highest score."""

    method: Literal["scored"]


class Rotation(Selection):
    """顺序轮候: the next in the queue; who declines has had the turn unless the policy says otherwise."""

    method: Literal["rotation"]
    queue: Slug
    decline_consumes_turn: bool = True


class Cascade(Selection):
    """排序递补: the first of a ranking; after a refusal the next, until nobody is left."""

    method: Literal["cascade"]
    rank_by: RankBy = RankBy.SCORED


class TopK(Selection):
    """The first few of a ranking, at least ``k_min`` and at most ``k_max``."""

    method: Literal["top_k"]
    k_min: Places = 1
    k_max: Places
    rank_by: RankBy = RankBy.SCORED


Select = Annotated[
    Direct | MiniCompetition | Scored | Rotation | Cascade | TopK,
    Field(discriminator="method"),
]


def most_members(select: Select) -> int:
    """How many members *select* picks at most."""
    return select.k_max if isinstance(select, TopK) else 1


def fewest_members(select: Select) -> int:
    """How many members *select* picks at least when it awards."""
    return select.k_min if isinstance(select, TopK) else 1

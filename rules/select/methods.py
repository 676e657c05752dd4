"""How a policy file states whom to select: one model for each method, told apart by ``method``."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag

from contracts.value import Authored, BasisPoints, Code, Count, Line, Slug
from rules.select.declining import DeclineReason
from rules.words import Expression, Places, Ratio


class Word(StrEnum):
    """The two rankings that a word is enough for: the higher score first, or the lower price."""

    SCORED = "scored"
    PRICE = "price"


def _branch(stated: Any) -> str:
    """Which of the two ways of stating a ranking *stated* is: a word, or a method of its own."""
    return "ranking" if isinstance(stated, Mapping | Selection) else "word"


class Selection(Authored):
    """What every method may state: the keys, ascending, that separate equals; the last one is always the code."""

    tie: tuple[Expression, ...] = ("member.code",)


class Rationale(StrEnum):
    """Why a member is taken directly; who reads the decision must not have to guess."""

    PRICE = "price"
    QUALITY = "quality"
    CONVENIENCE = "convenience"
    SATISFACTION = "satisfaction"
    CONTINUITY = "continuity"
    URGENCY = "urgency"
    SELF_PROVISION = "self_provision"


class Direct(Selection):
    """
    直接选定: the member that an expression over contract and params names, and nobody else.

    A contract of more than ``limit`` fen is not awarded so. The rationale goes into the decision's note. Source: first
    call-off mode of 财政部令第110号, as a pattern.
    """

    method: Literal["direct"]
    member: Expression
    rationale: Rationale
    limit: Expression | None = None


class Discount(Authored):
    """By how much the ceiling falls from a quantity on."""

    from_quantity: Annotated[int, Field(strict=True, ge=1, le=10**12)]
    discount_bp: Ratio


class MiniCompetition(Selection):
    """
    二次竞价: the lowest price at or below the ceiling, if enough have quoted.

    argmin pᵢ with pᵢ ≤ P(1 − d(Q)): the last line of ``discounts`` whose quantity is reached lowers the ceiling, which
    is rounded down to the fen. A price below (1 − ``abnormally_low_bp``) of the median of all valid quotes is marked as
    needing an explanation; it is not excluded. Equal prices go by the tie keys (``quote.order`` is the order of
    arrival). Source: second call-off mode of 财政部令第110号, as a pattern.
    """

    method: Literal["mini_competition"]
    ceiling: Expression | None = None
    discounts: tuple[Discount, ...] = ()
    abnormally_low_bp: Ratio | None = None
    min_quotes: Places = 1


class Scored(Selection):
    """综合评分: the highest score, argmax Σ wₖ·sₖ. Source: usual in tenders."""

    method: Literal["scored"]


class Rotation(Selection):
    """
    顺序轮候: the next in the queue that has not had its turn in this cycle.

    A cycle ends when a contract finds every eligible member served; the next one begins at the head of the queue. In
    one cycle nobody has two turns. Who is not eligible keeps the turn until the cycle ends; who declines has had it,
    unless the policy says otherwise. A new member joins at the end of the next cycle. Who leaves changes nobody's
    place. Source: third call-off mode of 财政部令第110号, as a pattern.
    """

    method: Literal["rotation"]
    queue: Slug
    decline_consumes_turn: bool = True


class WeightedRotation(Selection):
    """
    加权轮候: turns in proportion to weights, spread evenly over time.

    Smooth weighted round robin: every eligible member's credit rises by its weight, the largest credit has the turn
    and falls by the sum of the weights that rose. Who is not eligible neither gains nor loses; a weight of nought has
    no turn. Credits are on the scale of the weights: where a member's weight differs from the one kept, all credits
    begin again at nought. So weights belong on what changes by the quarter, not on what every award changes (that is
    ``deficit``). A new member begins with nought and resets nothing. Source: the algorithm of nginx's upstream module.
    """

    method: Literal["weighted_rotation"]
    queue: Slug
    weight: Expression | None = None
    weights: dict[Code, Count] | None = None
    decline_consumes_turn: bool = True


class Deficit(Selection):
    """
    均衡: the most under-served by value, argmin Hᵢ/τᵢ, or (Hᵢ + T)/τᵢ with ``look_ahead``.

    H is what the ledger says was awarded in the year and category, so that a new year begins at nought; T is the
    contract's value. ``target`` is any positive whole number, targets count in proportion. Compared as exact fractions.
    Looking ahead keeps a large lot from the member with a small target. A member without a positive target is out.
    """

    method: Literal["deficit"]
    target: Expression
    look_ahead: bool = False


class Oversize(StrEnum):
    """Who gets a lot that is larger than the cap of every eligible member."""

    NOBODY = "nobody"
    NEXT = "next"


class BalancedCap(Selection):
    """
    限额均分: stay with the current member of the queue while Hᵢ + T ≤ capᵢ, then go on to the next.

    H and T are those of `Deficit`, so that a cancelled award makes room again. Who has no room is out, with a reason.
    A lot above every cap goes to nobody, or, where ``oversize`` says ``next``, to the member behind the current one.
    Who declines is passed over; the queue then stays with whoever took the lot. Source: balanced division among the
    holders of a framework agreement.
    """

    method: Literal["balanced_cap"]
    queue: Slug
    cap: Expression
    oversize: Oversize = Oversize.NOBODY


class Lottery(Selection):
    """
    摇号: ascending by SHA-256(seed ‖ contract number ‖ member code), as hexadecimal text.

    The seed is drawn when the contract is started, before anybody is known to be eligible; its SHA-256 goes into the
    order, and the seed comes out with the decision. Who declines is passed over in the same order: nothing is drawn
    twice.
    """

    method: Literal["lottery"]


class Incumbent(Selection):
    """
    续约优先: keep the contract's incumbent while it is good and not too dear, else rank as ``rank_by`` says.

    Kept if eligible, s ≥ ``min_score_bp``, p·10,000 ≤ (10,000 + ``premium_bp``)·p_best, and fewer renewals than
    ``max_renewals``. Where it is not kept it competes like everybody else, and the note says why.
    """

    method: Literal["incumbent"]
    min_score_bp: BasisPoints
    premium_bp: BasisPoints = 0
    max_renewals: Count
    rank_by: RankBy = Word.SCORED


class Territory(Selection):
    """
    属地: the home member of the contract's park; the others as ``rank_by`` says, or nobody.

    Dividing markets among competitors is prohibited (反垄断法第十七条第三项, exemptions 第二十条): ``basis`` says why
    this is none, such as a single economic entity or a service radius, and stands in every decision. A park without a
    home, or a home that is not eligible, falls to ``rank_by``; without one nobody is selected.
    """

    method: Literal["territory"]
    homes: Annotated[dict[Slug, Code], Field(min_length=1)]
    basis: Line
    rank_by: RankBy | None = None


Ranking = Annotated[
    Scored | MiniCompetition | Rotation | WeightedRotation | Deficit | BalancedCap | Lottery | Incumbent | Territory,
    Field(discriminator="method"),
]
"""The methods that put all members in order, so that another method may build on them."""

RankBy = Annotated[
    Annotated[Word, Tag("word")] | Annotated[Ranking, Tag("ranking")],
    Discriminator(_branch),
]
"""What puts one member before another: ``scored``, ``price``, or a method of its own, as ``{method: …}``."""


class Cascade(Selection):
    """
    排序递补: the first of a ranking; after a refusal the next, until nobody is left.

    Where the policy lists ``decline_reasons``, a refusal for any other reason ends the award instead: the next one may
    be asked for named causes only (pattern: 招标投标法实施条例第五十五条).
    """

    method: Literal["cascade"]
    rank_by: RankBy = Word.SCORED
    decline_reasons: tuple[DeclineReason, ...] = ()


class TopK(Selection):
    """The first few of a ranking, at least ``k_min`` and at most ``k_max``; of a queue each of them uses a turn."""

    method: Literal["top_k"]
    k_min: Places = 1
    k_max: Places
    rank_by: RankBy = Word.SCORED


class Group(Authored):
    """At least and at most so many of the selected are members for whom ``where`` holds."""

    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,63}$")]
    where: Expression
    at_least: Annotated[int, Field(strict=True, ge=0, le=50)] = 0
    at_most: Places | None = None


class Optimise(Selection):
    """
    择优组合: ``k_min`` to ``k_max`` members at the least sum of costs under which every group is kept.

    min Σ costᵢ·xᵢ, xᵢ ∈ {0, 1}, exact by dynamic programming over how many are in each group; at most 20,000 such
    states, beyond which the decision is refused. Of equal sums the one whose members stand first by the tie keys.
    Where nothing fits, the outcome is ``infeasible`` and the note names a smallest set of groups that cannot be kept
    together.
    """

    method: Literal["optimise"]
    cost: Expression
    k_min: Places = 1
    k_max: Places
    groups: Annotated[tuple[Group, ...], Field(max_length=8)] = ()


Select = Annotated[
    Direct
    | MiniCompetition
    | Scored
    | Rotation
    | WeightedRotation
    | Deficit
    | BalancedCap
    | Cascade
    | Incumbent
    | Territory
    | Lottery
    | Optimise
    | TopK,
    Field(discriminator="method"),
]

for _model in (Incumbent, Territory, Cascade, TopK):
    _model.model_rebuild()


def most_members(select: Select) -> int:
    """How many members *select* picks at most."""
    return select.k_max if isinstance(select, TopK | Optimise) else 1


def fewest_members(select: Select) -> int:
    """How many members *select* picks at least when it awards."""
    return select.k_min if isinstance(select, TopK | Optimise) else 1

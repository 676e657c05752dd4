"""The kinds Portfolio and PortfolioPolicy, as a coordinator writes them."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from contracts.ids import ContractNumber
from contracts.review import Band
from contracts.value import Authored, BasisPoints, Code, Count, Fen, Line, PositiveFen, Slug
from rules.documents.envelope import Day
from rules.words import Expression, Name, Ratio, RuleId

WHOLE_BP = 10_000
NEVER_RELAXED = 1
LAST_PRIORITY = 4

Period = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9-]{0,19}$")]
"""A period in which work falls: ``2025H2``, ``2025-07``."""

Lot = Annotated[int, Field(strict=True, ge=500, le=WHOLE_BP)]
"""The part in which a divisible contract is shared out; it divides 10,000."""

Number = Annotated[int, Field(strict=True, ge=0, le=1_000_000)]
"""How many members or contracts."""

Priority = Annotated[int, Field(strict=True, ge=NEVER_RELAXED, le=LAST_PRIORITY)]
"""1 is never relaxed; 4 is relaxed first."""


class PortfolioMember(Authored):
    """A member: its capacity by resource, in all or by period, and its grade."""

    code: Code
    capacity: dict[Name, Count | dict[Period, Count]] = {}
    grade: Band | None = None


class PortfolioQuote(Authored):
    """What a member asks for a whole contract; ``needs`` goes before the contract's own, resource by resource."""

    member: Code
    price_fen: PositiveFen
    score_bp: BasisPoints = 0
    needs: dict[Name, Count] = {}


class LeadSub(Authored):
    """
    How a contract goes to a lead that answers for all of it at its own price, with subs that take a part.

    The lead keeps at least ``lead_min_bp``. From ``min_subs`` to ``max_subs`` others that have quoted take
    ``min_lot_bp`` each, or several times that up to ``max_sub_bp``.
    """

    lead_min_bp: Ratio = 5_000
    min_subs: Annotated[int, Field(strict=True, ge=0, le=9)] = 0
    max_subs: Annotated[int, Field(strict=True, ge=1, le=9)] = 1
    min_lot_bp: Lot = 1_000
    max_sub_bp: Ratio = WHOLE_BP


class PortfolioContract(Authored):
    """
    A contract to be awarded.

    Undivided it goes to one member. A divisible one is shared out in lots of ``min_lot_bp``, so that nobody has less,
    each at its own price; one with ``lead_sub`` goes to a lead. ``periods`` are those in which it uses capacity that
    is stated by period; none means all.
    """

    number: ContractNumber
    category: Slug
    value_fen: PositiveFen
    client: Code | None = None
    park: Slug | None = None
    incumbent: Code | None = None
    needs: dict[Name, Count] = {}
    periods: tuple[Period, ...] = ()
    divisible: bool = False
    min_lot_bp: Lot = 2_500
    lead_sub: LeadSub | None = None
    quotes: tuple[PortfolioQuote, ...]


class Aim(StrEnum):
    """What is made as small as can be; a minus makes it as large as can be."""

    PRICE = "price"
    SCORE = "-score"
    WEIGHTED = "weighted"
    LEAST = "-least"


class Objective(Authored):
    """
    What the best award is.

    Several aims are taken one after the other: the next decides among those that are best by the ones before.
    ``weighted`` adds ``price_bp`` of the price and takes off ``score_bp`` of what the score is worth, a full score
    being worth the contract's value. ``-least`` raises the smallest value that any quoting member receives.
    ``max_regret_bp`` is how far the price may be above the cheapest possible.
    """

    minimise: Aim | Annotated[tuple[Aim, ...], Field(min_length=1)] = Aim.PRICE
    price_bp: Ratio | None = None
    score_bp: Ratio | None = None
    max_regret_bp: Annotated[int, Field(strict=True, ge=0, le=100_000)] | None = None

    @property
    def aims(self) -> tuple[Aim, ...]:
        """The aims, the first one first."""
        return (self.minimise,) if isinstance(self.minimise, Aim) else self.minimise


class Scope(Authored):
    """
    Which possible awards a constraint counts; what is left out is not asked.

    ``category``, ``client``, ``park`` and ``contract`` say which contracts, ``member`` and ``grade`` which members. A
    ``when`` that reads only ``contract`` narrows the contracts too; one that reads ``member`` or ``quote`` the awards.
    """

    category: Slug | tuple[Slug, ...] = ()
    client: Code | tuple[Code, ...] = ()
    park: Slug | tuple[Slug, ...] = ()
    contract: ContractNumber | tuple[ContractNumber, ...] = ()
    member: Code | tuple[Code, ...] = ()
    grade: Band | tuple[Band, ...] = ()
    when: Expression | None = None

    def words(self, field: str) -> tuple[str, ...]:
        """The words of one field as a list, empty if it is not asked."""
        said = getattr(self, field)
        return (str(said),) if isinstance(said, str) else tuple(map(str, said))


class Named(Authored):
    """What every constraint has: an id, its scope, and when it may give way."""

    id: RuleId
    of: Scope = Scope()
    priority: Priority = NEVER_RELAXED
    title: Line | None = None


class MaxShare(Named):
    """No member in scope receives more than so much of the value of the contracts in scope."""

    type: Literal["max_share_bp"]
    value: BasisPoints


class MinShare(Named):
    """Every member in scope receives at least so much of the value of the contracts in scope."""

    type: Literal["min_share_bp"]
    value: Ratio


class MaxSuppliers(Named):
    """At most so many members receive anything in scope."""

    type: Literal["max_suppliers"]
    value: Annotated[Number, Field(ge=1)]


class MinSuppliers(Named):
    """At least so many members receive something in scope."""

    type: Literal["min_suppliers"]
    value: Annotated[Number, Field(ge=1)]


class MaxContracts(Named):
    """No member in scope receives more than so many contracts, or parts of contracts."""

    type: Literal["max_contracts"]
    value: Number


class MinContracts(Named):
    """Every member in scope receives at least so many contracts, or parts of contracts."""

    type: Literal["min_contracts"]
    value: Annotated[Number, Field(ge=1)]


class Exclude(Named):
    """Nothing in scope is awarded."""

    type: Literal["exclude"]


class Require(Named):
    """The contracts in scope go wholly to the members in scope."""

    type: Literal["require"]


class IncumbentBonus(Named):
    """Whoever serves a contract now is compared as if cheaper by so much of the contract's value."""

    type: Literal["incumbent_bonus_bp"]
    value: Ratio


class MaxForgone(Named):
    """
    Every member in scope receives what is its due by price alone, less at most so much of that.

    Its due is the value of the contracts in scope for which its quote is the first: the lowest price, then the higher
    score, then the code.
    """

    type: Literal["max_forgone_bp"]
    value: BasisPoints


class NotBoth(Named):
    """
    Two do not go together; of a longer list no two.

    At most one of ``members`` receives anything in scope, or nobody in scope receives more than one of ``contracts``.
    """

    type: Literal["not_both"]
    members: tuple[Code, ...] = ()
    contracts: tuple[ContractNumber, ...] = ()


class MaxGradeShare(Named):
    """The members of the grades in scope together receive no more than so much of the value."""

    type: Literal["max_grade_share_bp"]
    value: BasisPoints


class Quota(Named):
    """
    Every member named receives its part of the value and what it is still owed, less the tolerance.

    ``carried_fen`` is what it fell short of before (negative: what it had too much); the answer says what to carry on.
    """

    type: Literal["quota"]
    quotas_bp: Annotated[dict[Code, BasisPoints], Field(min_length=1)]
    carried_fen: dict[Code, Fen] = {}
    tolerance_bp: BasisPoints = 0


Constraint = Annotated[
    MaxShare
    | MinShare
    | MaxSuppliers
    | MinSuppliers
    | MaxContracts
    | MinContracts
    | Exclude
    | Require
    | IncumbentBonus
    | MaxForgone
    | NotBoth
    | MaxGradeShare
    | Quota,
    Field(discriminator="type"),
]
"""One named constraint; ``type`` says which."""


class PortfolioMetadata(Authored):
    """What a portfolio is called."""

    name: Slug
    title: Line | None = None
    synthetic: bool = False


class PolicySpec(Authored):
    """What is best, and what must hold."""

    objective: Objective = Objective()
    constraints: tuple[Constraint, ...] = ()


class PortfolioSpec(PolicySpec):
    """Members, contracts with their quotes, what is best, and what must hold."""

    decision_day: Day
    members: Annotated[tuple[PortfolioMember, ...], Field(min_length=1)]
    contracts: Annotated[tuple[PortfolioContract, ...], Field(min_length=1)]


class Portfolio(Authored):
    """Contracts to be awarded together."""

    api_version: Literal["lianyue/v1"] = Field(alias="apiVersion")
    kind: Literal["Portfolio"]
    metadata: PortfolioMetadata
    spec: PortfolioSpec


class PortfolioPolicy(Authored):
    """Another objective and other constraints for a portfolio, in place of its own."""

    api_version: Literal["lianyue/v1"] = Field(alias="apiVersion")
    kind: Literal["PortfolioPolicy"]
    metadata: PortfolioMetadata
    spec: PolicySpec

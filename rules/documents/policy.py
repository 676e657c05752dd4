"""Who may, who is better, who is selected, and who does how much: the kinds AllocationPolicy and GuardSet."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from contracts.calendar import Deadline
from contracts.value import Authored, Line, Slug
from rules.divide.methods import Divide
from rules.divide.rounding import Rounding
from rules.documents.envelope import Document, Effective, SourcedMetadata
from rules.select.methods import Select
from rules.words import Expression, Name, Ratio, RuleId

DECLINED = "declined"
OVERRIDDEN = "overridden"
EXCLUDED_BY_BUYER = "excluded-by-buyer"
NO_QUOTE = "no-quote"
ABOVE_CEILING = "above-ceiling"
OVER_CAP = "over-cap"
NO_MEASURE = "no-measure"
BUILT_IN_REASONS = (DECLINED, OVERRIDDEN, EXCLUDED_BY_BUYER, NO_QUOTE, ABOVE_CEILING, OVER_CAP, NO_MEASURE)
"""Reasons that come from the facts or the method and no policy states; no rule may take their ids."""


class PolicyMode(StrEnum):
    """Whether a policy decides, or runs as a shadow beside the one that does and has no effect."""

    DECIDES = "decides"
    SHADOW = "shadow"


class Match(Authored):
    """Which contracts a policy is for: a category or ``any``, and a condition if there is one."""

    category: Slug
    when: Expression | None = None

    def takes(self, category: str) -> bool:
        """Whether the policy is for *category*."""
        return self.category in ("any", category)


class Variable(Authored):
    """
    A named intermediate value, calculated or looked up in a decision table; later variables and all rules may use it.

    A table that reads the quote gives its value only when there is one: to scores, tie keys and weights.
    """

    name: Name
    value: Expression | None = None
    table: Slug | None = None

    @model_validator(mode="after")
    def _has_one_source(self) -> Self:
        if (self.value is None) is (self.table is None):
            raise ValueError(f"the variable {self.name!r} needs either a value or a table")
        return self


class EligibilityRule(Authored):
    """What a member must fulfil, and what it reads when it does not; only a waivable one has exceptions."""

    id: RuleId
    require: Expression
    message: Line
    message_expression: Expression | None = Field(default=None, alias="messageExpression")
    reference: Line | None = None
    waivable: bool = False


class Guard(EligibilityRule):
    """
    An eligibility rule that many policies share: where ``when`` holds, or always.

    It must name its source. A statutory guard is not waivable; where the alliance may make an exception of its own
    rule, the guard says so.
    """

    when: Expression | None = None
    reference: Line


class GuardSetSpec(Authored):
    """Guards, with the intermediate values that they alone use."""

    effective: Effective
    types: Slug
    params: Slug
    variables: tuple[Variable, ...] = ()
    guards: Annotated[tuple[Guard, ...], Field(min_length=1)]


class GuardSet(Document):
    """A set of shared guards, one dated edition."""

    kind: Literal["GuardSet"]
    metadata: SourcedMetadata
    spec: GuardSetSpec


class ScoringRule(Authored):
    """A part of the score: from 0 to 10,000, with its weight in the whole."""

    id: RuleId
    title: Line
    weight_bp: Ratio
    score: Expression
    reference: Line | None = None


class AmountSource(StrEnum):
    """What is divided: the contract's value, the price of the first-ranked selected, or what the division measures."""

    VALUE = "value"
    QUOTED = "quoted"
    MEASURED = "measured"


Nothing = Literal["no_eligible", "too_few_quotes", "above_ceiling", "exhausted", "infeasible"]
"""The outcomes of a decision that gives nobody anything."""


class Fallback(Authored):
    """Which policy decides on the same facts when this one comes to nothing, and after which outcomes."""

    after: Annotated[tuple[Nothing, ...], Field(min_length=1)]
    policy: Slug


class Sealing(Authored):
    """
    By whose keys sealed quotes are opened: so many of the keyholders, whom the directory knows by these names.

    ``deadline`` is how long they have once the quotes are in.
    """

    holders: Annotated[tuple[Slug, ...], Field(min_length=1, max_length=9)]
    needed: Annotated[int, Field(strict=True, ge=1, le=9)]
    deadline: Deadline = Deadline(working_days=2, remind_after=1, escalate_after=1)


class AllocationPolicySpec(Authored):
    """Who may, who is better, who is selected, and who does how much; a shadow says so without effect."""

    effective: Effective
    mode: PolicyMode = PolicyMode.DECIDES
    types: Slug
    params: Slug
    match: Match
    guards: tuple[Slug, ...] = ()
    variables: tuple[Variable, ...] = ()
    eligibility: tuple[EligibilityRule, ...] = ()
    scoring: tuple[ScoringRule, ...] = ()
    select: Select
    divide: Divide
    amount: AmountSource = AmountSource.VALUE
    rounding: Rounding = Rounding.LARGEST_REMAINDER
    fallback: Fallback | None = None
    sealing: Sealing | None = None
    """Without it, the key of the installation seals the quotes."""


class AllocationPolicy(Document):
    """An allocation policy, one dated edition."""

    kind: Literal["AllocationPolicy"]
    metadata: SourcedMetadata
    spec: AllocationPolicySpec

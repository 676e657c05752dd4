"""The kinds of rule file, as a coordinator writes them: one envelope, and a spec for each kind."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from contracts.calendar import epoch_day
from contracts.facts import Facts
from contracts.organisation import Role
from contracts.value import Authored, BasisPoints, Code, Fen, Line, PositiveFen, Slug
from rules.divide.methods import Divide
from rules.select.methods import Select
from rules.words import Expression, Places, Ratio


def _date(text: str) -> str:
    """Refuse what is not a date of the calendar, written in full."""
    try:
        date.fromisoformat(text)
    except ValueError:
        raise ValueError(f'"{text}" is not a date; write it like "2025-07-01"') from None
    return text


Day = Annotated[str, Field(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"), AfterValidator(_date)]
"""A quoted date, ``"2025-07-01"``."""

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
"""A name that expressions use: small letters, digits and underscores."""

RuleId = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,63}$")]
"""A rule's id: small letters, digits and dashes; it never changes its meaning."""


DECLINED = "declined"
EXCLUDED_BY_BUYER = "excluded-by-buyer"
NO_QUOTE = "no-quote"
ABOVE_CEILING = "above-ceiling"
BUILT_IN_REASONS = (DECLINED, EXCLUDED_BY_BUYER, NO_QUOTE, ABOVE_CEILING)
"""Reasons that come from the facts and no policy states; no rule may take their ids."""


class Kind(StrEnum):
    """The kinds of rule file."""

    TYPE_SET = "TypeSet"
    PARAMETER_SET = "ParameterSet"
    ALLOCATION_POLICY = "AllocationPolicy"
    AUTHORITY_MATRIX = "AuthorityMatrix"
    POLICY_TEST = "PolicyTest"


class Metadata(Authored):
    """What a file is called, who keeps it, and by which law or resolution it says what it says."""

    name: Slug
    title: Line
    title_en: Line | None = None
    owner: Line | None = None
    reference: tuple[Line, ...] = ()


class SourcedMetadata(Metadata):
    """Metadata of a file that decides something: it must name its source."""

    reference: Annotated[tuple[Line, ...], Field(min_length=1)]


class Effective(Authored):
    """From which day an edition is in force, and up to which day, exclusive; open, it ends with the next edition."""

    first: Day = Field(alias="from")
    end: Day | None = Field(default=None, alias="to")

    @model_validator(mode="after")
    def _runs_forward(self) -> Self:
        if self.end is not None and self.end <= self.first:
            raise ValueError(f'"to" must be later than "from" {self.first}')
        return self

    @property
    def from_day(self) -> int:
        """The first day as an epoch day."""
        return epoch_day(self.first)

    @property
    def to_day(self) -> int | None:
        """The day it is no longer in force, as an epoch day, where it is set."""
        return None if self.end is None else epoch_day(self.end)


ALWAYS = Effective.model_validate({"from": "1970-01-01"})
"""In force as long as there is no other edition."""


class Document(Authored):
    """The envelope of every rule file."""

    api_version: Literal["lianyue/v1"] = Field(alias="apiVersion")
    metadata: Metadata


class TypeSetSpec(Authored):
    """Record types by name, each with the types of its fields."""

    effective: Effective = ALWAYS
    types: dict[Annotated[str, Field(pattern=r"^[A-Z][A-Za-z0-9]{0,63}$")], dict[Name, str]]


class TypeSet(Document):
    """What expressions may read."""

    kind: Literal["TypeSet"]
    spec: TypeSetSpec


class DatedValue(Authored):
    """The value of a parameter from a day on."""

    since: Day = Field(alias="from")
    value: int | str | bool | tuple[str, ...]
    reference: Line | None = None


class Parameter(Authored):
    """A figure the rules use, with its unit and every value it has had."""

    type: Literal["int", "string", "bool", "list<string>"]
    title: Line | None = None
    unit: Line | None = None
    values: Annotated[tuple[DatedValue, ...], Field(min_length=1)]

    def on(self, day: int) -> DatedValue | None:
        """The value in force on epoch *day*, if it had one by then."""
        begun = [dated for dated in self.values if epoch_day(dated.since) <= day]
        return begun[-1] if begun else None


class ParameterSetSpec(Authored):
    """Parameters by name."""

    effective: Effective = ALWAYS
    parameters: dict[Name, Parameter]


class ParameterSet(Document):
    """The figures, apart from the rules that use them."""

    kind: Literal["ParameterSet"]
    spec: ParameterSetSpec


class Match(Authored):
    """Which contracts a policy is for: a category or ``any``, and a condition if there is one."""

    category: Slug
    when: Expression | None = None

    def takes(self, category: str) -> bool:
        """Whether the policy is for *category*."""
        return self.category in ("any", category)


class Variable(Authored):
    """A named intermediate value; later variables and all rules may use it."""

    name: Name
    value: Expression


class EligibilityRule(Authored):
    """What a member must fulfil, and what it reads when it does not."""

    id: RuleId
    require: Expression
    message: Line
    message_expression: Expression | None = Field(default=None, alias="messageExpression")
    reference: Line | None = None


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


class AllocationPolicySpec(Authored):
    """Who may, who is better, who is selected, and who does how much."""

    effective: Effective
    types: Slug
    params: Slug
    match: Match
    variables: tuple[Variable, ...] = ()
    eligibility: Annotated[tuple[EligibilityRule, ...], Field(min_length=1)]
    scoring: tuple[ScoringRule, ...] = ()
    select: Select
    divide: Divide
    amount: AmountSource = AmountSource.VALUE


class AllocationPolicy(Document):
    """An allocation policy, one dated edition."""

    kind: Literal["AllocationPolicy"]
    metadata: SourcedMetadata
    spec: AllocationPolicySpec


class Requirement(Authored):
    """So many people of one role."""

    role: Role
    count: Annotated[int, Field(strict=True, ge=1, le=20)]


class AuthorityBand(Authored):
    """Who approves up to an amount, inclusive; the last band has no limit."""

    id: RuleId
    up_to_fen: PositiveFen | Literal["unlimited"]
    require: Annotated[tuple[Requirement, ...], Field(min_length=1)]


class Escalation(Authored):
    """Who approves as well when a condition holds; every line that holds adds to the band."""

    id: RuleId
    when: Expression
    require: Annotated[tuple[Requirement, ...], Field(min_length=1)]
    message: Line


class Separation(Authored):
    """Who may not: the same person twice, and anybody whose company wins."""

    distinct_persons: bool = True
    recuse_winners: bool = True


class AuthorityMatrixSpec(Authored):
    """Who must approve an award, by its amount."""

    effective: Effective
    types: Slug
    params: Slug
    bands: Annotated[tuple[AuthorityBand, ...], Field(min_length=1)]
    escalate: tuple[Escalation, ...] = ()
    separation: Separation = Separation()


class AuthorityMatrix(Document):
    """An authority matrix, one dated edition."""

    kind: Literal["AuthorityMatrix"]
    metadata: SourcedMetadata
    spec: AuthorityMatrixSpec


class Expectation(Authored):
    """The part of a decision that a case is about; what is not named is not compared."""

    outcome: Slug | None = None
    eligible: tuple[Code, ...] | None = None
    excluded: dict[Code, tuple[RuleId, ...]] | None = None
    scores: dict[Code, BasisPoints] | None = None
    ranking: tuple[Code, ...] | None = None
    selected: tuple[Code, ...] | None = None
    shares: dict[Code, Fen] | None = None
    fees: dict[Slug, dict[Code, Fen]] | None = None
    """By level, what each payer owes."""
    amount_fen: Fen | None = None
    queue_turns: tuple[Code, ...] | None = None
    approvals: dict[Role, Places] | None = None


class Case(Authored):
    """A sentence about the policy, what differs from the given facts, and what must come of it."""

    case: Line
    change: dict[str, Any] = Field(default={}, alias="set")
    expect: Expectation


class GivenFacts(Facts):
    """The facts a case starts from; the decision day stands beside them."""

    decision_day: Day = "1970-01-01"


class PolicyTestSpec(Authored):
    """Given facts and the cases that start from them."""

    policy: Slug
    authority: Slug | None = None
    decision_day: Day
    given: GivenFacts
    cases: Annotated[tuple[Case, ...], Field(min_length=1)]


class PolicyTest(Document):
    """The cases beside a policy."""

    kind: Literal["PolicyTest"]
    spec: PolicyTestSpec


class FactsDocument(Authored):
    """Facts in a file of their own, to be decided offline."""

    api_version: Literal["lianyue/v1"] = Field(alias="apiVersion")
    kind: Literal["Facts"]
    metadata: Metadata | None = None
    spec: Facts


RuleDocument = TypeSet | ParameterSet | AllocationPolicy | AuthorityMatrix | PolicyTest

MODELS: dict[str, type[RuleDocument]] = {
    Kind.TYPE_SET.value: TypeSet,
    Kind.PARAMETER_SET.value: ParameterSet,
    Kind.ALLOCATION_POLICY.value: AllocationPolicy,
    Kind.AUTHORITY_MATRIX.value: AuthorityMatrix,
    Kind.POLICY_TEST.value: PolicyTest,
}

"""The kinds of rule file, as a coordinator writes them: one envelope, and a spec for each kind."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Discriminator, Field, Tag, model_validator

from contracts.approval import OnTimeout
from contracts.calendar import epoch_day
from contracts.facts import Facts
from contracts.ids import ContractNumber
from contracts.organisation import Role
from contracts.value import Authored, BasisPoints, Code, Fen, Line, PositiveFen, Reason, Slug, UserName
from rules.divide.methods import Divide
from rules.select.methods import Select
from rules.table.layout import TableLayout, Value
from rules.words import Expression, Name, Places, Ratio, RuleId


def _date(text: str) -> str:
    """Refuse what is not a date of the calendar, written in full."""
    try:
        date.fromisoformat(text)
    except ValueError:
        raise ValueError(f'"{text}" is not a date; write it like "2025-07-01"') from None
    return text


Day = Annotated[str, Field(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"), AfterValidator(_date)]
"""A quoted date, ``"2025-07-01"``."""

DECLINED = "declined"
EXCLUDED_BY_BUYER = "excluded-by-buyer"
NO_QUOTE = "no-quote"
ABOVE_CEILING = "above-ceiling"
OVER_CAP = "over-cap"
NO_MEASURE = "no-measure"
BUILT_IN_REASONS = (DECLINED, EXCLUDED_BY_BUYER, NO_QUOTE, ABOVE_CEILING, OVER_CAP, NO_MEASURE)
"""Reasons that come from the facts or the method and no policy states; no rule may take their ids."""


class Kind(StrEnum):
    """The kinds of rule file."""

    TYPE_SET = "TypeSet"
    PARAMETER_SET = "ParameterSet"
    GUARD_SET = "GuardSet"
    ALLOCATION_POLICY = "AllocationPolicy"
    AUTHORITY_MATRIX = "AuthorityMatrix"
    DECISION_TABLE = "DecisionTable"
    POLICY_EXCEPTION = "PolicyException"
    POLICY_TEST = "PolicyTest"


SHADOW_POLICY = "ShadowPolicy"
"""Where policies that run as shadows are kept, apart from those that decide, so that none is ever taken for one."""


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
    fallback: Fallback | None = None


class AllocationPolicy(Document):
    """An allocation policy, one dated edition."""

    kind: Literal["AllocationPolicy"]
    metadata: SourcedMetadata
    spec: AllocationPolicySpec


class Requirement(Authored):
    """So many people of one role."""

    role: Role
    count: Annotated[int, Field(strict=True, ge=1, le=20)]


class Timeout(Authored):
    """How many working days the approvals may take, and whom silence leads to: the next band, a role, or nobody new."""

    working_days: Annotated[int, Field(strict=True, ge=1, le=120)]
    on_timeout: OnTimeout
    role: Role | None = None
    count: Annotated[int, Field(strict=True, ge=1, le=20)] = 1


class AuthorityBand(Authored):
    """Who approves up to an amount, inclusive; the last band has no limit."""

    id: RuleId
    up_to_fen: PositiveFen | Literal["unlimited"]
    require: Annotated[tuple[Requirement, ...], Field(min_length=1)]
    timeout: Timeout | None = None


class Escalation(Authored):
    """Who approves as well when a condition holds; every line that holds adds to the band."""

    id: RuleId
    when: Expression
    require: Annotated[tuple[Requirement, ...], Field(min_length=1)]
    message: Line
    timeout: Timeout | None = None


class RecusalLine(Authored):
    """Who takes no part in an award: everybody for whom the condition holds."""

    id: RuleId
    when: Expression
    message: Line
    reference: Line | None = None


class Separation(Authored):
    """Who may not: the same person twice, and anybody whose company wins."""

    distinct_persons: bool = True
    recuse_winners: bool = True


class Delegability(Authored):
    """Whether the authority to approve may be handed over (never handed on), and only for stated days."""

    max_depth: Annotated[int, Field(strict=True, ge=0, le=1)] = 0
    must_be_dated: bool = True


class ExceptionAuthority(Authored):
    """Who may grant an exception to a waivable rule."""

    role: Role


class AuthorityMatrixSpec(Authored):
    """Who must approve an award, by its amount."""

    effective: Effective
    types: Slug
    params: Slug
    bands: Annotated[tuple[AuthorityBand, ...], Field(min_length=1)]
    escalate: tuple[Escalation, ...] = ()
    recuse: tuple[RecusalLine, ...] = ()
    separation: Separation = Separation()
    delegation: Delegability = Delegability()
    exceptions: ExceptionAuthority | None = None


class AuthorityMatrix(Document):
    """An authority matrix, one dated edition."""

    kind: Literal["AuthorityMatrix"]
    metadata: SourcedMetadata
    spec: AuthorityMatrixSpec


class DecisionTableSpec(TableLayout):
    """What comes of which values, row by row."""

    effective: Effective
    types: Slug
    params: Slug


class DecisionTable(Document):
    """A decision table, one dated edition."""

    kind: Literal["DecisionTable"]
    metadata: SourcedMetadata
    spec: DecisionTableSpec


class Term(Effective):
    """From which day to which, exclusive; both are stated."""

    end: Day = Field(alias="to")


class Grant(Authored):
    """Who granted an exception, in which role, and on which day."""

    user: UserName
    role: Role
    day: Day


class PolicyExceptionSpec(Authored):
    """Which rules are waived for which members, in which contracts, from when to when, and why."""

    policy: Slug
    """The policy by name, or ``any``."""
    waives: Annotated[tuple[RuleId, ...], Field(min_length=1)]
    members: Annotated[tuple[Code, ...], Field(min_length=1)]
    contracts: tuple[ContractNumber, ...] = ()
    """Only in these contracts; none named means every contract."""
    category: Slug | None = None
    effective: Term
    reason: Reason
    granted_by: Grant


class OwnedMetadata(SourcedMetadata):
    """Metadata of a file for which somebody answers by name."""

    owner: Line


class PolicyException(Document):
    """An exception to waivable rules of a policy: a dated object that ends by itself."""

    kind: Literal["PolicyException"]
    metadata: OwnedMetadata
    spec: PolicyExceptionSpec


class Expectation(Authored):
    """The part of a decision that a case is about; what is not named is not compared."""

    policy: Slug | None = None
    """The policy that decided, which may be a fallback."""
    outcome: Slug | None = None
    eligible: tuple[Code, ...] | None = None
    excluded: dict[Code, tuple[RuleId, ...]] | None = None
    waived: dict[Code, tuple[RuleId, ...]] | None = None
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
    """Given facts and the cases that start from them; of a shadow, the ``mode`` says that they are about it."""

    policy: Slug
    mode: PolicyMode = PolicyMode.DECIDES
    guards: Slug | None = None
    """The guard set of which the cases show every answer, where they are about its guards."""
    authority: Slug | None = None
    decision_day: Day
    given: GivenFacts
    cases: Annotated[tuple[Case, ...], Field(min_length=1)]


class TableExpectation(Authored):
    """What a table must come to; what is not named is not compared."""

    value: Value | dict[Name, Value] | tuple[Value | dict[Name, Value], ...] | None = None
    rows: tuple[RuleId, ...] | None = None
    error: Line | None = None


class TableCase(Authored):
    """A sentence about a table, what differs from the given facts, and what must come of it."""

    case: Line
    change: dict[str, Any] = Field(default={}, alias="set")
    expect: TableExpectation


class TableTestSpec(Authored):
    """Given facts, only as many as the table reads, and the cases that start from them."""

    table: Slug
    decision_day: Day
    given: dict[Name, Any]
    cases: Annotated[tuple[TableCase, ...], Field(min_length=1)]


def _tried(spec: Any) -> str:
    """Which of both models *spec* is meant for."""
    is_table = "table" in spec if isinstance(spec, dict) else isinstance(spec, TableTestSpec)
    return TableTestSpec.__name__ if is_table else PolicyTestSpec.__name__


class PolicyTest(Document):
    """The cases beside a policy or a table."""

    kind: Literal["PolicyTest"]
    spec: Annotated[
        Annotated[PolicyTestSpec, Tag(PolicyTestSpec.__name__)] | Annotated[TableTestSpec, Tag(TableTestSpec.__name__)],
        Discriminator(_tried),
    ]


class FactsDocument(Authored):
    """Facts in a file of their own, to be decided offline."""

    api_version: Literal["lianyue/v1"] = Field(alias="apiVersion")
    kind: Literal["Facts"]
    metadata: Metadata | None = None
    spec: Facts


RuleDocument = (
    TypeSet
    | ParameterSet
    | GuardSet
    | AllocationPolicy
    | AuthorityMatrix
    | DecisionTable
    | PolicyException
    | PolicyTest
)

MODELS: dict[str, type[RuleDocument]] = {
    Kind.TYPE_SET.value: TypeSet,
    Kind.PARAMETER_SET.value: ParameterSet,
    Kind.GUARD_SET.value: GuardSet,
    Kind.ALLOCATION_POLICY.value: AllocationPolicy,
    Kind.AUTHORITY_MATRIX.value: AuthorityMatrix,
    Kind.DECISION_TABLE.value: DecisionTable,
    Kind.POLICY_EXCEPTION.value: PolicyException,
    Kind.POLICY_TEST.value: PolicyTest,
}


def shelf_of(document: RuleDocument) -> str:
    """Under which kind *document* is kept and looked up: its own, or among the shadows."""
    if isinstance(document, AllocationPolicy):
        return policy_shelf(document.spec.mode)
    return document.kind


def policy_shelf(mode: PolicyMode) -> str:
    """Under which kind policies of a *mode* are kept."""
    return SHADOW_POLICY if mode is PolicyMode.SHADOW else Kind.ALLOCATION_POLICY

"""What must come of given facts: the kind PolicyTest, and facts in a file of their own."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag

from contracts.facts import Facts
from contracts.organisation import Role
from contracts.value import Authored, BasisPoints, Code, Fen, Line, Slug
from rules.documents.envelope import Day, Document, Metadata
from rules.documents.policy import PolicyMode
from rules.table.layout import Value
from rules.words import Name, Places, RuleId


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

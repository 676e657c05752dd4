"""Who must approve an award, who may not, and who grants exceptions: AuthorityMatrix and PolicyException."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from contracts.approval import OnTimeout
from contracts.ids import ContractNumber
from contracts.organisation import Role
from contracts.value import Authored, Code, Line, PositiveFen, Reason, Slug, UserName
from rules.documents.envelope import Day, Document, Effective, SourcedMetadata
from rules.words import Expression, RuleId


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


ANY_POLICY = "any"
"""What an exception says that is for no policy in particular."""


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

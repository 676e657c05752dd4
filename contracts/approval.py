"""Approvals: what the authority matrix comes to for one award, in plain values that a workflow can hold people to."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, Self

from pydantic import model_validator

from contracts.calendar import iso_day
from contracts.decision import ApprovalNeed
from contracts.organisation import MandateScope, Role
from contracts.value import Authored, Code, Count, Digest, EpochDay, Reason, Recorded, UserName


class OnTimeout(StrEnum):
    """What happens when an approval is not given in time."""

    ESCALATE_ONE_BAND = "escalate_one_band"
    ESCALATE_TO_ROLE = "escalate_to_role"
    REMIND = "remind"


class SignerFacts(Recorded):
    """Somebody of the office on the decision day, as recusals see them."""

    user: UserName
    company: Code
    roles: tuple[Role, ...]
    related: tuple[Code, ...] = ()
    """Companies this person is related to (关联公司)."""


class Recusal(Recorded):
    """Why somebody may not approve this award: the line's id, its message and source, and what it read."""

    rule: str
    message: str
    reference: str = ""
    reads: dict[str, Any] = {}


class ApprovalTimeout(Recorded):
    """
    How long the approvals of one band or line may take, in working days, and what happens then.

    ``instead`` is asked instead of what is still open; of it is taken off who has approved under one of the rules
    ``counted``.
    """

    rule: str
    working_days: Count
    on_timeout: OnTimeout
    instead: tuple[ApprovalNeed, ...] = ()
    counted: tuple[str, ...] = ()


class ApprovalPlan(Recorded):
    """
    Who must approve an award, who may not, and what happens when they are silent.

    Decided once, with the award, from the pinned authority matrix. Whoever is not among ``signers`` was not examined
    for a recusal.
    """

    needs: tuple[ApprovalNeed, ...] = ()
    timeouts: tuple[ApprovalTimeout, ...] = ()
    distinct_persons: bool = True
    mandate_depth: int = 0
    mandates_must_be_dated: bool = True
    starter: UserName | None = None
    signers: tuple[SignerFacts, ...] = ()
    recused: dict[UserName, tuple[Recusal, ...]] = {}

    def timeout_of(self, rule: str) -> ApprovalTimeout | None:
        """Return how long the approvals asked for by *rule* may take, if that is limited."""
        return next((timeout for timeout in self.timeouts if timeout.rule == rule), None)


class MandateGrant(Authored):
    """
    授权: *principal* hands the authority to approve over to *delegate*, from one day to another, half-open.

    Without a last day it holds until it is revoked, where the authority matrix allows that. With the scope ``tasks``
    (代办) it is about all tasks but approvals, while the principal is away, and has a last day.
    """

    principal: UserName
    delegate: UserName
    from_day: EpochDay
    to_day: EpochDay | None = None
    reason: Reason
    scope: MandateScope = MandateScope.APPROVALS

    @model_validator(mode="after")
    def _runs_forward(self) -> Self:
        """Somebody hands over to somebody else, for at least one day."""
        if self.principal == self.delegate:
            raise ValueError(f"{self.principal} cannot hand over to themselves")
        if self.to_day is not None and self.to_day <= self.from_day:
            raise ValueError(f"the mandate ends on {iso_day(self.to_day)}, exclusive, before it holds for a day")
        if self.to_day is None and self.scope is MandateScope.TASKS:
            raise ValueError("whoever stands in does so up to a day; say until when")
        return self


class Revocation(Authored):
    """An end brought forward: from this day on, what has the digest *target* is no longer in force."""

    target: Digest
    from_day: EpochDay
    reason: Reason
    user: UserName

"""What the simulated people of an example do: their prices and scores, and where a story departs from the usual."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from contracts.ids import ContractNumber
from contracts.service_contract import Amendment
from contracts.task import MemberTask, TaskKind
from contracts.value import Authored, BasisPoints, Code, Json, PositiveFen, Reason, Slug

Times = Annotated[int, Field(strict=True, ge=1, le=100)]


class Departure(StrEnum):
    """How somebody departs from quoting, signing, delivering and accepting as expected."""

    DECLINE = "decline"
    SILENT = "silent"
    """Never answers: the task expires."""
    LATE = "late"
    """Answers only once the task has been escalated (or, without escalation, is overdue)."""
    RETURN = "return"
    REJECT = "reject"
    REQUIRE_CHANGES = "require_changes"
    CHANGE_TERMS = "change_terms"
    APPEAL = "appeal"
    REVISE = "revise"
    RED_LINE = "red_line"


class Occasion(Authored):
    """
    Tasks of *kind* of contract *number* that fit *company* and *subject*.

    ``subject`` must agree with the task's (member, milestone, round, attempt, version …); empty fits all.
    """

    number: ContractNumber
    kind: TaskKind
    company: Code | None = None
    subject: dict[str, str] = {}

    def fits(self, task: MemberTask) -> bool:
        """Say whether *task* is one of those this is about."""
        return (
            (task.number, task.kind) == (self.number, self.kind)
            and self.company in (None, task.company)
            and all(task.subject.get(name) == value for name, value in self.subject.items())
        )


class Deviation(Occasion):
    """One departure, on *times* tasks that fit the occasion."""

    act: Departure
    times: Times = 1
    reason: Reason = "按约定处理"
    score_bp: BasisPoints | None = None
    member: Code | None = None
    red_line: Slug | None = None
    terms: Json = {}


class Order(StrEnum):
    """What a coordinator orders."""

    SUSPEND = "suspend"
    AMEND = "amend"
    CANCEL = "cancel"
    REMIND = "remind"


class Intervention(Occasion):
    """A coordinator's order, given when the first task that fits the occasion is open."""

    act: Order
    reason: Reason
    resume_after_days: Annotated[int, Field(strict=True, ge=1, le=60)] = 3
    amendment: Amendment | None = None


class Script(Authored):
    """The people's part of an example; whoever is not mentioned does what is expected."""

    quotes: dict[ContractNumber, dict[Code, PositiveFen]] = {}
    scores: dict[ContractNumber, dict[Code, BasisPoints]] = {}
    """The client's and the office's score of a member, in acceptance and review."""
    usual_score_bp: BasisPoints = 9_300
    deviations: tuple[Deviation, ...] = ()
    interventions: tuple[Intervention, ...] = ()

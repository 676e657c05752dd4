"""The bodies that requests bring and the pages that answers come in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Self, TypeVar

from pydantic import Field, model_validator

from contracts.facts import Facts
from contracts.organisation import MandateScope
from contracts.task import CoSignMode, Quorum
from contracts.value import Authored, Json, Reason, Recorded, UserName
from lianyue.casebook.precedents import Period
from lianyue.settings import Language
from rules.source import LARGEST_TEXT

Item = TypeVar("Item")
MOST = 200
ROOT = "/api/v1"
Revision = Annotated[int, Field(strict=True, ge=1, le=10**9)]
Day = Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$")]
Several = Annotated[tuple[Annotated[str, Field(min_length=1, max_length=120)], ...], Field(max_length=MOST)]
Somebody = Annotated[str, Field(pattern=r"^([a-z][a-z0-9._-]{1,39})?$")]


class Page(Authored):
    """Which part of a list is wanted."""

    limit: Annotated[int, Field(ge=1, le=MOST)] = 50
    offset: Annotated[int, Field(ge=0, le=10**9)] = 0

    def next_after(self, found: Sequence[Item]) -> int | None:
        """Return the offset of the next page, of which *found* holds the first item; None after the last."""
        return self.offset + self.limit if len(found) > self.limit else None


class Spoken(Authored):
    """In which language sentences are wanted."""

    language: Language = Language.ZH


class Bare(Authored):
    """An act on a task; with ``expected_revision`` it is refused if somebody acted in between."""

    expected_revision: Revision | None = None
    acting_for: Somebody = ""


class Reasoned(Bare):
    """An act that needs a reason."""

    reason: Reason


class ToColleague(Reasoned):
    """An act that turns to a colleague."""

    to: UserName


class CoSigning(Reasoned):
    """加签: whose consent is wanted, when, and of how many; ``needed`` goes with the quorum ``at_least``."""

    to: Annotated[tuple[UserName, ...], Field(min_length=1, max_length=20)]
    mode: CoSignMode = CoSignMode.BESIDE
    quorum: Quorum = Quorum.ALL
    needed: Annotated[int, Field(strict=True, ge=1, le=20)] | None = None


class Urging(Bare):
    """催办: a reason may be given."""

    reason: Annotated[str, Field(max_length=2_000)] = ""


class ReadCopy(Recorded):
    """A copy that was marked as read, and whether this was the first time."""

    target: str
    first: bool


class Informed(Authored):
    """抄送: who is informed."""

    to: Annotated[tuple[UserName, ...], Field(min_length=1, max_length=20)]


class Informing(Informed):
    """抄送 of a task."""

    acting_for: Somebody = ""


class UrgingSeveral(Authored):
    """批量催办: these tasks, or everything overdue that one may urge."""

    tasks: Several = ()
    all_overdue: bool = False
    reason: Annotated[str, Field(max_length=2_000)] = ""

    @model_validator(mode="after")
    def _names_either(self) -> Self:
        """Tasks are named, or all that are overdue are meant."""
        if bool(self.tasks) is self.all_overdue:
            raise ValueError("name tasks, or ask for all_overdue")
        return self


class TransferringSeveral(Authored):
    """批量转交: these tasks, to one colleague."""

    tasks: Annotated[Several, Field(min_length=1)]
    to: UserName
    reason: Reason
    acting_for: Somebody = ""


class Batch(Authored):
    """Contracts to be started, each looked at for itself; with the text of a Portfolio, to be awarded together."""

    contracts: Annotated[tuple[Any, ...], Field(min_length=1, max_length=MOST)]
    portfolio: Annotated[str, Field(max_length=LARGEST_TEXT)] = ""


class HandingOver(Authored):
    """授权: to whom, from which day to which, half-open, and why."""

    to: UserName
    from_day: Annotated[Day, Field(alias="from")]
    until: Day | None = None
    reason: Reason
    scope: MandateScope = MandateScope.APPROVALS


class Ending(Authored):
    """From which day on something no longer holds, and why."""

    from_day: Annotated[Day, Field(alias="from")]
    reason: Reason


class ExceptionText(Authored):
    """An exception as its file would state it."""

    text: Annotated[str, Field(min_length=1, max_length=100_000)]


class OtherRules(Spoken):
    """By which other rules a contract's decisions are decided again: an edition known here, or a text."""

    policy: Annotated[str, Field(max_length=80)] = ""
    text: str = ""
    params: str = ""

    @model_validator(mode="after")
    def _names_either(self) -> Self:
        """An edition is named, or its text is given."""
        if bool(self.policy) is bool(self.text):
            raise ValueError("name an edition as policy, or give its text")
        return self


class InPeriod(Spoken):
    """From which decision day on, and up to which, decisions count."""

    since: Day | None = None
    until: Day | None = None

    @property
    def period(self) -> Period:
        """The period, or Invalid if it has no day."""
        return Period.of(self.since, self.until)


class TwoEditions(InPeriod):
    """Which editions are compared: a name, or name@from-day."""

    a: Annotated[str, Field(min_length=1, max_length=80)]
    b: Annotated[str, Field(min_length=1, max_length=80)]


class Answer(Authored):
    """The answer to a task, by the form of its kind."""

    content: Json
    acting_for: Somebody = ""


class RuleTexts(Authored):
    """Rule files by name."""

    files: dict[Annotated[str, Field(pattern=r"^[\w./@-]{1,120}$")], str] = Field(min_length=1, max_length=50)


class Question(Authored):
    """Facts to be decided by a policy of the books, on parameters of one's own if given."""

    policy: Annotated[str, Field(min_length=1, max_length=64)]
    facts: Facts
    params: str = ""

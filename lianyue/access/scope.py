"""A viewer's scope: the one road to the records for whoever answers a request."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any, BinaryIO, NamedTuple, TypeVar

from contracts.agreement import AgreementState
from contracts.category import Category
from contracts.delivery import SettlementLine
from contracts.errors import Invalid, NotYourTask
from contracts.review import Review, Standing
from contracts.service_contract import Stage
from contracts.signed_document import DocumentRevision
from contracts.task import MemberTask
from contracts.task_forms import form_of
from lianyue.access.common import CommonKnowledge
from lianyue.access.errors import NotThere
from lianyue.access.inbox import OwnInbox
from lianyue.access.permissions import Part, heard, may_see_task
from lianyue.access.quoted import lying_sealed, opening_of
from lianyue.access.viewer import Viewer
from lianyue.access.views import (
    AgreementSeen,
    ContractSeen,
    DecisionSeen,
    OpenQuote,
    QuotesSeen,
    TaskSeen,
    Told,
    is_announced,
    stated,
)
from lianyue.desk.desk import Desk
from lianyue.desk.inbox import InboxDesk
from lianyue.desk.verbs import evidence_of, possible
from lianyue.documents.filed import Shelf, filed
from lianyue.documents.rendered import RenderedDocument
from lianyue.records.directory import Directory
from lianyue.records.evidence import KeptEvidence
from lianyue.records.inbox import Wanted
from lianyue.records.kept import ContractLine, ContractSummary, KeptAgreement, KeptDecision, RefusedAttempt
from lianyue.records.reading import Reading
from lianyue.records.sql import SqlRecords
from lianyue.settings import Language
from lianyue.story import names_of, sentence
from lianyue.titles import task_title

Answer = TypeVar("Answer")
MOST_AT_ONCE = 200
MOST_LINES = 500


class Sources(NamedTuple):
    """What a scope reads from; nobody else is given it."""

    reading: Reading
    inbox: InboxDesk
    directory: Directory
    published: SqlRecords
    categories: dict[str, Category]
    desk: Desk


class Scope(CommonKnowledge):
    """
    What *viewer* may see; see `lianyue.access.permissions` for the table.

    What is not there and what is not theirs are told alike, as NotThere.
    """

    def __init__(self, viewer: Viewer, sources: Sources) -> None:
        super().__init__(viewer, sources.directory, sources.published, sources.categories)
        self.__sources = sources
        self.__reading = sources.reading

    # --- tasks ----------------------------------------------------------------------------------------------

    @property
    def inbox(self) -> OwnInbox:
        """The viewer's own inbox."""
        return OwnInbox(self.viewer, self.__sources.inbox, lambda copy: self.__sees_contract(copy.number))

    def tasks(
        self,
        wanted: Wanted | None = None,
        *,
        company: str | None = None,
        open_only: bool = False,
        limit: int = MOST_AT_ONCE,
        offset: int = 0,
    ) -> tuple[MemberTask, ...]:
        """
        Return all tasks that the viewer may look at, the most pressing first; with *company*, those of that one.

        Others than overseers are told of their own company's; what a client follows stands with its contracts.
        """
        own = company if self.viewer.oversees else self.viewer.company
        if company not in (None, own):
            raise NotThere(f"there is nothing here about the tasks of {company!r}")
        page: dict[str, Any] = {"limit": limit, "offset": offset}
        return self.__reading.tasks(company=own, open_only=open_only, wanted=wanted, **page)

    def task(self, task_id: str) -> MemberTask:
        """Return task *task_id*, or raise NotThere."""
        task = _there(lambda: self.__reading.task(task_id), f"there is no task {task_id!r}")
        if not may_see_task(self.viewer, task, self.__client(task.number)):
            raise NotThere(f"there is no task {task_id!r}")
        return task

    def task_page(self, task_id: str) -> TaskSeen:
        """Return task *task_id* with its form and the verbs it allows the viewer, or raise NotThere."""
        task = self.task(task_id)
        summary = self.__reading.contract(task.number)
        category = self.category(summary.category)
        inbox, form = self.inbox, form_of(task, category)
        stand_ins = inbox.stand_ins(task)
        return TaskSeen(
            task=task,
            form=form,
            evidence=evidence_of(task, category),
            may=possible(task, self.viewer.as_actor(), summary.client, stand_ins),
            draft=inbox.draft(task_id),
            stand_ins=stand_ins,
        )

    # --- contracts ------------------------------------------------------------------------------------------

    def contracts(
        self, *, stage: Stage | None = None, category: str | None = None, limit: int = MOST_AT_ONCE, offset: int = 0
    ) -> tuple[ContractSummary, ...]:
        """Return the contracts that concern the viewer's company by number; overseers see all."""
        company = None if self.viewer.oversees else self.viewer.company
        return self.__reading.contracts(stage=stage, category=category, company=company, limit=limit, offset=offset)

    def contract(self, number: str) -> ContractSeen:
        """Return contract *number* on one page, or raise NotThere."""
        part = self.part(number)
        agreements = self.__agreements(number)
        shares, fees = self.__division(number, agreements)
        order = self.__reading.order(number)
        return ContractSeen(
            summary=self.__reading.contract(number),
            contract=stated(order.contract, self.viewer.oversees),
            portfolio=order.portfolio if self.viewer.oversees else None,
            part=part,
            shares=shares,
            fees=fees,
            settlements=self.settlements(number),
            open_tasks=tuple(task for task in self.__tasks_of(number) if task.is_open),
        )

    def timeline(self, number: str, language: str = "zh") -> tuple[Told, ...]:
        """Return what happened to contract *number* as far as it is for the viewer, or raise NotThere."""
        part = self.part(number)
        own = [each.id for each in self.__all_tasks(number) if each.company == self.viewer.company]
        names = self.__names(number, language)
        found = (heard(self.viewer, part, each, each.task in own) for each in self.__reading.happenings(number))
        return tuple(Told(happening=each, sentence=sentence(each, names, language)) for each in found if each)

    def quotes(self, number: str) -> QuotesSeen:
        """Return the quotes of contract *number* that the viewer may see, or raise NotThere."""
        part = self.part(number)
        tasks, opened = self.__all_tasks(number), self.__reading.quotes(number)
        sealed = lying_sealed(tasks, [each.commitment for each in opened])
        waits = self.viewer.oversees and not opened
        return QuotesSeen(
            sealed=tuple(each for each in sealed if self.__is_own(each.member)),
            opened=tuple(OpenQuote.of(each) for each in opened if self.__sees_quote(number, part, each.member)),
            opening=opening_of(self.__reading.order(number), tasks) if waits else None,
        )

    def decisions(self, number: str) -> tuple[KeptDecision | DecisionSeen, ...]:
        """Return the decisions on contract *number*: overseers all of them, others the results that are announced."""
        self.part(number)
        kept = self.__reading.decisions(number)
        if self.viewer.oversees:
            return kept
        return tuple(DecisionSeen.of(each, self.viewer.company) for each in self.__announced(number, kept))

    def agreements(self, number: str) -> tuple[AgreementSeen, ...]:
        """Return the versions of the document to which the viewer's company is a party."""
        self.part(number)
        return tuple(
            AgreementSeen.of(each, self.__reading.signatures(number, each.version.agreement.version))
            for each in self.__agreements(number)
        )

    def document(self, number: str, version: int) -> RenderedDocument:
        """Return a version of the document to which the viewer's company is a party, or raise NotThere."""
        self.part(number)
        if version not in [each.version.agreement.version for each in self.__agreements(number)]:
            raise NotThere(f"there is no version {version} of {number!r}")
        sources, category = self.__sources, self.category(self.__reading.contract(number).category)
        shelf = Shelf(self.__reading, sources.directory, sources.published, category)
        return filed(shelf, number, version=version)

    def revisions(self, number: str, version: int) -> tuple[DocumentRevision, ...]:
        """Return the revisions of a version that the viewer's company is a party to, or raise NotThere."""
        self.part(number)
        if version not in [each.version.agreement.version for each in self.__agreements(number)]:
            raise NotThere(f"there is no version {version} of {number!r}")
        return self.__reading.revisions(number, version)

    def settlements(self, number: str) -> tuple[SettlementLine, ...]:
        """Return the settlement lines: a member its own, client and overseers all."""
        part = self.part(number)
        lines = self.__reading.settlements(number)
        return tuple(each for each in lines if part is Part.CLIENT or self.__is_own(each.member))

    def evidence(self, number: str) -> tuple[KeptEvidence, ...]:
        """Return the files handed over: a member its own, client and overseers all."""
        part = self.part(number)
        found = self.__reading.evidence(number)
        return tuple(each for each in found if part is Part.CLIENT or self.__is_own(each.company))

    def evidence_file(self, number: str, sha256: str) -> tuple[KeptEvidence, BinaryIO]:
        """Return a file that was handed over, and its bytes, or raise NotThere."""
        mine = [each for each in self.evidence(number) if each.sha256 == sha256]
        if not mine:
            raise NotThere(f"there is no file {sha256!r}")
        return mine[0], _there(
            lambda: self.__sources.desk.evidence.files.opened(sha256), f"there is no file {sha256!r}"
        )

    def reviews(self, number: str) -> tuple[Review, ...]:
        """Return the reviews: a member its own, client and overseers all."""
        part = self.part(number)
        found = self.__reading.reviews(number)
        return tuple(each for each in found if part is Part.CLIENT or self.__is_own(each.member))

    def standings(self, category: str) -> tuple[Standing, ...]:
        """Return the standings in *category*: a member its own, overseers all."""
        self.category(category)
        return tuple(each for each in self.__reading.standings(category) if self.__is_own(each.member))

    def refused_attempts(self, number: str | None = None) -> tuple[RefusedAttempt, ...]:
        """Return what was refused, or raise NotThere to anybody but overseers."""
        self.need_oversight("refused attempts")
        if number is not None:
            self.part(number)
        return self.__reading.refused_attempts(number)

    def summary(self, number: str) -> ContractSummary:
        """Return contract *number* on one line, or raise NotThere."""
        self.part(number)
        return self.__reading.contract(number)

    def lines(self, tasks: Iterable[MemberTask]) -> dict[str, ContractLine]:
        """Return the contracts of those of *tasks* that the viewer may look at, by number."""
        asked = list(tasks)
        found: dict[str, ContractLine] = {}
        numbers = sorted({task.number for task in asked})
        for first in range(0, len(numbers), MOST_LINES):
            found |= self.__reading.lines(numbers[first : first + MOST_LINES])
        seen = {task.number for task in asked if may_see_task(self.viewer, task, found[task.number].summary.client)}
        return {number: line for number, line in found.items() if number in seen}

    def now(self, number: str) -> datetime:
        """Return what the clock of contract *number* shows at this moment, or raise NotThere."""
        self.part(number)
        return self.__reading.order(number).clock.at(datetime.now(UTC))

    # --- what a viewer has to do with a contract ------------------------------------------------------------

    def part(self, number: str) -> Part:
        """Return what the viewer has to do with contract *number*, or raise NotThere if nothing."""
        client = self.__client(number)
        if self.viewer.oversees:
            return Part.OVERSEER
        if client == self.viewer.company:
            return Part.CLIENT
        if not self.__reading.is_concerned(number, self.viewer.company):
            raise _no_contract(number)
        return Part.PARTY if self.__agreements(number) else Part.ASKED

    def need_oversight(self, what: str) -> None:
        """Raise NotThere unless the viewer oversees the alliance."""
        if not self.viewer.oversees:
            raise NotThere(f"there is nothing here about {what}")

    def on_record(self, verb: str, target: str, seen: Callable[[], Answer]) -> Answer:
        """
        Return what *seen* returns; put on record who wanted to act on what exists and is not theirs.

        Raises:
            NotThere: As *seen* does.
        """
        try:
            return seen()
        except NotThere:
            if self.__exists(target):
                refusal = NotYourTask(f"{target} is not there for {self.viewer.company}")
                self.__sources.desk.refuse(self.viewer.as_actor(), verb, target, refusal)
            raise

    def __exists(self, target: str) -> bool:
        """Whether anybody has *target*; what a viewer's own reading withholds is there all the same."""
        everything = self.__sources.desk.reading
        try:
            if ":" in target:
                everything.task(target)
            else:
                everything.contract(target)
        except Invalid:
            return False
        return True

    def __client(self, number: str) -> str:
        return _there(lambda: self.__reading.contract(number), f"contract {number!r} is not registered").client

    def __sees_contract(self, number: str) -> bool:
        try:
            self.part(number)
        except NotThere:
            return False
        return True

    def __is_own(self, member: str) -> bool:
        return self.viewer.oversees or member == self.viewer.company

    def __sees_quote(self, number: str, part: Part, member: str) -> bool:
        if self.__is_own(member):
            return True
        return part is Part.CLIENT and member in self.__selected(number)

    def __selected(self, number: str) -> tuple[str, ...]:
        announced = self.__announced(number, self.__reading.decisions(number))
        return announced[-1].decision.selected if announced else ()

    def __announced(self, number: str, kept: tuple[KeptDecision, ...]) -> tuple[KeptDecision, ...]:
        awards = tuple(each for each in self.__reading.happenings(number) if each.verb == Stage.ALLOCATED.value)
        has_failed = self.__reading.contract(number).stage is Stage.FAILED
        return tuple(each for each in kept if is_announced(each.decision, awards, has_failed))

    def __agreements(self, number: str) -> tuple[KeptAgreement, ...]:
        kept = self.__reading.agreements(number)
        company = self.viewer.company
        if self.viewer.oversees or (kept and company in self.__groups(number)):
            return kept
        return tuple(each for each in kept if company in each.version.agreement.parties)

    def __groups(self, number: str) -> set[str]:
        """Who signs besides the parties, and so must be able to read what they witness or consent to."""
        groups = self.__reading.order(number).contract.signing.groups
        return {company for group in groups for company in group.companies}

    def __division(self, number: str, agreements: tuple[KeptAgreement, ...]) -> tuple[tuple, tuple]:
        """The shares and fees in force, else those last agreed or announced."""
        in_force = [each for each in agreements if each.state is AgreementState.IN_FORCE]
        for agreement in (*in_force, *agreements[-1:]):
            return agreement.version.agreement.shares, agreement.version.agreement.fees
        decisions = self.decisions(number)
        if not decisions:
            return (), ()
        last = decisions[-1]
        seen = last if isinstance(last, DecisionSeen) else last.decision
        return seen.shares, seen.fees

    def __all_tasks(self, number: str) -> tuple[MemberTask, ...]:
        return self.__reading.tasks(number=number, open_only=False)

    def __tasks_of(self, number: str) -> tuple[MemberTask, ...]:
        client = self.__client(number)
        return tuple(each for each in self.__all_tasks(number) if may_see_task(self.viewer, each, client))

    def __names(self, number: str, language: str) -> dict[str, str]:
        directory, english = self.__sources.directory, language == Language.EN
        companies, persons = directory.companies(), directory.persons()
        summary = self.__reading.contract(number)
        milestones = self.category(summary.category).pack.milestones
        names = names_of(companies, persons, language)
        names |= {f"milestone:{each.code}": each.title_en if english else each.title_zh for each in milestones}
        called = {each.id: task_title(each, summary.title, names, language) for each in self.__all_tasks(number)}
        return names | called


def _there(found: Callable[[], Answer], otherwise: str) -> Answer:
    """Return what *found* returns; a name that is unknown or cannot be one is told as NotThere."""
    try:
        return found()
    except Invalid:
        raise NotThere(otherwise) from None


def _no_contract(number: str) -> NotThere:
    return NotThere(f"contract {number!r} is not registered")

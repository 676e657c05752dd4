"""What was decided before, as the records have it, and the editions it may be decided by again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from activities.deciding import compiled, compiled_authority
from contracts.approval import ApprovalPlan
from contracts.calendar import epoch_day
from contracts.decision import Decision, DecisionOutcome
from contracts.errors import AllianceError, Invalid, UnknownName
from contracts.facts import Facts
from contracts.service_contract import RulePins
from lianyue.audit.together import body_of, decided_again
from lianyue.books import texts
from lianyue.casebook.plans import plan_recorded
from lianyue.casebook.rule_files import is_file, policy_edition
from lianyue.records.kept import ContractSummary
from lianyue.records.opened import Opened
from lianyue.records.sql import SqlRecords
from lianyue.settings import Settings
from lianyue.strict_files import text_of
from rules.authority import approval_plan
from rules.closure import ground_named
from rules.decide import decide
from rules.difference import differing_fields
from rules.documents.envelope import SHADOW_POLICY, Kind
from rules.documents.policy import AllocationPolicy
from rules.edition import Edition, edition_of
from rules.library import Library
from rules.policy import CompiledPolicy, compile_policy
from rules.problems import did_you_mean


class Period(NamedTuple):
    """The decision days that count, as epoch days, both included; None is without a bound."""

    first: int | None = None
    last: int | None = None

    @classmethod
    def of(cls, since: str | None, until: str | None) -> Period:
        """
        Return the period from the day *since* up to the day *until*.

        Raises:
            Invalid: If one is no date, or the period ends before it begins.
        """
        period = cls(*(None if day is None else epoch_day(day) for day in (since, until)))
        if period.first is not None and period.last is not None and period.last < period.first:
            raise Invalid(f"the period ends on {until}, before it begins on {since}", where="--until")
        return period

    def has(self, day: int) -> bool:
        """Whether *day* counts."""
        return (self.first is None or day >= self.first) and (self.last is None or day <= self.last)


@dataclass(frozen=True)
class Precedent:
    """One recorded decision, with the editions that its contract pins."""

    number: str
    occurrence: int
    facts: Facts
    decision: Decision
    pins: RulePins
    portfolio: str | None = None
    """The portfolio that decided it together with other contracts."""

    @property
    def name(self) -> str:
        """What a line about it begins with."""
        return f"{self.number} #{self.occurrence}"

    def policy(self, published: SqlRecords) -> CompiledPolicy:
        """The edition that decided."""
        return compiled(published, self.pins)

    def plan(self, records: Opened) -> ApprovalPlan:
        """Who had to approve it and who might not: as it was recorded with it, else what the pinned matrix asks."""
        recorded = plan_recorded(records.reading, self.number, self.portfolio, self.occurrence)
        if recorded is not None:
            return recorded
        if self.portfolio is not None or self.decision.outcome is not DecisionOutcome.AWARDED:
            return ApprovalPlan()
        return approval_plan(compiled_authority(records.published, self.pins), self.facts, self.decision, (), None)

    def differing(self, records: Opened) -> tuple[str, ...]:
        """The fields in which the decision comes out otherwise today; none, if rules and records are what they were."""
        published = records.published
        try:
            if self.portfolio is not None:
                return _differing_together(records, self, self.portfolio)
            return differing_fields(decide(self.policy(published), self.facts), self.decision)
        except AllianceError as error:
            return (error.message,)


def precedents_of(opened: Opened, number: str) -> list[Precedent]:
    """Return the decisions of one contract, first to last; UnknownName if there is no such contract."""
    order = opened.reading.order(number)
    kept = opened.reading.decisions(number)
    return [Precedent(number, each.occurrence, each.facts, each.decision, order.pins, order.portfolio) for each in kept]


def _differing_together(records: Opened, precedent: Precedent, portfolio: str) -> tuple[str, ...]:
    """What differs where the contract is decided again from the recorded answer for its portfolio."""
    kept = {each.occurrence: each for each in records.portfolios.decisions(portfolio)}
    order, body = records.portfolios.order(portfolio), body_of(kept[precedent.occurrence])
    facts, decision = precedent.facts, precedent.decision
    difference = decided_again(records.published, order, body, precedent.pins, facts, decision)
    return (difference,) if difference else ()


def precedents(opened: Opened, period: Period, concerns: Callable[[ContractSummary], bool]) -> Iterator[Precedent]:
    """Yield the decisions within *period* of every contract that is of *concern*, by number."""
    for summary in opened.reading.contracts():
        if concerns(summary):
            yield from (each for each in precedents_of(opened, summary.number) if period.has(each.facts.day))


def every_edition(opened: Opened, settings: Settings) -> Library:
    """Return the rule files that the records have published, and those of the books that they have not."""
    known = [each for each in opened.published.editions() if each.kind in (*Kind, SHADOW_POLICY)]
    files = {f"records/{each.kind}/{each.name}/{each.edition}": opened.published.text(each.digest) for each in known}
    digests = [each.digest for each in known]
    books = Library.of(texts(settings.books))
    fresh = {each.source.file: each.source.text for each in books.editions if each.digest not in digests}
    return Library.of({**files, **fresh})


def edition_called(named: str, library: Library) -> Edition:
    """
    Return the edition in the file *named*, or of a name: ``property``, the latest, or ``property@2025-01-01``.

    Raises:
        UnknownName: If there is neither.
        RuleProblems: If the file has problems.
    """
    return edition_of(text_of(Path(named)), named) if is_file(named) else edition_named(named, library)


def edition_named(named: str, library: Library) -> Edition:
    """
    Return the edition of a name: ``property``, the latest, or ``property@2025-01-01``; no file is looked at.

    Raises:
        UnknownName: If there is none.
    """
    name, _, day = named.partition("@")
    found = [each for each in library.editions if each.name == name and each.effective is not None]
    matching = [each for each in found if not day or (each.effective and each.effective.first == day)]
    if matching:
        return max(matching, key=lambda each: (each.kind != SHADOW_POLICY, each.from_day))
    days = ", ".join(sorted(each.effective.first for each in found if each.effective))
    hint = f"; its editions are from {days}" if found else did_you_mean(name, {each.name for each in library.editions})
    raise UnknownName(f"{named!r} is neither a file nor an edition known here{hint}", where=named)


@dataclass(frozen=True)
class OtherEdition:
    """An edition of a policy by which recorded facts are decided anew, on the parameters that their contract pins."""

    edition: Edition
    document: AllocationPolicy
    library: Library
    params: Edition | None = None

    @classmethod
    def of(cls, edition: Edition, library: Library, params: Edition | None = None) -> OtherEdition:
        """Take *edition*, which must be a policy; *params* go before those that are pinned."""
        return cls(edition, policy_edition(edition), library, params)

    def compiled_for(self, precedent: Precedent, published: SqlRecords) -> CompiledPolicy:
        """
        Return the policy as it decides the facts of *precedent*.

        Raises:
            UnknownName: If it is written against parameters or types that are neither pinned nor in force.
            RuleProblems: If it has problems on these.
        """
        types_name, params_name = (each.name for each in ground_named(self.document))
        day, pins = precedent.facts.day, precedent.pins
        params = self._ground(Kind.PARAMETER_SET, params_name, day, published.text(pins.params))
        types = self._ground(Kind.TYPE_SET, types_name, day, published.text(pins.types))
        source = self.edition.source
        parts = self.library.parts_of(self.edition, day)
        return compile_policy(source.text, params, types, tuple(part.source.text for part in parts), source.file)

    def _ground(self, kind: Kind, name: str, day: int, pinned: str) -> str:
        if self.params is not None and (self.params.kind, self.params.name) == (kind, name):
            return self.params.source.text
        return pinned if _name_of(pinned) == name else self.library.find(kind, name, day).source.text


@lru_cache(maxsize=256)
def _name_of(text: str) -> str:
    return edition_of(text, "pinned").name

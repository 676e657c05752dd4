"""Recorded decisions under other rules: what another edition would have said, and what two editions say differently."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from contracts.errors import AllianceError, UnknownName, WrongState
from lianyue.casebook.account import DecisionAccount
from lianyue.casebook.precedents import (
    OtherEdition,
    Period,
    Precedent,
    every_edition,
    precedents,
    precedents_of,
)
from lianyue.records.kept import KeptShadow
from lianyue.records.opened import Opened
from lianyue.settings import Settings
from rules.decide import decide
from rules.difference import DecisionDifference, between, decided_by, difference_told
from rules.documents.envelope import SHADOW_POLICY
from rules.documents.policy import AllocationPolicy
from rules.edition import Edition
from rules.edition_difference import Alteration, alterations
from rules.explain.tongue import Tongue
from rules.explain.words import ENGLISH
from rules.library import Library

Progress = Callable[[int], None]
"""Is told how many decisions have been compared."""


@dataclass(frozen=True)
class WhatIf:
    """The decisions of one contract, and what the *other* edition says otherwise of each."""

    number: str
    other: OtherEdition
    differences: tuple[tuple[Precedent, DecisionDifference], ...]

    @property
    def reference(self) -> dict[str, str]:
        """Name, edition and digest of the other edition."""
        spec, edition = self.other.document.spec, self.other.edition
        return {"name": edition.name, "edition": spec.effective.first, "digest": edition.digest}

    def as_document(self, tongue: Tongue) -> dict[str, Any]:
        """Return it for programs, with sentences in *tongue*."""
        told = [precedent_document(each, difference, tongue) for each, difference in self.differences]
        return {"number": self.number, "policy": self.reference, "language": tongue.language, "decisions": told}


@dataclass(frozen=True)
class EditionsCompared:
    """What one edition says otherwise than another, and the recorded decisions that this changes."""

    alterations: tuple[Alteration, ...]
    decisions: int
    changed: tuple[tuple[Precedent, DecisionDifference], ...]

    def as_document(self, tongue: Tongue) -> dict[str, Any]:
        """Return it for programs, with sentences in *tongue*."""
        told = [precedent_document(each, difference, tongue) for each, difference in self.changed]
        counts = {"decisions": self.decisions, "changed": len(self.changed)}
        return {"alterations": [each.as_document() for each in self.alterations], **counts, "changes": told}


@dataclass(frozen=True)
class ShadowCompared:
    """How often a shadow would have decided otherwise than its policy did."""

    policy: str
    decisions: int
    differing: tuple[tuple[KeptShadow, DecisionDifference], ...]

    def as_document(self, tongue: Tongue) -> dict[str, Any]:
        """Return it for programs, with sentences in *tongue*."""
        told = [_shadow_document(each, difference, tongue) for each, difference in self.differing]
        return {"policy": self.policy, "decisions": self.decisions, "differing": len(told), "differences": told}


class Casebook:
    """The recorded decisions and the editions by which they may be decided again."""

    def __init__(self, records: Opened, settings: Settings) -> None:
        self._records = records
        self._settings = settings

    def tongue(self, language: str) -> Tongue:
        """Return what tells in *language*, with the names of companies, and in Chinese of people."""
        directory = self._records.directory
        companies = directory.companies()
        names = {each.code: each.name_en if language == ENGLISH else each.name for each in companies}
        people = {} if language == ENGLISH else {each.user: each.name for each in directory.persons()}
        return Tongue(language, {**people, **names})

    def editions(self) -> Library:
        """Return every edition that may be named."""
        return every_edition(self._records, self._settings)

    def accounts(self, number: str, tongue: Tongue, member: str = "") -> tuple[DecisionAccount, ...]:
        """
        Account for every decision on contract *number*; with *member*, for what is about that one.

        Raises:
            WrongState: If nothing has been decided yet.
        """
        return tuple(DecisionAccount.of(each, self._records, tongue, member) for each in self._decided(number))

    def what_if(self, number: str, edition: Edition, library: Library, params: Edition | None = None) -> WhatIf:
        """
        Decide the recorded facts of contract *number* by *edition*; *params* go before those that are pinned.

        Raises:
            WrongState: If nothing has been decided yet.
        """
        found = self._decided(number)
        other = OtherEdition.of(edition, library, params)
        return WhatIf(number, other, tuple((each, self._by_other(other, each)) for each in found))

    def compared(
        self, before: Edition, after: Edition, library: Library, period: Period, told: Progress | None = None
    ) -> EditionsCompared:
        """Say what *after* says otherwise than *before*, and which decisions within *period* it changes."""
        altered = alterations(before.source.data, after.source.data)
        every = list(self._compared(before, after, library, period, told or (lambda _: None)))
        changed = tuple((each, difference) for each, difference in every if not difference.is_empty)
        return EditionsCompared(altered, len(every), changed)

    def shadowed(self, name: str, period: Period) -> ShadowCompared:
        """
        Say how often the shadow of policy *name* would have decided otherwise within *period*.

        Raises:
            UnknownName: If no shadow of that name was published.
        """
        found = [each for each in self._records.reading.shadows(name) if period.has(each.facts.day)]
        known = sorted({each.name for each in self._records.published.editions() if each.kind == SHADOW_POLICY})
        if not found and name not in known:
            there = f"; there are {', '.join(known)}" if known else ""
            raise UnknownName(f"no shadow of {name!r} was published{there}", where=name)
        beside = [(each, _beside(each)) for each in found]
        return ShadowCompared(name, len(beside), tuple(each for each in beside if not each[1].is_empty))

    def _decided(self, number: str) -> list[Precedent]:
        found = precedents_of(self._records, number)
        if not found:
            stage = self._records.reading.contract(number).stage
            raise WrongState(f"{number} is {stage}; nothing has been decided yet")
        return found

    def _by_other(self, other: OtherEdition, precedent: Precedent) -> DecisionDifference:
        policy = other.compiled_for(precedent, self._records.published)
        return decided_by(policy, precedent.facts, precedent.decision)

    def _compared(
        self, before: Edition, after: Edition, library: Library, period: Period, told: Progress
    ) -> Iterator[tuple[Precedent, DecisionDifference]]:
        """Every decision that either name has made, decided by both; other kinds than policies decide nothing."""
        if not isinstance(before.document, AllocationPolicy) or not isinstance(after.document, AllocationPolicy):
            return
        one, other = OtherEdition.of(before, library), OtherEdition.of(after, library)
        match = before.document.spec.match
        cases = precedents(self._records, period, lambda summary: match.takes(summary.category))
        ours = (each for each in cases if each.decision.policy.name in (before.name, after.name))
        for count, each in enumerate(ours, start=1):
            told(count)
            yield each, self._between(one, other, each)

    def _between(self, one: OtherEdition, other: OtherEdition, precedent: Precedent) -> DecisionDifference:
        """What *other* says otherwise than *one*; where *one* cannot decide, than what was recorded."""
        published = self._records.published
        try:
            before = decide(one.compiled_for(precedent, published), precedent.facts)
        except AllianceError:
            before = precedent.decision
        try:
            return decided_by(other.compiled_for(precedent, published), precedent.facts, before)
        except AllianceError as error:
            return DecisionDifference(error=error.message)


def precedent_document(precedent: Precedent, difference: DecisionDifference, tongue: Tongue) -> dict[str, Any]:
    """Return what a recorded decision would have been, for programs."""
    where = {"number": precedent.number, "occurrence": precedent.occurrence, "day": precedent.facts.decision_day}
    return {**where, **_told(difference, tongue)}


def _shadow_document(kept: KeptShadow, difference: DecisionDifference, tongue: Tongue) -> dict[str, Any]:
    where = {"number": kept.number, "occurrence": kept.occurrence, "day": kept.facts.decision_day}
    return {**where, "shadow": kept.shadow.digest, **_told(difference, tongue)}


def _told(difference: DecisionDifference, tongue: Tongue) -> dict[str, Any]:
    return {
        "changed": not difference.is_empty,
        "award_changed": difference.changes_award,
        "difference": difference.as_document(),
        "sentences": list(difference_told(difference, tongue)),
    }


def _beside(kept: KeptShadow) -> DecisionDifference:
    if kept.shadow.decision is None:
        return DecisionDifference(error=kept.shadow.failure)
    return between(kept.decision, kept.shadow.decision)

"""What a viewer asks of the rules: texts checked, facts decided, decisions explained, histories audited."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from temporalio.client import Client

from contracts.errors import ArchiveDamaged, WrongState
from contracts.facts import Facts
from contracts.value import Json, Recorded
from lianyue.access.scope import Scope
from lianyue.access.views import DecisionSeen
from lianyue.audit.checks import Check
from lianyue.audit.replay import AuditReport, audit_contract
from lianyue.casebook.comparing import Casebook
from lianyue.casebook.precedents import Period, edition_named
from lianyue.casebook.rule_files import problems_of, with_books
from lianyue.records.opened import Opened
from lianyue.wiring import Wiring
from rules.decide import decide
from rules.edition import edition_of
from rules.library import Library
from rules.problems import Problem


class ArchivedHistory(Recorded):
    """An archived history without its content."""

    workflow_id: str
    run_id: str
    events: int
    digest: str


class Rulings:
    """The rules and the audit, for the viewer of *scope*."""

    def __init__(self, scope: Scope, wiring: Wiring, client: Client) -> None:
        self._scope = scope
        self._wiring = wiring
        self._client = client

    def check(self, files: Mapping[str, str]) -> tuple[Problem, ...]:
        """Return every problem of the rule texts in *files*, with the books behind them."""
        return problems_of(files, self._wiring.settings)

    def decide(self, policy: str, facts: Facts, params: str = "") -> Json:
        """
        Decide *facts* by the policy of the books called *policy*, with *params* of the caller's own if any.

        Raises:
            UnknownName: If the books have no such policy on that day.
            RuleProblems: If the parameters have problems.
        """
        own = {"params.yaml": params} if params else {}
        library = Library.of(with_books(own, self._wiring.settings))
        return decide(library.policy(policy, facts.day), facts).model_dump(mode="json")

    def explain(self, number: str, language: str, *, steps: bool = False) -> tuple[Json, ...]:
        """
        Say why every decision on contract *number* came out so; to others than overseers, what is about them.

        Raises:
            NotThere: If there is no such contract for the viewer.
            WrongState: If nothing has been decided, or nothing is announced yet.
        """
        seen = self._scope.decisions(number)
        if not seen:
            raise WrongState(f"nothing has been decided on {number} that is known yet")
        if not self._scope.viewer.oversees:
            return tuple(each.model_dump(mode="json") for each in seen if isinstance(each, DecisionSeen))
        casebook = self._casebook
        return tuple(each.as_document(steps=steps) for each in casebook.accounts(number, casebook.tongue(language)))

    def what_if(self, number: str, policy: str, text: str, params: str, language: str) -> Json:
        """
        Decide the recorded facts of contract *number* by another edition; overseers only, and nothing is written.

        The edition is that of *text* if there is one, else the one called *policy*: ``property``,
        ``property@2025-01-01``. *params* is the text of parameters of the caller's own.

        Raises:
            NotThere: If the viewer does not oversee, or there is no such contract.
            WrongState: If nothing has been decided yet.
            UnknownName: If there is no such edition.
            RuleProblems: If a text has problems.
        """
        self._need_oversight(number)
        casebook = self._casebook
        library = casebook.editions()
        edition = edition_of(text, "policy.yaml") if text else edition_named(policy, library)
        own = edition_of(params, "params.yaml") if params else None
        return casebook.what_if(number, edition, library, own).as_document(casebook.tongue(language))

    def compare(self, a: str, b: str, period: Period, language: str) -> Json:
        """
        Say what edition *b* says otherwise than *a*, and which decisions of *period* it would change; overseers only.

        Raises:
            NotThere: If the viewer does not oversee.
            UnknownName: If there is no such edition.
        """
        self._scope.need_oversight("recorded decisions")
        casebook = self._casebook
        library = casebook.editions()
        before, after = edition_named(a, library), edition_named(b, library)
        return casebook.compared(before, after, library, period).as_document(casebook.tongue(language))

    def shadow(self, policy: str, period: Period, language: str) -> Json:
        """
        Say how often the shadow of *policy* would have decided otherwise within *period*; overseers only.

        Raises:
            NotThere: If the viewer does not oversee.
            UnknownName: If no shadow of that name was published.
        """
        self._scope.need_oversight("recorded decisions")
        casebook = self._casebook
        return casebook.shadowed(policy, period).as_document(casebook.tongue(language))

    def histories(self, number: str) -> tuple[ArchivedHistory, ...]:
        """Return what is archived of contract *number*; overseers only."""
        self._need_oversight(number)
        kept = self._wiring.reading.histories(number)
        return tuple(ArchivedHistory(**each.model_dump(exclude={"zlibbed", "number"})) for each in kept)

    async def replay(self, number: str) -> AuditReport:
        """Replay every history of contract *number* and decide its decisions again; overseers only."""
        archived = await asyncio.to_thread(self.histories, number)
        try:
            return await audit_contract(self._wiring, number, None if archived else self._client)
        except ArchiveDamaged as error:
            return AuditReport(number=number, checks=(Check(name="archive", ok=False, detail=error.message),))

    def _need_oversight(self, number: str) -> None:
        self._scope.need_oversight("audits")
        self._scope.part(number)

    @property
    def _casebook(self) -> Casebook:
        wiring = self._wiring
        opened = Opened(wiring.reading, wiring.directory, wiring.records, wiring.portfolios)
        return Casebook(opened, wiring.settings)


def problem_document(problem: Problem) -> dict[str, Any]:
    """Return *problem* as programs read it."""
    return {
        "file": problem.file,
        "line": problem.line,
        "column": problem.column,
        "code": problem.code,
        "message": problem.message,
    }

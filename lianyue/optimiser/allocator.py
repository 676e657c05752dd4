"""The optimiser behind the activity's port: a gathered document goes in, a checked and explained answer comes out."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from contracts.value import Json
from lianyue.optimiser.explaining import explained, relaxations
from lianyue.optimiser.files import json_source
from lianyue.optimiser.highs import Highs
from lianyue.optimiser.solver import Effort, Watch
from rules.portfolio.answer import Allocation, AllocationStatus, Progress, Relaxation, Solved
from rules.portfolio.compiled import CompiledPortfolio, compiled
from rules.portfolio.documents import NEVER_RELAXED
from rules.portfolio.gathering import without
from rules.problems import RuleProblems

FILE = "portfolio.json"
BEAT_SECONDS = 2
"""How often a search says that it is still at work."""

COUNTS_NOTHING = ("counts-nothing", "no-incumbent")
"""Problems of a constraint that no quote concerns: it cannot be kept or broken."""


@dataclass(frozen=True)
class Allocator:
    """Keeps the promise of ``activities.ports.Allocator`` with HiGHS; without a time limit, the same answer always."""

    seconds: int | None = None

    def allocate(self, document: Json, progress: Callable[[Progress], None]) -> Solved:
        """
        Return the best award of *document*, checked and explained, or what is in its way.

        Every few seconds *progress* hears how far the search is, from a thread of its own.
        """
        with _told(progress) as latest:
            return self._allocated(document, latest)

    def _allocated(self, document: Json, latest: list[Progress]) -> Solved:
        idle, contradictory, says = _unfit(document)
        fit = without(document, (*idle, *contradictory))
        try:
            portfolio = _compiled(fit)
        except RuleProblems as found:  # more than its constraints: nothing can be decided
            return Solved(allocation=_nothing(document), idle=idle, says=found.message)
        aim = portfolio.spec.objective.aims[0].value
        solver, effort = Highs(_watch(aim, latest)), Effort(seconds=self.seconds).started()
        if contradictory:
            return Solved(
                allocation=_conflicting(portfolio, contradictory, document, solver, effort), idle=idle, says=says
            )
        return Solved(allocation=explained(portfolio, solver, effort), idle=idle)


@contextmanager
def _told(progress: Callable[[Progress], None]) -> Iterator[list[Progress]]:
    """Give a place for the latest state of the search, and tell it until the search is over."""
    latest = [Progress(aim="")]
    over = threading.Event()

    def tell() -> None:
        while True:
            progress(latest[0])
            if over.wait(BEAT_SECONDS):
                return

    teller = threading.Thread(target=tell, daemon=True)
    teller.start()
    try:
        yield latest
    finally:
        over.set()
        teller.join()


def _watch(aim: str, latest: list[Progress]) -> Watch:
    def note(objective: int | None, bound: int | None, nodes: int) -> None:
        latest[0] = Progress(aim=aim, objective=objective, bound=bound, nodes=nodes)

    return note


def _compiled(document: Json) -> CompiledPortfolio:
    return compiled(json_source(json.dumps(document, ensure_ascii=False), FILE))


def _unfit(document: Json) -> tuple[tuple[str, ...], tuple[str, ...], str]:
    """The constraints that count nothing here, those that could not hold whatever is awarded, and why not."""
    try:
        _compiled(document)
    except RuleProblems:
        pass
    else:
        return (), (), ""
    idle: list[str] = []
    contradictory: list[str] = []
    says: list[str] = []
    for constraint in document["spec"]["constraints"]:
        others = [each["id"] for each in document["spec"]["constraints"] if each["id"] != constraint["id"]]
        try:
            _compiled(without(document, others))
        except RuleProblems as found:
            alone = [problem for problem in found.problems if problem.code in COUNTS_NOTHING]
            (idle if alone else contradictory).append(constraint["id"])
            says += [] if alone else [problem.message for problem in found.problems]
    return tuple(idle), tuple(contradictory), "; ".join(says)


def _conflicting(
    portfolio: CompiledPortfolio, ids: tuple[str, ...], document: Json, solver: Highs, effort: Effort
) -> Allocation:
    """The answer where constraints contradict the quotes: they, and what leaving them out would bring."""
    priorities = {each["id"]: each.get("priority", NEVER_RELAXED) for each in document["spec"]["constraints"]}
    steps: tuple[Relaxation, ...] = ()
    if all(priorities[each] > NEVER_RELAXED for each in ids):
        best = explained(portfolio, solver, effort)
        first = Relaxation(left_out=ids, objective=best.objective, price_fen=best.price_fen)
        further = () if best.awards else relaxations(portfolio, solver, effort)
        steps = (first, *(each.model_copy(update={"left_out": (*ids, *each.left_out)}) for each in further))
    return _nothing(document).model_copy(
        update={"engine": solver.engine, "digest": portfolio.digest, "conflict": ids, "relaxations": steps}
    )


def _nothing(document: Json) -> Allocation:
    name = document["metadata"]["name"]
    return Allocation(status=AllocationStatus.INFEASIBLE, portfolio=name, policy=name, digest="", aims=())

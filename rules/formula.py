"""One checked expression applied to one set of facts: its value or its error, what it read, and its steps."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeVar

from contracts.errors import Invalid
from rules.check import Checked
from rules.evaluate import Budget, EvaluationError, Note, evaluate_noting
from rules.program.plan import Plan
from rules.program.run import Run

Source = TypeVar("Source")

MOST_WORK = 1_000_000
"""How many inputs read and list items looked at a whole decision may come to, whoever they belong to."""


class TooMuchWork(Invalid):
    """Shorten the lists in the facts, or put fewer rules to fewer members."""

    code = "too-much-work"


class Evaluated(NamedTuple):
    """What an expression came to; with an ``error`` there is no value. ``steps`` are there if they were wanted."""

    value: Any
    reads: dict[str, Any]
    error: str = ""
    steps: Sequence[Note] | None = None


@dataclass
class Work:
    """What is left of `MOST_WORK`; all scenes of a decision share it, so that no order of members matters."""

    left: int = MOST_WORK

    def take(self, amount: int) -> None:
        """Take so much from it; TooMuchWork if it is not there."""
        self.left -= amount
        if self.left < 0:
            raise TooMuchWork(f"the rules look at more than {MOST_WORK:,} items of these facts")


@dataclass(frozen=True)
class Scene:
    """
    The names an expression may use, with their values.

    ``failed`` holds the variables that could not be calculated, with the error; ``sources`` the inputs behind each
    variable, so that a rule that uses one shows them. All expressions of a scene live on one ``budget``, all scenes of
    a decision on one ``work``. ``is_traced`` asks for the steps.
    """

    bindings: dict[str, Any]
    failed: dict[str, str] = field(default_factory=dict)
    sources: dict[str, dict[str, Any]] = field(default_factory=dict)
    budget: Budget = field(default_factory=Budget)
    work: Work = field(default_factory=Work)
    is_traced: bool = False

    plain_run: Run = field(init=False, repr=False, compare=False)
    """The run of every expression that leaves no steps and has no names of its own."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "plain_run", Run(self.bindings, self.budget, None))

    def with_names(self, **more: Any) -> Scene:
        """Return the scene with *more* names."""
        names = {**self.bindings, **more}
        return Scene(names, self.failed, self.sources, self.budget, self.work, self.is_traced)

    def of_member(self, **more: Any) -> Scene:
        """Return the scene of one member with *more* names, and a budget of its own: what it costs, no other pays."""
        return Scene({**self.bindings, **more}, work=self.work, is_traced=self.is_traced)

    def anew(self, *, is_traced: bool = False) -> Scene:
        """Return the scene for another part of the same decision: with a budget of its own, on the same work."""
        return Scene(self.bindings, self.failed, self.sources, work=self.work, is_traced=is_traced)

    def with_variables(
        self, named: Sequence[tuple[str, Source]], work_out: Callable[[Source, Scene], Evaluated]
    ) -> tuple[Scene, list[Evaluated]]:
        """Return the scene with the variables *named*, and what they came to; each may use those before it."""
        if not named:
            return self, []
        names, failed, sources = {**self.bindings}, {**self.failed}, {**self.sources}
        scene = Scene(names, failed, sources, self.budget, self.work, self.is_traced)
        outcomes = []
        for name, source in named:
            outcome = work_out(source, scene)
            scene.sources[name] = outcome.reads
            if outcome.error:
                scene.failed[name] = outcome.error
            else:
                scene.bindings[name] = outcome.value
            outcomes.append(outcome)
        return scene, outcomes


def calculate(formula: Checked, scene: Scene) -> Evaluated:
    """
    Evaluate *formula* in *scene*; an error becomes part of the answer, so that it can be a reason.

    Raises:
        TooMuchWork: If the decision has come to its end.
    """
    plan = formula.plan
    reads = _reads(plan, scene)
    if scene.failed:
        scene.work.take(1 + len(reads))
        failed = [error for name, error in scene.failed.items() if name in plan.roots]
        if failed:
            return Evaluated(None, reads, failed[0])
    steps: list[Note] | None = [] if scene.is_traced else None
    budget, part, value, error = scene.budget, plan.part, None, ""
    before = budget.iterations
    try:
        if part is None or steps is not None:
            value = evaluate_noting(formula.ast, scene.bindings, budget, steps)
        else:
            value = part(scene.plain_run)
    except EvaluationError as failure:
        error = str(failure)
    scene.work.take(1 + len(reads) + before - budget.iterations)
    return tuple.__new__(Evaluated, (value, reads, error, steps))  # as its own constructor does, at half the price


def value_of(formula: Checked, scene: Scene, what: str) -> Any:
    """
    Return what *formula* comes to in *scene*, where the whole decision depends on it.

    Raises:
        Invalid: If it cannot be calculated; the message says *what* it is.
    """
    found = calculate(formula, scene)
    if found.error:
        raise Invalid(f"{what} cannot be calculated: {found.error} (in {formula.text!r})")
    return found.value


def _reads(plan: Plan, scene: Scene) -> dict[str, Any]:
    """The inputs that an expression names, and those behind its variables, with their values, in order of name."""
    names, sources = scene.bindings, scene.sources
    if sources and not sources.keys().isdisjoint(plan.roots):
        return _reads_of_variables(plan, scene)
    found: dict[str, Any] = {}
    try:
        for path, name, field in plan.near:
            found[path] = names[name][field] if field else names[name]
    except (KeyError, TypeError):
        return {path: look_up(names) for path, look_up in plan.looks}
    for path, look_up in plan.looks[len(found) :]:
        found[path] = look_up(names)
    return found


def _reads_of_variables(plan: Plan, scene: Scene) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for path, look_up in plan.looks:
        root = path.partition(".")[0]
        found.update(scene.sources.get(root, {}))
        if root not in scene.failed:
            found[path] = look_up(scene.bindings)
    return {path: found[path] for path in sorted(found)}

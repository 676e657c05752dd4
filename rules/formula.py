"""One checked expression applied to one set of facts: its value or its error, what it read, and its steps."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any, NamedTuple, TypeVar

from contracts.errors import Invalid
from rules.check import Checked
from rules.evaluate import Budget, EvaluationError, Note, evaluate_noting

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

    def with_names(self, **more: Any) -> Scene:
        """Return the scene with *more* names."""
        return replace(self, bindings={**self.bindings, **more})

    def of_member(self, **more: Any) -> Scene:
        """Return the scene of one member with *more* names, and a budget of its own: what it costs, no other pays."""
        return Scene({**self.bindings, **more}, work=self.work, is_traced=self.is_traced)

    def with_variables(
        self, named: Sequence[tuple[str, Source]], work_out: Callable[[Source, Scene], Evaluated]
    ) -> tuple[Scene, list[Evaluated]]:
        """Return the scene with the variables *named*, and what they came to; each may use those before it."""
        if not named:
            return self, []
        scene = replace(self, bindings={**self.bindings}, failed={**self.failed}, sources={**self.sources})
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
    reads = _reads(formula, scene)
    if scene.failed:
        scene.work.take(1 + len(reads))
        failed = [error for name, error in scene.failed.items() if name in _roots(formula.reads)]
        if failed:
            return Evaluated(None, reads, failed[0])
    steps: list[Note] | None = [] if scene.is_traced else None
    before = scene.budget.iterations
    try:
        value, error = evaluate_noting(formula.ast, scene.bindings, scene.budget, steps), ""
    except EvaluationError as failure:
        value, error = None, str(failure)
    scene.work.take(1 + len(reads) + before - scene.budget.iterations)
    return Evaluated(value, reads, error, steps)


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


def _reads(formula: Checked, scene: Scene) -> dict[str, Any]:
    """The inputs that *formula* names, and those behind its variables, with their values, in order of name."""
    names, sources = scene.bindings, scene.sources
    if sources.keys().isdisjoint(_roots(formula.reads)):
        return {path: look_up(names) for path, look_up in _looks(formula.reads)}
    found: dict[str, Any] = {}
    for path, look_up in _looks(formula.reads):
        root = _root(path)
        found.update(sources.get(root, {}))
        if root not in scene.failed:
            found[path] = look_up(names)
    return {path: found[path] for path in sorted(found)}


def _root(path: str) -> str:
    """The name that a dotted *path* starts from: of a variable that is a record its own."""
    return path.partition(".")[0]


@lru_cache(maxsize=4_096)
def _roots(paths: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(_root(path) for path in paths))


_Look = Callable[[Any], Any]


@lru_cache(maxsize=4_096)
def _looks(paths: tuple[str, ...]) -> tuple[tuple[str, _Look], ...]:
    """What looks up the value at each dotted path among the names of a scene: nothing where the facts have none."""
    return tuple((path, _look(path)) for path in paths)


def _look(path: str) -> _Look:
    steps = path.split(".")

    def look_up(names: Any) -> Any:
        try:
            for step in steps:
                names = names[step]
        except (KeyError, TypeError):
            return None
        return names

    return look_up

"""One checked expression applied to one set of facts: its value or its error, and what it read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from contracts.errors import Invalid
from rules.check import Checked
from rules.evaluate import Budget, EvaluationError, evaluate


@dataclass(frozen=True)
class Evaluated:
    """What an expression came to; with an ``error`` there is no value."""

    value: Any
    reads: dict[str, Any]
    error: str = ""


@dataclass(frozen=True)
class Scene:
    """
    The names an expression may use, with their values.

    ``failed`` holds the variables that could not be calculated, with the error; ``sources`` the inputs behind each
    variable, so that a rule that uses one shows them. All expressions of a scene live on one ``budget``.
    """

    bindings: dict[str, Any]
    failed: dict[str, str] = field(default_factory=dict)
    sources: dict[str, dict[str, Any]] = field(default_factory=dict)
    budget: Budget = field(default_factory=Budget)

    def with_names(self, **more: Any) -> Scene:
        """Return the scene with *more* names."""
        return replace(self, bindings={**self.bindings, **more})

    def with_variable(self, name: str, found: Evaluated) -> Scene:
        """Return the scene with variable *name* as it was *found*."""
        sources = {**self.sources, name: found.reads}
        if found.error:
            return replace(self, failed={**self.failed, name: found.error}, sources=sources)
        return replace(self, bindings={**self.bindings, name: found.value}, sources=sources)


def calculate(formula: Checked, scene: Scene) -> Evaluated:
    """Evaluate *formula* in *scene*; an error becomes part of the answer, so that it can be a reason."""
    reads = _reads(formula, scene)
    roots = [_root(path) for path in formula.reads]
    failed = [error for name, error in scene.failed.items() if name in roots]
    if failed:
        return Evaluated(None, reads, failed[0])
    try:
        return Evaluated(evaluate(formula.ast, scene.bindings, scene.budget), reads)
    except EvaluationError as error:
        return Evaluated(None, reads, str(error))


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
    found: dict[str, Any] = {}
    for path in formula.reads:
        found.update(scene.sources.get(_root(path), {}))
        if _root(path) not in scene.failed:
            found[path] = _at(scene.bindings, path)
    return dict(sorted(found.items()))


def _root(path: str) -> str:
    """The name that a dotted *path* starts from: of a variable that is a record its own."""
    return path.partition(".")[0]


def _at(bindings: Mapping[str, Any], path: str) -> Any:
    """The value at a dotted *path*, nothing where the facts do not have it."""
    here: Any = bindings
    for step in path.split("."):
        if not isinstance(here, Mapping) or step not in here:
            return None
        here = here[step]
    return here

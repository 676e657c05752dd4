"""What is known of an expression before any facts: the closure that runs it, and how to find what it reads."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from itertools import takewhile
from typing import Any, NamedTuple

from rules.program.budget import EvaluationError
from rules.program.compiling import program_of
from rules.program.run import Part

Look = Callable[[Any], Any]


class Plan(NamedTuple):
    """
    How to apply an expression to many scenes.

    ``looks`` says how to find each input that it reads, ``roots`` from which names that starts. ``near`` are the first
    of them, each as a name and its field, or no field: mostly that is all, and found at once. ``part`` runs it where
    no steps are wanted; there is none where a run needs names of its own, or the tree cannot be compiled.
    """

    part: Part | None
    looks: tuple[tuple[str, Look], ...]
    roots: tuple[str, ...]
    near: tuple[tuple[str, str, str], ...]


def plan_of(ast: Mapping[str, Any], reads: Sequence[str]) -> Plan:
    """Return the plan of a checked tree that *reads* the inputs at these dotted paths."""
    steps = [path.split(".") for path in reads]
    near = takewhile(lambda step: len(step) < 3, steps)
    return Plan(
        _part(ast),
        tuple((path, _look(path)) for path in reads),
        tuple(dict.fromkeys(first for first, *_ in steps)),
        tuple((".".join(step), step[0], "".join(step[1:])) for step in near),
    )


def _part(ast: Mapping[str, Any]) -> Part | None:
    try:
        program = program_of(ast, traced=False)
    except EvaluationError:
        return None
    return None if program.has_items else program.part


@lru_cache(maxsize=4_096)
def _look(path: str) -> Look:
    """What looks up the value at a dotted *path* among the names of a scene: nothing where the facts have none."""
    steps = path.split(".")

    def look_up(names: Any) -> Any:
        try:
            for step in steps:
                names = names[step]
        except (KeyError, TypeError):
            return None
        return names

    return look_up

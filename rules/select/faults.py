"""Whether what a policy says of selecting agrees with itself and with the rest of the policy."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from rules.documents.policy import AllocationPolicySpec
from rules.faults import again
from rules.problems import Problem
from rules.select.chain import links
from rules.select.methods import (
    Incumbent,
    MiniCompetition,
    Optimise,
    Scored,
    Selection,
    TopK,
    WeightedRotation,
    Word,
)
from rules.source import Path, Source

CODE_KEY = "member.code"
"""The last tie key of every policy: no two members have the same code."""


def selection_faults(source: Source, spec: AllocationPolicySpec) -> Iterator[Problem]:
    """Tie keys that leave equals, figures that contradict each other, and a ranking by scores that nobody gives."""
    if spec.select.tie[-1:] != (CODE_KEY,):
        message = f"the tie keys must end with {CODE_KEY}, so that no two members stay equal"
        yield source.problem(("spec", "select", "tie"), "tie", message, key=True)
    for path, link in links(spec.select):
        if isinstance(link, Selection):
            yield from _link_faults(source, path, link)
        if not spec.scoring and _needs_score(link):
            place = path if path[-1] == "rank_by" and not isinstance(link, Selection) else (*path, "method")
            message = f"{spec.select.method} ranks by score, but the policy has no scoring rules"
            yield source.problem(_stated(source, place), "no-scoring", message)


def _needs_score(link: Selection | Word) -> bool:
    """Whether *link* looks at scores; an incumbent's least score of nought is none."""
    return isinstance(link, Scored) or link is Word.SCORED or (isinstance(link, Incumbent) and link.min_score_bp > 0)


def _stated(source: Source, path: Path) -> Path:
    """Where it says so: at *path*, or, where the default speaks, at the method that has it."""
    here = source.data
    for step in path:
        if not isinstance(here, dict) or step not in here:
            return (*path[:-1], "method")
        here = here[step]
    return path


def _link_faults(source: Source, path: Path, link: Selection) -> Iterator[Problem]:
    """What is wrong with one method by itself."""
    if path != ("spec", "select") and "tie" in link.model_fields_set:
        yield source.problem((*path, "tie"), "tie", "the tie keys stand once, beside the outermost method", key=True)
    match link:
        case TopK() | Optimise() if link.k_min > link.k_max:
            message = f"k_min {link.k_min} is larger than k_max {link.k_max}"
            yield source.problem((*path, "k_min"), "range", message)
        case MiniCompetition():
            yield from _ceiling_faults(source, path, link)
        case WeightedRotation():
            yield from _weight_faults(source, path, link)
    if isinstance(link, Optimise):
        yield from _group_faults(source, path, link)


def _ceiling_faults(source: Source, path: Path, link: MiniCompetition) -> Iterator[Problem]:
    """Discounts need a ceiling, and more of it for more."""
    if link.discounts and link.ceiling is None:
        message = "discounts lower the ceiling, but there is none"
        yield source.problem((*path, "discounts"), "missing-field", message, key=True)
    for index, (one, other) in enumerate(pairwise(link.discounts), start=1):
        place: Path = (*path, "discounts", index)
        if other.from_quantity <= one.from_quantity:
            message = f"{other.from_quantity} is not above {one.from_quantity}, where the line before begins"
            yield source.problem((*place, "from_quantity"), "order", message)
        if other.discount_bp <= one.discount_bp:
            message = f"a larger quantity must lower the ceiling further than {one.discount_bp}"
            yield source.problem((*place, "discount_bp"), "order", message)


def _weight_faults(source: Source, path: Path, link: WeightedRotation) -> Iterator[Problem]:
    if (link.weight is None) is (link.weights is None):
        message = "weighted_rotation needs either weight (an expression) or weights (by member)"
        yield source.problem((*path, "method"), "range", message)
    if link.weights is not None and not any(link.weights.values()):
        yield source.problem((*path, "weights"), "range", "no member has a weight above nought", key=True)


def _group_faults(source: Source, path: Path, link: Optimise) -> Iterator[Problem]:
    """Groups with names of their own and bounds that some selection can keep."""
    lines: dict[str, int] = {}
    for index, group in enumerate(link.groups):
        place: Path = (*path, "groups", index)
        if group.id in lines:
            yield again(source, (*place, "id"), "group id", group.id, lines[group.id])
        lines.setdefault(group.id, source.at((*place, "id")).line)
        if group.at_least > (group.at_most or link.k_max):
            message = f"at_least {group.at_least} is more than the {group.at_most or link.k_max} that may be selected"
            yield source.problem((*place, "at_least"), "range", message)
        if group.at_least == 0 and group.at_most is None:
            message = f"the group {group.id!r} asks for nothing; give at_least or at_most"
            yield source.problem((*place, "id"), "range", message)

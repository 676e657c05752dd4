"""
Whether the rows of a table tile its domain: what no row is for, what several are for, which row is never reached.

A box is a mask for each axis. Taking a box away from another leaves at most one box for each axis, so that the rest of
the domain stays a list of disjoint boxes, and the answers are exact.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from rules.table.axes import Axis

Box = tuple[int, ...]

MOST_STEPS = 200_000
"""How many times one box may be compared with another before the proof is given up."""

MOST_JOINED = 100
LONGEST_CELL = 200


@dataclass(frozen=True)
class Tiling:
    """
    What rows cover, taken in their order.

    ``gaps`` are disjoint boxes that no row is for; ``covered`` the rows whose whole box earlier rows are for. Neither
    is known where it is not ``is_proven``: the rows cut the domain into too many boxes.
    """

    gaps: tuple[Box, ...]
    covered: tuple[int, ...]
    is_proven: bool = True


def tiling_of(domain: Box, rows: Sequence[Box]) -> Tiling:
    """Lay *rows* over *domain*, one after the other; no row is empty."""
    left, covered, steps = [domain], [], 0
    for index, row in enumerate(rows):
        steps += len(left)
        if steps > MOST_STEPS:
            return Tiling((), (), is_proven=False)
        if not any(met(box, row) for box in left):
            covered.append(index)
        left = [part for box in left for part in without(box, row)]
    return Tiling(tuple(_joined(left)), tuple(covered))


def overlaps(rows: Sequence[Box]) -> Iterator[tuple[int, int, Box]]:
    """Yield each two rows that match together, the earlier one first, and the box where they do."""
    for (first, one), (second, other) in combinations(enumerate(rows), 2):
        both = met(one, other)
        if both:
            yield first, second, both


def met(one: Box, other: Box) -> Box | None:
    """Return the box that two boxes have in common, if there is one."""
    common = tuple(a & b for a, b in zip(one, other, strict=True))
    return common if all(common) else None


def without(box: Box, taken: Box) -> list[Box]:
    """Return *box* without *taken*, as disjoint boxes; at most one for each axis."""
    if not met(box, taken):
        return [box]
    parts: list[Box] = []
    inside: Box = ()
    for axis, (own, other) in enumerate(zip(box, taken, strict=True)):
        if own & ~other:
            parts.append((*inside, own & ~other, *box[axis + 1 :]))
        inside = (*inside, own & other)
    return parts


def words(axes: Sequence[Axis], names: Sequence[str], box: Box) -> str:
    """Write *box* as cells with the names of their columns; columns on which nothing depends are left out."""
    said = [
        f"{name} {_short(axis.words(mask))}"
        for axis, name, mask in zip(axes, names, box, strict=True)
        if mask != axis.whole
    ]
    return " and ".join(said) or "all values"


def _short(cell: str) -> str:
    return cell if len(cell) <= LONGEST_CELL else cell[: LONGEST_CELL - 1] + "…"


def _joined(boxes: Sequence[Box]) -> list[Box]:
    """Return *boxes* with those made one that differ on one axis only, so that there is less to read."""
    found = sorted(boxes)
    pair = _neighbours(found) if len(found) <= MOST_JOINED else None
    while pair:
        one, other = pair
        found = sorted(
            [box for box in found if box not in pair] + [tuple(a | b for a, b in zip(one, other, strict=True))]
        )
        pair = _neighbours(found)
    return found


def _neighbours(boxes: Sequence[Box]) -> tuple[Box, Box] | None:
    """Return the first two boxes that differ on one axis only."""
    for one, other in combinations(boxes, 2):
        if sum(a != b for a, b in zip(one, other, strict=True)) == 1:
            return one, other
    return None

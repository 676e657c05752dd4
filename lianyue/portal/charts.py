"""Charts as SVG drawn on the server: geometry as whole numbers, a title and a description, and the table behind it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

HUES: Final = 6
"""Colours that the style sheet knows: ``hue-0`` … ``hue-5``."""

_WIDTH: Final = 520
_SIDE: Final = 150
"""Room for the names at either side of a flow chart."""
_BAR: Final = 10
_GAP: Final = 14
_LEAST: Final = 3
_ROW: Final = 34


@dataclass(frozen=True)
class Node:
    """A bar of a flow chart with its name and amount; ``hue`` is the number of its colour."""

    name: str
    amount: int
    x: int
    y: int
    height: int
    hue: int


@dataclass(frozen=True)
class Band:
    """A band from a bar at the left to one at the right, as the path of an SVG."""

    source: str
    target: str
    amount: int
    path: str
    hue: int


@dataclass(frozen=True)
class Flow:
    """Who gets how much of what: bars at both sides and the bands between them."""

    width: int
    height: int
    left: tuple[Node, ...]
    right: tuple[Node, ...]
    bands: tuple[Band, ...]


@dataclass(frozen=True)
class Segment:
    """One part of a stacked bar."""

    part: str
    value: int
    x: int
    width: int
    hue: int


@dataclass(frozen=True)
class Stack:
    """One bar: whose it is, its parts, and where its total is written."""

    name: str
    total: int
    y: int
    segments: tuple[Segment, ...]
    end: int

    def by_part(self) -> dict[str, int]:
        """Return the values by what they are for."""
        return {each.part: each.value for each in self.segments}


@dataclass(frozen=True)
class Bars:
    """Stacked bars, the parts in the order of the legend."""

    width: int
    height: int
    parts: tuple[str, ...]
    stacks: tuple[Stack, ...]


def flow(amounts: Sequence[tuple[str, str, int]], height: int = 300) -> Flow | None:
    """
    Lay out ``(source, target, amount)`` as bands; nothing where no amount is positive.

    Bars and bands stand in the order in which they are first named. Heights are in proportion to the amounts, and
    the rounding of each bar is cumulative, so that the bands of a bar fill it exactly.
    """
    kept = [each for each in amounts if each[2] > 0]
    if not kept:
        return None
    left = _nodes(_totals((source, amount) for source, _, amount in kept), _SIDE, height, hued=True)
    right = _nodes(_totals((target, amount) for _, target, amount in kept), _WIDTH - _SIDE - _BAR, height, hued=False)
    tall = max(node.y + node.height for node in (*left, *right))
    return Flow(_WIDTH, tall + _GAP, left, right, tuple(_bands(kept, left, right)))


def bars(scores: Mapping[str, Mapping[str, int]], whole: int = 10_000) -> Bars | None:
    """Lay out each member's parts side by side, in the order given; *whole* fills the width."""
    parts = tuple(dict.fromkeys(part for found in scores.values() for part in found))
    if not parts:
        return None
    room = _WIDTH - _SIDE - 60
    stacks = tuple(
        _stack(name, found, parts, 8 + place * _ROW, room, whole) for place, (name, found) in enumerate(scores.items())
    )
    return Bars(_WIDTH, 8 + len(stacks) * _ROW, parts, stacks)


def _totals(amounts: object) -> dict[str, int]:
    found: dict[str, int] = {}
    for name, amount in amounts:  # type: ignore[attr-defined]
        found[name] = found.get(name, 0) + amount
    return found


def _nodes(totals: Mapping[str, int], x: int, height: int, *, hued: bool) -> tuple[Node, ...]:
    whole, y, nodes = sum(totals.values()), _GAP, []
    for place, (name, amount) in enumerate(totals.items()):
        tall = max(_LEAST, amount * height // whole)
        nodes.append(Node(name, amount, x, y, tall, place % HUES if hued else -1))
        y += max(tall, 22) + _GAP
    return tuple(nodes)


def _bands(amounts: Sequence[tuple[str, str, int]], left: Sequence[Node], right: Sequence[Node]) -> list[Band]:
    sources, targets = {node.name: node for node in left}, {node.name: node for node in right}
    used: dict[tuple[str, str], int] = {}
    bands = []
    for source, target, amount in amounts:
        start, end = sources[source], targets[target]
        top, bottom = _taken(used, "left", start, amount)
        there, below = _taken(used, "right", end, amount)
        a, b = start.x + _BAR, end.x
        half = (a + b) // 2
        path = (
            f"M{a},{top}C{half},{top} {half},{there} {b},{there}V{below}C{half},{below} {half},{bottom} {a},{bottom}Z"
        )
        bands.append(Band(source, target, amount, path, start.hue))
    return bands


def _taken(used: dict[tuple[str, str], int], side: str, node: Node, amount: int) -> tuple[int, int]:
    """The slice of a bar that the next *amount* takes."""
    before = used.get((side, node.name), 0)
    used[side, node.name] = before + amount
    return node.y + before * node.height // node.amount, node.y + (before + amount) * node.height // node.amount


def _stack(name: str, found: Mapping[str, int], parts: Sequence[str], y: int, room: int, whole: int) -> Stack:
    before, segments = 0, []
    for hue, part in enumerate(parts):
        value = max(0, found.get(part, 0))
        start, end = _SIDE + before * room // whole, _SIDE + (before + value) * room // whole
        if value:
            segments.append(Segment(part, value, start, end - start, hue % HUES))
        before += value
    return Stack(name, sum(found.values()), y, tuple(segments), _SIDE + before * room // whole)

"""A column as the fewest parts on which every cell of it is true or false throughout; sets of parts are bit masks."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from rules.table.cells import Choices, Held, Numbers, Range, written
from rules.typeset import LARGEST_INT


@dataclass(frozen=True)
class NumberAxis:
    """Whole numbers: ``parts`` are ranges that ascend and together are the domain."""

    parts: tuple[Range, ...]

    @property
    def whole(self) -> int:
        """The mask of the whole domain."""
        return (1 << len(self.parts)) - 1

    def mask(self, held: Held) -> int:
        """Return the parts for which a cell holds."""
        starts = [low for low, _ in self.parts]
        found = 0
        for low, high in held.ranges if isinstance(held, Numbers) else ():
            found |= (1 << bisect_right(starts, high)) - (1 << bisect_left(starts, low))
        return found

    def bit(self, value: Any) -> int:
        """Return the mask of the part that *value* lies in, 0 outside the domain."""
        index = bisect_right(self.parts, (value, LARGEST_INT)) - 1
        return 1 << index if index >= 0 and value <= self.parts[index][1] else 0

    def words(self, mask: int) -> str:
        """Write *mask* as a cell."""
        ranges = [part for index, part in enumerate(self.parts) if mask >> index & 1]
        return ",".join(written(*joined) for joined in _joined(ranges))


@dataclass(frozen=True)
class ChoiceAxis:
    """Texts or truth values: ``parts`` are the values; where it ``is_open``, one more part is every other text."""

    parts: tuple[str | bool, ...]
    is_open: bool = False

    @property
    def whole(self) -> int:
        """The mask of the whole domain."""
        return (1 << len(self.parts) + self.is_open) - 1

    def mask(self, held: Held) -> int:
        """Return the parts for which a cell holds."""
        listed = set(held.values) if isinstance(held, Choices) else set()
        found = sum(1 << index for index, part in enumerate(self.parts) if part in listed)
        return self.whole & ~found if isinstance(held, Choices) and held.negated else found

    def bit(self, value: Any) -> int:
        """Return the mask of the part that *value* is, 0 outside the domain."""
        if value in self.parts:
            return 1 << self.parts.index(value)
        return 1 << len(self.parts) if self.is_open else 0

    def words(self, mask: int) -> str:
        """Write *mask* as a cell."""
        if self.is_open and mask >> len(self.parts):
            return f"not({self._listed(~mask)})"
        return self._listed(mask)

    def _listed(self, mask: int) -> str:
        return ",".join(_literal(part) for index, part in enumerate(self.parts) if mask >> index & 1)


Axis = NumberAxis | ChoiceAxis


def axis_of(domain: Held, cells: Sequence[Held]) -> Axis:
    """Return the axis of a column with *domain* and *cells*."""
    if isinstance(domain, Numbers):
        return NumberAxis(tuple(_cut(domain.ranges, cells)))
    if domain.negated:
        every = [value for cell in cells if isinstance(cell, Choices) for value in cell.values]
        return ChoiceAxis(tuple(dict.fromkeys(every)), is_open=True)
    return ChoiceAxis(domain.values)


def _cut(domain: Sequence[Range], cells: Iterable[Held]) -> Iterator[Range]:
    """Cut the ranges of *domain* wherever a cell begins or ends."""
    edges = {
        edge for cell in cells if isinstance(cell, Numbers) for low, high in cell.ranges for edge in (low, high + 1)
    }
    cuts = sorted(edges)
    for low, high in domain:
        inside = cuts[bisect_right(cuts, low) : bisect_right(cuts, high)]
        yield from ((start, end - 1) for start, end in pairwise([low, *inside, high + 1]))


def _joined(ranges: Sequence[Range]) -> list[Range]:
    """Return ascending *ranges* with those that touch made one."""
    joined: list[Range] = []
    for low, high in ranges:
        if joined and joined[-1][1] + 1 == low:
            joined[-1] = joined[-1][0], high
        else:
            joined.append((low, high))
    return joined


def _literal(value: str | bool) -> str:
    return f'"{value}"' if isinstance(value, str) else str(value).lower()

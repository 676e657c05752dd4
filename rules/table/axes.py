"""A column as the fewest parts on which every cell of it is true or false throughout; sets of parts are bit masks."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
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

    def masks(self, cells: Iterable[Held]) -> list[int]:
        """Return for each of *cells* the parts for which it holds."""
        starts = [low for low, _ in self.parts]
        return [_span(starts, cell.ranges) if isinstance(cell, Numbers) else 0 for cell in cells]

    def bit(self, value: Any) -> int:
        """Return the mask of the part that *value* lies in, 0 outside the domain."""
        index = bisect_right(self.parts, (value, LARGEST_INT)) - 1
        return 1 << index if index >= 0 and value <= self.parts[index][1] else 0

    def words(self, mask: int) -> str:
        """Write *mask* as a cell."""
        return ",".join(written(*joined) for joined in _joined([self.parts[index] for index in _ones(mask)]))


@dataclass(frozen=True)
class ChoiceAxis:
    """Texts or truth values: ``parts`` are the values; where it ``is_open``, one more part is every other text."""

    parts: tuple[str | bool, ...]
    is_open: bool = False

    @property
    def whole(self) -> int:
        """The mask of the whole domain."""
        return (1 << len(self.parts) + self.is_open) - 1

    def masks(self, cells: Iterable[Held]) -> list[int]:
        """Return for each of *cells* the parts for which it holds."""
        bits = {part: 1 << index for index, part in enumerate(self.parts)}
        return [self._mask(bits, cell) if isinstance(cell, Choices) else 0 for cell in cells]

    def _mask(self, bits: Mapping[str | bool, int], held: Choices) -> int:
        found = sum(bits.get(value, 0) for value in held.values)
        return self.whole & ~found if held.negated else found

    def bit(self, value: Any) -> int:
        """Return the mask of the part that *value* is, 0 outside the domain."""
        if value in self.parts:
            return 1 << self.parts.index(value)
        return 1 << len(self.parts) if self.is_open else 0

    def words(self, mask: int) -> str:
        """Write *mask* as a cell."""
        if self.is_open and mask >> len(self.parts):
            return f"not({self._listed(self.whole & ~mask)})"
        return self._listed(mask)

    def _listed(self, mask: int) -> str:
        return ",".join(_literal(self.parts[index]) for index in _ones(mask))


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


def _ones(mask: int) -> list[int]:
    """The places of the bits that are set, in one pass however long the mask is."""
    return [index for index, bit in enumerate(reversed(f"{mask:b}")) if bit == "1"]


def _span(starts: Sequence[int], ranges: Iterable[Range]) -> int:
    """The parts that *ranges* reach over, where parts begin at *starts* and at each end of a range."""
    found = 0
    for low, high in ranges:
        found |= (1 << bisect_right(starts, high)) - (1 << bisect_left(starts, low))
    return found


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

"""The cells of a table as masks over axes, and which rows match given values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rules.table.axes import Axis, axis_of
from rules.table.cells import EVERY, Choices, Held, held_by
from rules.table.layout import Column, TableLayout
from rules.table.tiling import Box


@dataclass(frozen=True)
class Grid:
    """An axis for each column, and the box of each row."""

    axes: tuple[Axis, ...]
    rows: tuple[Box, ...]

    @property
    def domain(self) -> Box:
        """The box of all values there are."""
        return tuple(axis.whole for axis in self.axes)

    def point(self, values: Sequence[Any]) -> Box:
        """Return the box of parts that *values* lie in; a mask is 0 where a value is outside its domain."""
        return tuple(axis.bit(value) for axis, value in zip(self.axes, values, strict=True))

    def matching(self, point: Box) -> tuple[int, ...]:
        """Return the rows for a *point*, in their order."""
        return tuple(
            index for index, row in enumerate(self.rows) if all(a & b for a, b in zip(row, point, strict=True))
        )


def grid_of(layout: TableLayout, kinds: Sequence[str]) -> Grid:
    """
    Return the grid of *layout*, whose columns are of the types *kinds*.

    Raises:
        CellProblems: Of the first domain or cell that has any.
    """
    axes, masks = [], []
    for index, (column, kind) in enumerate(zip(layout.columns, kinds, strict=True)):
        domain = domain_of(column, kind)
        cells = [held_by(text_of(row.cells[index]), kind, domain) for row in layout.rows]
        axes.append(axis_of(domain, cells))
        masks.append(axes[-1].masks(cells))
    return Grid(tuple(axes), tuple(zip(*masks, strict=True)))


def domain_of(column: Column, kind: str) -> Held:
    """
    Return the values that *column* of type *kind* may have.

    Raises:
        CellProblems: If its intervals are not written as a cell is.
    """
    if kind == "int" and isinstance(column.domain, str):
        return held_by(column.domain, kind)
    if kind == "string" and isinstance(column.domain, tuple):
        return Choices(column.domain)
    return EVERY[kind]


def text_of(cell: str | int | bool) -> str:
    """Return a cell as text: a bare number, true or false stands for itself."""
    return cell if isinstance(cell, str) else str(cell).lower()

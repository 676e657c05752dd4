"""A program taken apart: into parts that share no row, and to a part of its columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from lianyue.optimiser.solver import Program
from rules.portfolio.model import Row


def parts_of(program: Program) -> list[tuple[int, ...]]:
    """Return the columns of each part that shares no row with the others; decided ones stand first in each."""
    parent = list(range(len(program.uppers)))

    def root(column: int) -> int:
        while parent[column] != column:
            parent[column] = parent[parent[column]]
            column = parent[column]
        return column

    for row in program.rows:
        for column in row.columns[1:]:
            parent[root(column)] = root(row.columns[0])
    parts: dict[int, list[int]] = {}
    for column in range(len(parent)):
        parts.setdefault(root(column), []).append(column)
    return [tuple(part) for part in parts.values()]


def parts_alone(program: Program) -> list[tuple[tuple[int, ...], Program]]:
    """Return each part with the program that it is by itself."""
    parts = parts_of(program)
    if len(parts) == 1:
        return [(parts[0], program)]
    part_of = {column: number for number, part in enumerate(parts) for column in part}
    rows: list[list[Row]] = [[] for _ in parts]
    for row in program.rows:
        rows[part_of[row.columns[0]]].append(row)
    return [(part, narrowed(replace(program, rows=tuple(mine)), part)) for part, mine in zip(parts, rows, strict=True)]


def narrowed(program: Program, columns: Sequence[int]) -> Program:
    """Return the program in which only *columns* (ascending) are left; every other one is nought."""
    places = {column: place for place, column in enumerate(columns)}
    rows = [_row(row, places) for row in program.rows]
    return replace(
        program,
        costs=tuple(program.costs[column] for column in columns),
        uppers=tuple(program.uppers[column] for column in columns),
        rows=tuple(row for row in rows if row.columns or _demands(row)),
        decided=sum(column < program.decided for column in columns),
    )


def _row(row: Row, places: dict[int, int]) -> Row:
    kept = [
        (places[column], number)
        for column, number in zip(row.columns, row.coefficients, strict=True)
        if column in places
    ]
    return replace(row, columns=tuple(column for column, _ in kept), coefficients=tuple(number for _, number in kept))


def _demands(row: Row) -> bool:
    """Whether a row without columns cannot hold."""
    return (row.lower or 0) > 0 or (row.upper is not None and row.upper < 0)

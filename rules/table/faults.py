"""What is wrong with a decision table: its shape, its cells, and values that no row or more than one row is for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice

from rules.faults import repeated, repeated_ids
from rules.problems import MOST_PROBLEMS, Problem, did_you_mean
from rules.source import Path, Source
from rules.table.cells import CellProblems, Held, held_by
from rules.table.grid import Grid, domain_of, text_of
from rules.table.layout import Aggregate, Column, HitPolicy, Output, TableLayout, Value
from rules.table.tiling import MOST_STEPS, overlaps, tiling_of, words
from rules.typeset import RESERVED, described, is_scalar

DEFAULT = "default"
"""What stands for the row when none matched; no row may be called so."""

COLUMN_TYPES = ("int", "string", "bool")
MOST_GAPS = 10
_ROWS: Path = ("spec", "rows")


def layout_faults(source: Source, layout: TableLayout) -> Iterator[Problem]:
    """What is wrong apart from the cells: names, the number of entries, results of another type, the hit policy."""
    yield from repeated(source, [each.name for each in layout.columns], ("spec", "columns"), "name", "column")
    yield from repeated(source, [each.name for each in layout.outputs], ("spec", "outputs"), "name", "output")
    yield from repeated_ids(source, {"rows": [row.id for row in layout.rows]})
    yield from _output_faults(source, layout)
    yield from _row_faults(source, layout)
    yield from _hit_faults(source, layout)
    yield from _default_faults(source, layout)


def cell_faults(source: Source, layout: TableLayout, kinds: Sequence[str | None]) -> Iterator[Problem]:
    """What is wrong inside domains and cells; a column whose type in *kinds* is not known is passed over."""
    for index, (column, kind) in enumerate(zip(layout.columns, kinds, strict=True)):
        if kind is None:
            continue
        faults = list(_domain_faults(source, column, index, kind))
        yield from faults
        domain = None if faults else domain_of(column, kind)
        for number, row in enumerate(layout.rows):
            if index < len(row.cells):
                path: Path = (*_ROWS, number, "in", index)
                yield from _text_faults(source, path, row.cells[index], kind, domain)


def tiling_faults(source: Source, layout: TableLayout, grid: Grid) -> Iterator[Problem]:
    """Values that no row is for, rows that match together where they must not, and rows that are never reached."""
    names = [column.name for column in layout.columns]
    yield from _overlap_faults(source, layout, grid, names)
    tiling = tiling_of(grid.domain, grid.rows)
    if not tiling.is_proven and (layout.default is None or layout.hit is HitPolicy.FIRST):
        message = f"not proven within {MOST_STEPS:,} steps that the rows leave nothing open; split the table"
        yield source.problem(_ROWS, "not-proven", message, key=True)
    for index in tiling.covered if layout.hit is HitPolicy.FIRST else ():
        message = f"row {layout.rows[index].id!r} is never reached; the rows above it match whatever it does"
        yield source.problem((*_ROWS, index, "id"), "unreachable", message)
    for gap in tiling.gaps[:MOST_GAPS] if layout.default is None else ():
        message = f"no row is for {words(grid.axes, names, gap)}; add a row, or a default"
        yield source.problem(_ROWS, "gap", message, key=True)
    if layout.default is None and len(tiling.gaps) > MOST_GAPS:
        message = f"there are {len(tiling.gaps)} gaps, of which {MOST_GAPS} are shown"
        yield source.problem(_ROWS, "gap", message, key=True)


def _output_faults(source: Source, layout: TableLayout) -> Iterator[Problem]:
    for index, output in enumerate(layout.outputs):
        path: Path = ("spec", "outputs", index)
        if output.name in RESERVED:
            message = f"{output.name!r} has a meaning in expressions; call the output something else"
            yield source.problem((*path, "name"), "reserved-name", message)
        if layout.hit is HitPolicy.PRIORITY and not output.values:
            message = f"with hit policy priority the output {output.name!r} needs its values, the highest first"
            yield source.problem(path, "hit", message)
        for place, value in enumerate(output.values):
            yield from _type_fault(source, (*path, "values", place), output, value)
            if value in output.values[:place]:
                message = f"the value {_shown(value)} stands there already"
                yield source.problem((*path, "values", place), "repeated", message)


def _row_faults(source: Source, layout: TableLayout) -> Iterator[Problem]:
    for index, row in enumerate(layout.rows):
        path: Path = (*_ROWS, index)
        if row.id == DEFAULT:
            message = f"the row id {DEFAULT!r} is kept for the result when no row matches"
            yield source.problem((*path, "id"), "reserved-id", message)
        yield from _count_fault(source, (*path, "in"), len(row.cells), len(layout.columns), "cells", "columns")
        yield from _count_fault(source, (*path, "out"), len(row.results), len(layout.outputs), "results", "outputs")
        yield from _result_faults(source, (*path, "out"), layout.outputs, row.results)


def _count_fault(source: Source, path: Path, found: int, wanted: int, what: str, of: str) -> Iterator[Problem]:
    if found != wanted:
        yield source.problem(path, "count", f"{found} {what} for {wanted} {of}", key=True)


def _result_faults(
    source: Source, path: Path, outputs: Sequence[Output], results: Sequence[Value]
) -> Iterator[Problem]:
    for index, (output, value) in enumerate(zip(outputs, results, strict=False)):
        faults = list(_type_fault(source, (*path, index), output, value))
        yield from faults
        if not faults and output.values and value not in output.values:
            hint = did_you_mean(str(value), [str(each) for each in output.values])
            message = f"{_shown(value)} is not among the values of {output.name!r}{hint}"
            yield source.problem((*path, index), "outside", message)


def _type_fault(source: Source, path: Path, output: Output, value: Value) -> Iterator[Problem]:
    if not is_scalar(output.type, value):
        message = f"the output {output.name!r} is of type {output.type}, but {_shown(value)} is {described(value)}"
        yield source.problem(path, "wrong-type", message)


def _hit_faults(source: Source, layout: TableLayout) -> Iterator[Problem]:
    """An aggregate belongs to collect, and all but a count to one whole number."""
    if layout.aggregate is Aggregate.LIST:
        return
    path: Path = ("spec", "aggregate")
    if layout.hit is not HitPolicy.COLLECT:
        yield source.problem(path, "hit", f"an aggregate goes with hit policy collect, not {layout.hit}")
    elif layout.aggregate is not Aggregate.COUNT and [each.type for each in layout.outputs] != ["int"]:
        message = f"{layout.aggregate} draws whole numbers together; it takes exactly one output, of type int"
        yield source.problem(path, "hit", message)


def _default_faults(source: Source, layout: TableLayout) -> Iterator[Problem]:
    path: Path = ("spec", "default")
    if layout.default is None:
        return
    if layout.gives_list:
        if layout.default:
            yield source.problem(path, DEFAULT, "of a list the default is the empty one: []")
    elif layout.gives_aggregate:
        if len(layout.default) != 1 or not is_scalar("int", layout.default[0]):
            yield source.problem(path, DEFAULT, "of an aggregate the default is one whole number: [0]")
    else:
        yield from _count_fault(source, path, len(layout.default), len(layout.outputs), "results", "outputs")
        yield from _result_faults(source, path, layout.outputs, layout.default)


def _domain_faults(source: Source, column: Column, index: int, kind: str) -> Iterator[Problem]:
    path: Path = ("spec", "columns", index, "domain")
    match kind, column.domain:
        case _, None:
            return
        case "int", str():
            yield from _text_faults(source, path, column.domain, "int", None)
        case "string", tuple():
            if not column.domain:
                yield source.problem(path, "domain", "an empty domain; list the texts there are")
            for place, text in enumerate(column.domain):
                if text in column.domain[:place] or '"' in text:
                    fault = "holds a quotation mark" if '"' in text else "stands there already"
                    yield source.problem((*path, place), "domain", f'the text "{text}" {fault}')
        case _:
            wanted = {"int": 'intervals like "[0..]"', "string": "a list of texts"}.get(
                kind, "nothing, for it has both"
            )
            yield source.problem(path, "domain", f"the column is {kind}; its domain is {wanted}")


def _text_faults(source: Source, path: Path, cell: Value, kind: str, domain: Held | None) -> Iterator[Problem]:
    """The problems in the text of one cell, each at its character."""
    try:
        held_by(text_of(cell), kind, domain)
    except CellProblems as found:
        for offset, code, message in found.problems:
            yield source.problem(path, code, message, offset=offset if isinstance(cell, str) else None)


def _overlap_faults(source: Source, layout: TableLayout, grid: Grid, names: Sequence[str]) -> Iterator[Problem]:
    """Rows that match together: never with unique; with any only if they say the same."""
    if layout.hit not in (HitPolicy.UNIQUE, HitPolicy.ANY):
        return
    is_unique, rows = layout.hit is HitPolicy.UNIQUE, layout.rows
    code = "overlap" if is_unique else "conflict"
    advice = "with hit policy unique only one may" if is_unique else "with hit policy any they must agree"
    found = (pair for pair in overlaps(grid.rows) if is_unique or rows[pair[0]].results != rows[pair[1]].results)
    for first, second, box in islice(found, MOST_PROBLEMS):
        line = source.at((*_ROWS, first, "id")).line
        both = f"row {rows[first].id!r} on line {line} and row {rows[second].id!r} both match"
        message = f"{both} {words(grid.axes, names, box)}; {advice}"
        yield source.problem((*_ROWS, second, "id"), code, message)


def _shown(value: Value) -> str:
    return f'"{value}"' if isinstance(value, str) else str(value).lower()

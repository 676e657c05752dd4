"""One table consulted in one scene: its value, the rows it comes from, and what was read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from rules.check import Checked
from rules.formula import Evaluated, Scene, calculate
from rules.functions import LARGEST_INT, SMALLEST_INT
from rules.table.compile import CompiledTable
from rules.table.faults import DEFAULT
from rules.table.grid import Grid
from rules.table.layout import Aggregate, HitPolicy, Row, TableLayout, Value


@dataclass(frozen=True)
class Answer:
    """
    What a table came to; with an ``error`` there is no value.

    ``rows`` are the ids of the rows that match, those first that decide; ``default`` alone stands for none.
    """

    value: Any
    rows: tuple[str, ...] = ()
    error: str = ""
    reads: dict[str, Any] = field(default_factory=dict)


def consult(table: CompiledTable, scene: Scene) -> Answer:
    """Consult *table* in *scene*; an error becomes part of the answer, so that it can be a reason."""
    found = [calculate(column, scene) for column in table.columns]
    reads = {path: value for each in found for path, value in each.reads.items()}
    failed = [each.error for each in found if each.error]
    values = [each.value for each in found]
    answer = Answer(None, error=failed[0]) if failed else answer_of(table.spec, table.grid, values)
    return Answer(answer.value, answer.rows, answer.error, dict(sorted(reads.items())))


def worked_out(source: Checked | CompiledTable, scene: Scene) -> Evaluated:
    """Calculate a variable, or look it up: the rows are then among what was read, under ``table.`` and the name."""
    return calculate(source, scene) if isinstance(source, Checked) else _looked_up(source, scene)


def _looked_up(table: CompiledTable, scene: Scene) -> Evaluated:
    answer = consult(table, scene)
    error = f"决策表 {table.name} 无法得出结果：{answer.error}" if answer.error else ""
    rows = {f"table.{table.name}": list(answer.rows)}
    return Evaluated(answer.value, dict(sorted({**answer.reads, **rows}.items())), error)


def answer_of(layout: TableLayout, grid: Grid, values: Sequence[Any]) -> Answer:
    """Answer for the *values* of the columns, each of its column's type."""
    point = grid.point(values)
    if not all(point):
        return Answer(None, error=_outside(layout, grid, values, point.index(0)))
    matching = [layout.rows[index] for index in grid.matching(point)]
    if not matching:
        return _nothing(layout, values)
    if layout.hit is HitPolicy.UNIQUE and len(matching) > 1:
        return Answer(None, error=f"several rows match: {', '.join(row.id for row in matching)}")
    if layout.hit is HitPolicy.PRIORITY:
        matching = sorted(matching, key=lambda row: _priority(layout, row))
    return _drawn(layout, matching)


def _drawn(layout: TableLayout, rows: Sequence[Row]) -> Answer:
    """Draw the results of the *rows* that match together; without a list or aggregate the first one counts."""
    ids = tuple(row.id for row in rows)
    if layout.gives_aggregate:
        number = _aggregated(layout.aggregate, rows)
        if not SMALLEST_INT <= number <= LARGEST_INT:
            return Answer(None, ids, "the sum leaves int64")
        return Answer(number, ids)
    results = [_result(layout, row.results) for row in rows]
    return Answer(results if layout.gives_list else results[0], ids)


def _aggregated(aggregate: Aggregate, rows: Sequence[Row]) -> int:
    if aggregate is Aggregate.COUNT:
        return len(rows)
    numbers = [int(row.results[0]) for row in rows]
    if aggregate is Aggregate.SUM:
        return sum(numbers)
    return min(numbers) if aggregate is Aggregate.LEAST else max(numbers)


def _result(layout: TableLayout, results: Sequence[Value]) -> Any:
    """One output stands for itself; several are a record."""
    if len(layout.outputs) == 1:
        return results[0]
    return {output.name: value for output, value in zip(layout.outputs, results, strict=True)}


def _priority(layout: TableLayout, row: Row) -> tuple[int, ...]:
    """Where the results of *row* stand in the values of the outputs, the first output counting most."""
    return tuple(each.values.index(value) for each, value in zip(layout.outputs, row.results, strict=True))


def _nothing(layout: TableLayout, values: Sequence[Any]) -> Answer:
    """The default, or the reason why there is no answer."""
    if layout.default is None:
        said = " and ".join(
            f"{column.name} {_shown(value)}" for column, value in zip(layout.columns, values, strict=True)
        )
        return Answer(None, error=f"no row is for {said}")
    if layout.gives_list:
        return Answer([], (DEFAULT,))
    value = layout.default[0] if layout.gives_aggregate else _result(layout, layout.default)
    return Answer(value, (DEFAULT,))


def _outside(layout: TableLayout, grid: Grid, values: Sequence[Any], index: int) -> str:
    axis = grid.axes[index]
    domain = axis.words(axis.whole)
    return f"{layout.columns[index].name} is {_shown(values[index])}, outside its domain {domain}"


def _shown(value: Any) -> str:
    return f'"{value}"' if isinstance(value, str) else str(value).lower()

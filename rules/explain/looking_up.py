"""The decision tables that a decision has consulted: which rows decided for whom, and what they rest on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from rules.explain.shown import shown
from rules.explain.tongue import Tongue
from rules.explain.words import ENGLISH
from rules.policy import CompiledPolicy
from rules.table.compile import CompiledTable
from rules.table.faults import DEFAULT
from rules.table.layout import Row

READS = "table."
"""What the inputs begin with that say which rows of a table matched."""


def tables_told(policy: CompiledPolicy, trace: tuple[Mapping[str, Any], ...], tongue: Tongue) -> Iterator[str]:
    """Tell for each table that rules have consulted which rows decided, and for whom where it was not the same row."""
    for name, table in sorted(tables_of(policy).items()):
        found = rows_read(name, trace)
        if not found:
            continue
        same = len(set(found.values())) == 1
        by_rows: dict[tuple[str, ...], list[str]] = {}
        for member, rows in found.items():
            by_rows.setdefault(rows, []).append(member)
        clauses = [
            row if same else tongue.say("table of", members=tongue.members(members), row=row)
            for rows, members in by_rows.items()
            if (row := _rows(table, rows, tongue))
        ]
        metadata = table.document.metadata
        title = (metadata.title_en or metadata.title) if tongue.language == ENGLISH else metadata.title
        yield tongue.say("table", title=title, name=name, rows=tongue.list(clauses))
        yield tongue.say("table source", reference=tongue.list(metadata.reference))


def tables_of(policy: CompiledPolicy) -> dict[str, CompiledTable]:
    """The decision tables that *policy* and its guard sets look values up in, by name."""
    listed = (policy.expressions.variables, *(each.variables for each in policy.guards))
    sources = (source for each in listed for _, source in (*each.always, *each.quoted))
    return {source.name: source for source in sources if isinstance(source, CompiledTable)}


def rows_read(table: str, trace: tuple[Mapping[str, Any], ...]) -> dict[str, tuple[str, ...]]:
    """Which rows of *table* matched for each member, by the lines of the trace whose rules used it."""
    return {
        str(line["member"]): tuple(line["reads"][READS + table])
        for line in trace
        if line.get("member") and READS + table in line.get("reads", {})
    }


def _rows(table: CompiledTable, ids: tuple[str, ...], tongue: Tongue) -> str:
    if ids == (DEFAULT,):
        return tongue.say("default row", results=_results(table, table.spec.default or (), tongue))
    listed = ids if table.spec.gives_list or table.spec.gives_aggregate else ids[:1]
    rows = {row.id: row for row in table.spec.rows}
    return tongue.say("rows joined").join(_row(table, rows[each], tongue) for each in listed if each in rows)


def _row(table: CompiledTable, row: Row, tongue: Tongue) -> str:
    tests = zip(table.spec.columns, row.cells, strict=True)
    cells = [
        tongue.say("cell", column=column.name, test=f"`{str(cell).lower() if isinstance(cell, bool) else cell}`")
        for column, cell in tests
        if cell != "-"
    ]
    told = tongue.say(
        "row",
        row=row.id,
        results=_results(table, row.results, tongue),
        cells=tongue.row(cells) or tongue.say("anything"),
    )
    return tongue.row([told, tongue.say("row source", reference=row.reference)]) if row.reference else told


def _results(table: CompiledTable, results: tuple[Any, ...], tongue: Tongue) -> str:
    named = zip((output.name for output in table.spec.outputs), results, strict=False)
    return tongue.row([f"{name} = {shown(name, value, tongue.language)}" for name, value in named])

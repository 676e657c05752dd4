"""One case of a decision table: given facts, only as many as the table reads, and what came of them otherwise."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from contracts.errors import Invalid
from rules.compile import values_on
from rules.documents.cases import TableExpectation
from rules.formula import Scene
from rules.problems import did_you_mean
from rules.table.compile import NAMES, CompiledTable
from rules.table.evaluate import Answer, consult
from rules.table.faults import DEFAULT

_DERIVED = ("params", "decision_day", "needed_resources")
"""Names that no case gives: the parameters and the day of the file, and what follows from the contract."""


def answered(table: CompiledTable, given: Mapping[str, Any], day: int) -> Answer:
    """
    Consult *table* with the facts of a case on epoch *day*.

    Raises:
        Invalid: If a fact is none that the table may read, or of another type.
    """
    names = {name: kind for name, kind in NAMES[table.spec.reads].items() if name not in _DERIVED}
    for name, value in given.items():
        if name not in names:
            raise Invalid(f"the table cannot read {name!r}{did_you_mean(name, names)}")
        for path, message in table.types.mismatches(names[name], value):
            if _is_given(value, path):
                raise Invalid(f"the changed facts do not fit: {'.'.join(map(str, (name, *path)))} {message}")
    contract = given.get("contract", {})
    return consult(
        table,
        Scene(
            {
                **given,
                "params": values_on(table.parameters, day),
                "decision_day": day,
                "needed_resources": sorted(contract.get("needs", {})),
            }
        ),
    )


def differences(expect: TableExpectation, answer: Answer) -> Iterator[str]:
    """One line for each field that the case names and that came out otherwise, and for an error it does not name."""
    came = {"value": answer.value, "rows": list(answer.rows), "error": answer.error}
    for field, expected in expect.model_dump(mode="json", exclude_none=True).items():
        if expected != came[field] or (field == "value" and type(expected) is not type(came[field])):
            yield f"{field}: expected {_shown(expected)}, came {_shown(came[field])}"
    if answer.error and expect.error is None:
        yield f"error: {answer.error}"


def rows_never_seen(table: CompiledTable, seen: Sequence[str]) -> tuple[str, ...]:
    """Say which rows, or the default, match in no case, where *seen* are those that do."""
    rows = [row.id for row in table.spec.rows if row.id not in seen]
    default = [] if table.spec.default is None or DEFAULT in seen else ["the default is never taken"]
    return (*(f"row {row} never matches" for row in rows), *default)


def _is_given(value: Any, path: Sequence[str | int]) -> bool:
    """Whether *path* leads to something in *value*; a case leaves out what the table does not read."""
    for step in path:
        try:
            value = value[step]
        except (KeyError, IndexError, TypeError):
            return False
    return True


def _shown(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)

"""Names and their fields: the ordinary case in one look, everything else with a reason."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rules.functions import LARGEST_INT, SMALLEST_INT
from rules.program.run import Part, Run

_EXACT: dict[str, type] = {"bool": bool, "int": int, "string": str, "list": list, "dyn": type(None)}
"""The type by which a value is let through at once, a dictionary where none is named here."""


def quick_name(kind: str, name: str, carefully: Part) -> Part:
    """Return the closure of a name of type *kind*; *carefully* is asked where its value is not of the plain type."""
    exact = _exact(kind)
    if exact is int:
        return _whole_name(name, carefully)

    def part(run: Run) -> Any:
        value = run.names.get(name)
        return value if type(value) is exact else carefully(run)

    return part


def quick_field(kind: str, name: str, field: str, carefully: Part) -> Part:
    """Return the closure of a field of a name, as `quick_name` does of a name."""
    exact = _exact(kind)
    if exact is int:
        return _whole_field(name, field, carefully)

    def part(run: Run) -> Any:
        try:
            value = run.names[name][field]
        except (KeyError, TypeError):
            return carefully(run)
        return value if type(value) is exact else carefully(run)

    return part


def _whole_name(name: str, carefully: Part) -> Part:
    def part(run: Run) -> Any:
        value = run.names.get(name)
        return value if type(value) is int and SMALLEST_INT <= value <= LARGEST_INT else carefully(run)

    return part


def _whole_field(name: str, field: str, carefully: Part) -> Part:
    def part(run: Run) -> Any:
        try:
            value = run.names[name][field]
        except (KeyError, TypeError):
            return carefully(run)
        return value if type(value) is int and SMALLEST_INT <= value <= LARGEST_INT else carefully(run)

    return part


def _exact(kind: str) -> type:
    return _EXACT.get(kind.partition("<")[0], dict)


def value_of(names: Mapping[str, Any], name: str) -> Any:
    """Return the value of *name*, a dotted one whole or step by step, or nothing."""
    if name in names or "." not in name:
        return names.get(name)
    first, *rest = name.split(".")
    found: Any = names.get(first)
    for part in rest:
        found = found.get(part) if isinstance(found, Mapping) else None
    return found

"""The variables of a policy, each calculated by an expression or looked up in a decision table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from rules.check import Checked
from rules.compile import MEMBER, RANKED, Formulas
from rules.documents.policy import Variable
from rules.documents.table import DecisionTable
from rules.edition import Edition
from rules.problems import Problem, RuleProblems
from rules.source import Path, Source
from rules.table.compile import CompiledTable, compiled
from rules.table.layout import Reads
from rules.typeset import RESERVED, TYPE_NAMES

Named = tuple[str, Checked | CompiledTable]
"""The name of a variable, and what gives its value."""


@dataclass(frozen=True)
class Variables:
    """Variables in their order: those that anybody may use, and those that there are only with a quote."""

    always: tuple[Named, ...]
    quoted: tuple[Named, ...]

    @property
    def names(self) -> dict[str, str]:
        """The types of those that there are always, by name."""
        return {name: source.type for name, source in self.always}

    @property
    def quoted_names(self) -> dict[str, str]:
        """The types of all, by name."""
        return {name: source.type for name, source in (*self.always, *self.quoted)}


@dataclass(frozen=True)
class Tables:
    """The decision tables that were handed over, by name; one that has problems is nothing."""

    found: Mapping[str, CompiledTable | None]

    @property
    def records(self) -> dict[str, dict[str, str]]:
        """The record types of their values."""
        return {name: fields for table in self.found.values() if table for name, fields in table.records.items()}


def tables_among(parts: Iterable[Edition], params: Source, types: Source) -> tuple[Tables, list[Problem]]:
    """Compile the decision tables among *parts*; the problems of all of them are told."""
    found: dict[str, CompiledTable | None] = {}
    problems: list[Problem] = []
    for part in parts:
        if isinstance(part.document, DecisionTable):
            found[part.name] = None
            try:
                found[part.name] = compiled(part.source, params, types)
            except RuleProblems as caught:
                problems += caught.problems
    return Tables(found), problems


def variables_of(formulas: Formulas, listed: Iterable[Variable], tables: Tables) -> Variables:
    """Check the variables *listed*, each of which may use those before it; where one fails its problem is kept."""
    always: list[Named] = []
    quoted: list[Named] = []
    names = dict(MEMBER)
    for index, variable in enumerate(listed):
        source = _source(formulas, variable, ("spec", "variables", index), names, tables)
        if isinstance(source, CompiledTable) and source.spec.reads is Reads.QUOTE:
            quoted.append((variable.name, source))
        elif source:
            names[variable.name] = source.type
            always.append((variable.name, source))
    return Variables(tuple(always), tuple(quoted))


def _source(
    formulas: Formulas, variable: Variable, path: Path, names: Mapping[str, str], tables: Tables
) -> Checked | CompiledTable | None:
    """What gives *variable* its value, or nothing if that has problems."""
    taken = _taken(variable.name)
    if taken:
        formulas.refuse((*path, "name"), "reserved-name", f"{taken}; call the variable something else")
        if variable.name not in RANKED:
            formulas.forget(variable.name)
        return None
    if variable.value is None:
        source: Checked | CompiledTable | None = tables.found[variable.table or ""]
    else:
        source = formulas.check(variable.value, (*path, "value"), names, None)
    if source is None:
        formulas.forget(variable.name)
    return source


def _taken(name: str) -> str:
    """What *name* means already in an expression, or nothing."""
    if name in RANKED:
        return f"{name!r} is a name that every policy has"
    if name in TYPE_NAMES:
        return f"{name!r} is the name of a type in expressions"
    return f"{name!r} has a meaning in expressions" if name in RESERVED else ""

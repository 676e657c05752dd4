"""A decision table with its types and parameters, checked, proven and compiled: the form in which it is consulted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from rules.canonical import digest
from rules.check import Checked
from rules.compile import GROUND, MEMBER, QUOTED, Formulas, document_of, ground_faults, types_with
from rules.consistency import faults_of
from rules.documents.ground import ParameterSet, TypeSet
from rules.documents.table import DecisionTable, DecisionTableSpec
from rules.parse import parsed
from rules.problems import RuleProblems
from rules.source import Path, Source, read
from rules.table.faults import COLUMN_TYPES, cell_faults, tiling_faults
from rules.table.grid import Grid, grid_of
from rules.table.layout import Reads
from rules.typeset import TypeSet as Types

NAMES: Mapping[Reads, Mapping[str, str]] = {Reads.CONTRACT: GROUND, Reads.MEMBER: MEMBER, Reads.QUOTE: QUOTED}
"""The names that the columns of a table may use, by what it says it reads."""


@dataclass(frozen=True)
class CompiledTable:
    """One edition of a decision table, ready to be consulted; where its policy demands a proof, it is given."""

    document: DecisionTable
    parameters: ParameterSet
    types: Types
    columns: tuple[Checked, ...]
    grid: Grid
    digest: str

    @property
    def name(self) -> str:
        """The table's name."""
        return self.document.metadata.name

    @property
    def spec(self) -> DecisionTableSpec:
        """What the table says."""
        return self.document.spec

    @property
    def type(self) -> str:
        """The type of its value in expressions; several outputs make the record that `records` has."""
        if self.spec.gives_aggregate:
            return "int"
        outputs = self.spec.outputs
        one = outputs[0].type if len(outputs) == 1 else record_name(self.name)
        return f"list<{one}>" if self.spec.gives_list else one

    @property
    def records(self) -> dict[str, dict[str, str]]:
        """The record type of its value, where it has several outputs."""
        outputs: dict[str, str] = {output.name: output.type for output in self.spec.outputs}
        return {record_name(self.name): outputs} if len(outputs) > 1 and not self.spec.gives_aggregate else {}


def record_name(table: str) -> str:
    """Return the name of the record type for the value of *table*; no type set can have it, for the underscore."""
    return "Table_" + table.replace("_", "__").replace("-", "_")


@lru_cache(maxsize=256)
def compile_table(
    table_text: str,
    params_text: str,
    types_text: str,
    table_file: str = "table.yaml",
    params_file: str = "params.yaml",
    types_file: str = "types.yaml",
) -> CompiledTable:
    """
    Check a decision table with its parameters and types, and compile it; the same texts give the same object.

    Raises:
        RuleProblems: With everything that is wrong in the first file that has problems: types, parameters, table.
    """
    types, params = read(types_text, types_file), read(params_text, params_file)
    return compiled(read(table_text, table_file), params, types)


def compiled(source: Source, params: Source, types: Source) -> CompiledTable:
    """
    Compile the table in *source*; what follows from a problem in a column or a cell is not reported as well.

    Raises:
        RuleProblems: As `compile_table`.
    """
    type_set, parameters = document_of(types, TypeSet), document_of(params, ParameterSet)
    table = parsed(source, DecisionTable)
    formulas = Formulas(source, types_with(type_set, parameters))
    columns = _columns(formulas, table.spec)
    kinds = [column.type if column else None for column in columns]
    problems = [
        *formulas.problems,
        *ground_faults(source, table, type_set, parameters),
        *faults_of(source, table),
        *cell_faults(source, table.spec, kinds),
    ]
    checked = tuple(column for column in columns if column)
    if problems:
        raise RuleProblems(problems)
    grid = grid_of(table.spec, [column.type for column in checked])
    problems = list(tiling_faults(source, table.spec, grid))
    if problems:
        raise RuleProblems(problems)
    return CompiledTable(table, parameters, formulas.types, checked, grid, digest(source.data))


def _columns(formulas: Formulas, spec: DecisionTableSpec) -> list[Checked | None]:
    """Check what each column tests; where that fails its problem is kept."""
    found: list[Checked | None] = []
    for index, column in enumerate(spec.columns):
        path: Path = ("spec", "columns", index, "value")
        formula = formulas.check(column.value, path, NAMES[spec.reads], None)
        if formula and formula.type not in COLUMN_TYPES:
            formulas.refuse(path, "type", f"a column is a whole number, text, or true or false, not {formula.type}")
            formula = None
        found.append(formula)
    return found

"""From a source file to its document and its checked expressions: which names each place may use, and all problems."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

from contracts.calendar import iso_day
from contracts.errors import Invalid
from rules.check import Checked, Environment, ExpressionProblems
from rules.closure import ground_named
from rules.consistency import PARAMS, faults_of
from rules.documents.ground import ParameterSet, TypeSet
from rules.documents.kinds import RuleDocument
from rules.parse import parsed
from rules.problems import Problem, RuleProblems
from rules.source import Path, Source
from rules.typeset import TypeSet as Types

Kept = TypeVar("Kept", bound=RuleDocument)

GROUND = {
    "contract": "Contract",
    "params": PARAMS,
    "decision_day": "int",
    "needed_resources": "list<string>",
}
"""Names for expressions about the contract as a whole."""

MEMBER = {
    **GROUND,
    "member": "Member",
    "ledger": "Ledger",
    "related_candidates": "list<string>",
    "sister_candidates": "list<string>",
}
"""Names for variables and eligibility rules, which are asked before anybody has quoted."""

QUOTED = {**MEMBER, "quote": "Quote", "best_price_fen": "int"}
"""Names for scoring rules and tie keys."""

RANKED = {**QUOTED, "score_bp": "int", "rank": "int"}
"""Names for the weights of a division."""


def values_on(parameters: ParameterSet, day: int) -> dict[str, Any]:
    """
    Return the value of each parameter in force on epoch *day*.

    Raises:
        Invalid: If one has no value by then.
    """
    values: dict[str, Any] = {}
    for name, parameter in parameters.spec.parameters.items():
        dated = parameter.on(day)
        if dated is None:
            first = parameter.values[0].since
            raise Invalid(f"the parameter {name!r} has no value on {iso_day(day)}; its first is from {first}")
        values[name] = list(dated.value) if isinstance(dated.value, tuple) else dated.value
    return values


def types_with(type_set: TypeSet, parameters: ParameterSet, **more: dict[str, str]) -> Types:
    """Return the types of *type_set*, the record of the parameters as ``Params``, and *more* records."""
    params = {name: parameter.type for name, parameter in parameters.spec.parameters.items()}
    return Types.of({**type_set.spec.types, PARAMS: params, **more})


def document_of(source: Source, model: type[Kept]) -> Kept:
    """
    Return the document in *source*, which also agrees with itself.

    Raises:
        RuleProblems: With every problem found.
    """
    document = parsed(source, model)
    faults = list(faults_of(source, document))
    if faults:
        raise RuleProblems(faults)
    return document


def ground_faults(
    source: Source, document: RuleDocument, types: TypeSet, parameters: ParameterSet
) -> Iterator[Problem]:
    """The types and parameters that were given are those that *document* asks for."""
    given = {types.kind: types.metadata.name, parameters.kind: parameters.metadata.name}
    for wanted in ground_named(document):
        if given[str(wanted.kind)] != wanted.name:
            message = f"it asks for the {wanted.path[-1]} {wanted.name!r}, but was given {given[str(wanted.kind)]!r}"
            yield source.problem(wanted.path, "wrong-file", message)


class Formulas:
    """The expressions of one file, checked one by one; problems are kept until all have been seen."""

    def __init__(self, source: Source, types: Types) -> None:
        self.source = source
        self.types = types
        self.problems: list[Problem] = []
        self.forgotten: list[str] = []

    def check(self, text: str, path: Path, names: Mapping[str, str], expects: str | None) -> Checked | None:
        """Return *text*, which stands at *path*, as a checked expression, or nothing if it has problems."""
        try:
            return Environment(self.types, names).check(text, expects)
        except ExpressionProblems as found:
            for offset, code, message in found.problems:
                self.refuse(path, code, message, offset)
            return None

    def refuse(self, path: Path, code: str, message: str, offset: int | None = None) -> None:
        """Keep a problem, unless it only follows from a variable that has problems itself."""
        marks = [mark for name in self.forgotten for mark in (repr(name), f"type({name}", f"identifier: {name}")]
        if not any(mark in message for mark in marks):
            self.problems.append(self.source.problem(path, code, message, offset=offset))

    def forget(self, name: str) -> None:
        """Take note that the variable *name* could not be checked; what is said about it now follows from that."""
        self.forgotten.append(name)

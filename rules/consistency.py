"""Whether one rule file agrees with itself: sums, order, ids, and methods that fit together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rules.authority_faults import authority_faults
from rules.divide.faults import division_faults, fit_faults
from rules.documents.authority import AuthorityMatrix
from rules.documents.cases import PolicyTest
from rules.documents.ground import ParameterSet, TypeSet
from rules.documents.kinds import RuleDocument
from rules.documents.policy import BUILT_IN_REASONS, AllocationPolicy, AllocationPolicySpec, GuardSet, GuardSetSpec
from rules.documents.table import DecisionTable
from rules.faults import repeated, repeated_ids, sum_fault
from rules.problems import Problem
from rules.select.faults import selection_faults
from rules.source import Path, Source
from rules.table.faults import layout_faults
from rules.typeset import TypeProblems
from rules.typeset import TypeSet as Types

PARAMS = "Params"
"""The record type that holds the parameters."""


def faults_of(source: Source, document: RuleDocument) -> Iterator[Problem]:
    """What is wrong with *document* apart from its expressions and from other files."""
    match document:
        case AllocationPolicy():
            yield from _policy_faults(source, document.spec)
        case GuardSet():
            yield from _guard_faults(source, document.spec)
        case ParameterSet():
            yield from _parameter_faults(source, document)
        case AuthorityMatrix():
            yield from authority_faults(source, document.spec)
        case DecisionTable():
            yield from layout_faults(source, document.spec)
        case PolicyTest():
            sentences = [case.case for case in document.spec.cases]
            yield from repeated(source, sentences, ("spec", "cases"), "case", "case")
        case TypeSet():
            yield from _type_faults(source, document)


def _policy_faults(source: Source, spec: AllocationPolicySpec) -> Iterator[Problem]:
    parts = {"eligibility": [rule.id for rule in spec.eligibility], "scoring": [rule.id for rule in spec.scoring]}
    yield from _id_faults(source, parts)
    if not spec.eligibility and not spec.guards:
        message = "nothing here says who may; give eligibility rules of its own, or guards"
        yield source.problem(("spec",), "missing-field", message, key=True)
    yield from repeated(source, spec.guards, ("spec", "guards"), "", "guard set")
    yield from repeated(source, [v.name for v in spec.variables], ("spec", "variables"), "name", "variable")
    yield from sum_fault(source, [rule.weight_bp for rule in spec.scoring], ("spec", "scoring"), "scoring weights")
    yield from selection_faults(source, spec)
    yield from division_faults(source, spec)
    yield from fit_faults(source, spec)
    yield from _sealing_faults(source, spec)


def _sealing_faults(source: Source, spec: AllocationPolicySpec) -> Iterator[Problem]:
    """Each keyholder has one key, and no more are needed than there are."""
    if spec.sealing is None:
        return
    holders, needed = spec.sealing.holders, spec.sealing.needed
    yield from repeated(source, holders, ("spec", "sealing", "holders"), "", "keyholder")
    if needed > len(set(holders)):
        message = f"{needed} keys are needed to open the quotes, but {len(set(holders))} keyholders are named"
        yield source.problem(("spec", "sealing", "needed"), "too-few-keys", message)


def _guard_faults(source: Source, spec: GuardSetSpec) -> Iterator[Problem]:
    yield from _id_faults(source, {"guards": [guard.id for guard in spec.guards]})
    yield from repeated(source, [v.name for v in spec.variables], ("spec", "variables"), "name", "variable")


def _id_faults(source: Source, parts: Mapping[str, Sequence[str]]) -> Iterator[Problem]:
    """Rule ids are unique over the named lists of a spec, and not those of built-in reasons."""
    yield from repeated_ids(source, parts)
    for part, ids in parts.items():
        for index, rule in enumerate(ids):
            if rule in BUILT_IN_REASONS:
                message = f"the rule id {rule!r} is kept for a built-in reason"
                yield source.problem(("spec", part, index, "id"), "reserved-id", message)


def _type_faults(source: Source, document: TypeSet) -> Iterator[Problem]:
    try:
        Types.of(document.spec.types)
    except TypeProblems as found:
        for place, message in found.problems:
            yield source.problem(("spec", "types", *place), "type", message, key=len(place) == 1)


def _parameter_faults(source: Source, document: ParameterSet) -> Iterator[Problem]:
    try:
        Types.of({PARAMS: dict.fromkeys(document.spec.parameters, "int")})
    except TypeProblems as found:
        for place, message in found.problems:
            yield source.problem(("spec", "parameters", *place[1:]), "type", message, key=True)
    for name, parameter in document.spec.parameters.items():
        path: Path = ("spec", "parameters", name, "values")
        for index, dated in enumerate(parameter.values):
            if _type_of(dated.value) != parameter.type:
                message = f"{name!r} is of type {parameter.type}, but this value is {_type_of(dated.value)}"
                yield source.problem((*path, index, "value"), "wrong-type", message)
            if index and dated.since <= parameter.values[index - 1].since:
                message = f'"{dated.since}" does not come after "{parameter.values[index - 1].since}"'
                yield source.problem((*path, index, "from"), "order", message)


def _type_of(value: Any) -> str:
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, int):
        return "int"
    return "string" if isinstance(value, str) else "list<string>"

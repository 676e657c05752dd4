"""Rules about who may, checked and compiled: those of a policy, and the guards it shares with others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from rules.check import Checked
from rules.closure import Find, ground_named, parts_named
from rules.compile import GROUND, MEMBER, RANKED, Formulas, types_with
from rules.consistency import faults_of
from rules.documents import (
    AllocationPolicy,
    EligibilityRule,
    Guard,
    GuardSet,
    ParameterSet,
    RuleDocument,
    TypeSet,
    Variable,
)
from rules.edition import Edition
from rules.problems import Problem, RuleProblems
from rules.source import Path, Source

Variables = tuple[tuple[str, Checked], ...]


@dataclass(frozen=True)
class CompiledRule:
    """An eligibility rule; it is put to a member only where ``when`` holds, if there is a condition."""

    id: str
    require: Checked
    message: str
    message_formula: Checked | None
    when: Checked | None = None


@dataclass(frozen=True)
class CompiledGuards:
    """One edition of a guard set, ready to be asked; its variables are its own."""

    document: GuardSet
    variables: Variables
    rules: tuple[CompiledRule, ...]

    @property
    def name(self) -> str:
        """The guard set's name."""
        return self.document.metadata.name


def compiled_guards(source: Source, document: GuardSet, types: TypeSet, parameters: ParameterSet) -> CompiledGuards:
    """
    Compile the guard set *document*, which stands in *source*.

    Raises:
        RuleProblems: With everything that is wrong in it.
    """
    formulas = Formulas(source, types_with(types, parameters))
    variables = checked_variables(formulas, document.spec.variables)
    names = {**MEMBER, **{name: formula.type for name, formula in variables}}
    rules = tuple(checked_rules(formulas, document.spec.guards, ("spec", "guards"), names))
    problems = [
        *faults_of(source, document),
        *ground_faults(source, document, types, parameters),
        *formulas.problems,
    ]
    if problems:
        raise RuleProblems(problems)
    return CompiledGuards(document, variables, rules)


def guards_of(edition: Edition, find: Find, types: TypeSet, parameters: ParameterSet) -> tuple[CompiledGuards, ...]:
    """
    Compile the guard sets that the policy *edition* names, in its order.

    Raises:
        RuleProblems: With everything that is wrong in the first that has problems.
    """
    named = [part for each in parts_named(edition.document) if (part := find(each)) is not None]
    return tuple(
        compiled_guards(part.source, part.document, types, parameters)
        for part in named
        if isinstance(part.document, GuardSet)
    )


def clashes(source: Source, document: AllocationPolicy, guards: Sequence[CompiledGuards]) -> Iterator[Problem]:
    """Ids of guards that the policy's own rules have too, or the guards of another set that it includes."""
    spec = document.spec
    own = [*(rule.id for rule in spec.eligibility), *(rule.id for rule in spec.scoring)]
    holders = {rule: f"its own rule {rule!r}" for rule in own}
    for index, each in enumerate(guards):
        for rule in each.rules:
            if rule.id in holders:
                message = f"the guard {rule.id!r} of {each.name!r} clashes with {holders[rule.id]}; rename one of them"
                yield source.problem(("spec", "guards", index), "repeated", message)
        holders = {**{rule.id: f"that of {each.name!r}" for rule in each.rules}, **holders}


def ground_faults(
    source: Source, document: RuleDocument, types: TypeSet, parameters: ParameterSet
) -> Iterator[Problem]:
    """The types and parameters that were given are those that *document* asks for."""
    given = {types.kind: types.metadata.name, parameters.kind: parameters.metadata.name}
    for wanted in ground_named(document):
        if given[wanted.kind.value] != wanted.name:
            message = f"it asks for the {wanted.path[-1]} {wanted.name!r}, but was given {given[wanted.kind.value]!r}"
            yield source.problem(wanted.path, "wrong-file", message)


def checked_variables(formulas: Formulas, variables: Sequence[Variable]) -> Variables:
    """Check *variables* in order; each may use those before it."""
    found: list[tuple[str, Checked]] = []
    names = dict(MEMBER)
    for index, variable in enumerate(variables):
        if variable.name in RANKED:
            message = f"{variable.name!r} is a name that every policy has; call the variable something else"
            formulas.refuse(("spec", "variables", index, "name"), "reserved-name", message)
            continue
        formula = formulas.check(variable.value, ("spec", "variables", index, "value"), names, None)
        if formula:
            names[variable.name] = formula.type
            found.append((variable.name, formula))
        else:
            formulas.forget(variable.name)
    return tuple(found)


def checked_rules(
    formulas: Formulas, rules: Sequence[EligibilityRule], within: Path, names: Mapping[str, str]
) -> Iterator[CompiledRule]:
    """Check *rules*, a list that stands at the path *within*; one with problems is left out."""
    for index, rule in enumerate(rules):
        path: Path = (*within, index)
        when = optional(formulas, rule.when, (*path, "when"), GROUND, "bool") if isinstance(rule, Guard) else None
        require = formulas.check(rule.require, (*path, "require"), names, "bool")
        words = optional(formulas, rule.message_expression, (*path, "messageExpression"), names, "string")
        if require:
            yield CompiledRule(rule.id, require, rule.message, words, when)


def optional(
    formulas: Formulas, text: str | None, path: Path, names: Mapping[str, str], expects: str
) -> Checked | None:
    """Check *text* where there is one."""
    return None if text is None else formulas.check(text, path, names, expects)

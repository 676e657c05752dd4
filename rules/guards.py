"""Rules about who may, checked and compiled: those of a policy, and the guards it shares with others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from rules.check import Checked
from rules.closure import Find, parts_named
from rules.compile import GROUND, MEMBER, Formulas, ground_faults, types_with
from rules.consistency import faults_of
from rules.documents.ground import ParameterSet, TypeSet
from rules.documents.policy import AllocationPolicy, EligibilityRule, Guard, GuardSet
from rules.edition import Edition
from rules.problems import Problem, RuleProblems
from rules.source import Path, Source
from rules.variables import Tables, Variables, variables_of


@dataclass(frozen=True)
class CompiledRule:
    """An eligibility rule; it is put to a member only where ``when`` holds, if there is a condition."""

    id: str
    require: Checked
    message: str
    message_formula: Checked | None
    when: Checked | None = None
    waivable: bool = False


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


def compiled_guards(
    source: Source, document: GuardSet, types: TypeSet, parameters: ParameterSet, tables: Tables
) -> CompiledGuards:
    """
    Compile the guard set *document*, which stands in *source*; *tables* holds those that its variables name.

    Raises:
        RuleProblems: With everything that is wrong in it.
    """
    formulas = Formulas(source, types_with(types, parameters, **tables.records))
    variables = variables_of(formulas, document.spec.variables, tables)
    names = {**MEMBER, **variables.names}
    rules = tuple(checked_rules(formulas, document.spec.guards, ("spec", "guards"), names))
    problems = [
        *faults_of(source, document),
        *ground_faults(source, document, types, parameters),
        *formulas.problems,
    ]
    if problems:
        raise RuleProblems(problems)
    return CompiledGuards(document, variables, rules)


def guards_of(
    edition: Edition, find: Find, types: TypeSet, parameters: ParameterSet, tables: Tables
) -> tuple[CompiledGuards, ...]:
    """
    Compile the guard sets that the policy *edition* names, in its order.

    Raises:
        RuleProblems: With everything that is wrong in the first that has problems.
    """
    named = [part for each in parts_named(edition.document) if (part := find(each)) is not None]
    return tuple(
        compiled_guards(part.source, part.document, types, parameters, tables)
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
            yield CompiledRule(rule.id, require, rule.message, words, when, rule.waivable)


def optional(
    formulas: Formulas, text: str | None, path: Path, names: Mapping[str, str], expects: str
) -> Checked | None:
    """Check *text* where there is one."""
    return None if text is None else formulas.check(text, path, names, expects)

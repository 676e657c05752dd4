"""A policy with its types and parameters, checked and compiled: the form in which it decides."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from contracts.decision import PolicyReference
from rules.canonical import digest
from rules.check import Checked
from rules.compile import GROUND, MEMBER, QUOTED, RANKED, Formulas, document_of, types_with, values_on
from rules.consistency import faults_of
from rules.divide.methods import Asked, expressions_within
from rules.documents import AllocationPolicy, AllocationPolicySpec, ParameterSet, TypeSet
from rules.parse import parsed
from rules.problems import Problem, RuleProblems
from rules.select.methods import Direct, MiniCompetition
from rules.source import Path, Source, read


@dataclass(frozen=True)
class CompiledRule:
    """An eligibility rule."""

    id: str
    require: Checked
    message: str
    message_formula: Checked | None


@dataclass(frozen=True)
class CompiledScore:
    """A scoring rule."""

    id: str
    title: str
    weight_bp: int
    score: Checked


@dataclass(frozen=True)
class Expressions:
    """The checked expressions of a policy, by the part of the file they stand in."""

    when: Checked | None
    variables: tuple[tuple[str, Checked], ...]
    eligibility: tuple[CompiledRule, ...]
    scoring: tuple[CompiledScore, ...]
    tie: tuple[Checked, ...]
    ceiling: Checked | None
    member: Checked | None
    division: tuple[tuple[Asked, Checked], ...]


@dataclass(frozen=True)
class CompiledPolicy:
    """
    One edition of a policy, ready to decide.

    The digests are of the parsed documents: layout and comments do not change them.
    """

    document: AllocationPolicy
    parameters: ParameterSet
    expressions: Expressions
    digest: str
    params_digest: str
    types_digest: str

    @property
    def name(self) -> str:
        """The policy's name."""
        return self.document.metadata.name

    @property
    def spec(self) -> AllocationPolicySpec:
        """What the policy says."""
        return self.document.spec

    def reference(self, day: int) -> PolicyReference:
        """
        Say which edition decides on epoch *day*.

        Raises:
            Invalid: If a parameter has no value on that day.
        """
        self.parameters_on(day)
        return PolicyReference(
            name=self.name,
            edition=self.spec.effective.first,
            digest=self.digest,
            params_digest=self.params_digest,
        )

    def parameters_on(self, day: int) -> dict[str, Any]:
        """Return the parameters in force on epoch *day*; Invalid if one has no value by then."""
        return values_on(self.parameters, day)


@lru_cache(maxsize=256)
def compile_policy(
    policy_text: str,
    params_text: str,
    types_text: str,
    policy_file: str = "policy.yaml",
    params_file: str = "params.yaml",
    types_file: str = "types.yaml",
) -> CompiledPolicy:
    """
    Check a policy with its parameters and types, and compile its expressions; the same texts give the same object.

    Raises:
        RuleProblems: With everything that is wrong in the first file that has problems: types, parameters, policy.
    """
    types, params = read(types_text, types_file), read(params_text, params_file)
    return compiled(read(policy_text, policy_file), params, types)


def compiled(source: Source, params: Source, types: Source) -> CompiledPolicy:
    """
    Compile the policy in *source* with parameters and types from their own files.

    Raises:
        RuleProblems: As `compile_policy`.
    """
    type_set, parameters = document_of(types, TypeSet), document_of(params, ParameterSet)
    policy = parsed(source, AllocationPolicy)
    formulas = Formulas(source, types_with(type_set, parameters))
    expressions = _expressions(formulas, policy.spec)
    names = {"types": type_set.metadata.name, "params": parameters.metadata.name}
    problems = [*faults_of(source, policy), *_name_faults(source, policy.spec, names), *formulas.problems]
    if problems:
        raise RuleProblems(problems)
    digests = [digest(each.data) for each in (source, params, types)]
    return CompiledPolicy(policy, parameters, expressions, *digests)


def _name_faults(source: Source, spec: AllocationPolicySpec, names: dict[str, str]) -> Iterator[Problem]:
    """The files that were given are those that the policy asks for."""
    for field, given in names.items():
        wanted = getattr(spec, field)
        if wanted != given:
            message = f"the policy asks for the {field} {wanted!r}, but was given {given!r}"
            yield source.problem(("spec", field), "wrong-file", message)


def _expressions(formulas: Formulas, spec: AllocationPolicySpec) -> Expressions:
    """Check every expression; where one fails its problem is kept and it is left out."""
    variables = _variables(formulas, spec)
    extra = {name: formula.type for name, formula in variables}
    quoted = {**QUOTED, **extra}
    return Expressions(
        when=_optional(formulas, spec.match.when, ("spec", "match", "when"), GROUND, "bool"),
        variables=variables,
        eligibility=tuple(_rules(formulas, spec, {**MEMBER, **extra})),
        scoring=tuple(_scores(formulas, spec, quoted)),
        tie=tuple(_tie_keys(formulas, spec, quoted)),
        ceiling=_ceiling(formulas, spec),
        member=_member(formulas, spec),
        division=tuple(_division(formulas, spec, {**RANKED, **extra})),
    )


def _variables(formulas: Formulas, spec: AllocationPolicySpec) -> tuple[tuple[str, Checked], ...]:
    """Check the variables in order; each may use those before it."""
    found: list[tuple[str, Checked]] = []
    names = dict(MEMBER)
    for index, variable in enumerate(spec.variables):
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


def _rules(formulas: Formulas, spec: AllocationPolicySpec, names: dict[str, str]) -> Iterator[CompiledRule]:
    for index, rule in enumerate(spec.eligibility):
        path: Path = ("spec", "eligibility", index)
        require = formulas.check(rule.require, (*path, "require"), names, "bool")
        words = _optional(formulas, rule.message_expression, (*path, "messageExpression"), names, "string")
        if require:
            yield CompiledRule(rule.id, require, rule.message, words)


def _scores(formulas: Formulas, spec: AllocationPolicySpec, names: dict[str, str]) -> Iterator[CompiledScore]:
    for index, rule in enumerate(spec.scoring):
        formula = formulas.check(rule.score, ("spec", "scoring", index, "score"), names, "int")
        if formula:
            yield CompiledScore(rule.id, rule.title, rule.weight_bp, formula)


def _tie_keys(formulas: Formulas, spec: AllocationPolicySpec, names: dict[str, str]) -> Iterator[Checked]:
    """Check the tie keys: whole numbers or text, compared ascending."""
    for index, text in enumerate(spec.select.tie):
        path: Path = ("spec", "select", "tie", index)
        formula = formulas.check(text, path, names, None)
        if formula and formula.type not in ("int", "string"):
            formulas.refuse(path, "tie", f"a tie key is a whole number or text, not {formula.type}")
        elif formula:
            yield formula


def _ceiling(formulas: Formulas, spec: AllocationPolicySpec) -> Checked | None:
    text = spec.select.ceiling if isinstance(spec.select, MiniCompetition) else None
    return _optional(formulas, text, ("spec", "select", "ceiling"), GROUND, "int")


def _member(formulas: Formulas, spec: AllocationPolicySpec) -> Checked | None:
    text = spec.select.member if isinstance(spec.select, Direct) else None
    return _optional(formulas, text, ("spec", "select", "member"), GROUND, "string")


def _division(formulas: Formulas, spec: AllocationPolicySpec, names: dict[str, str]) -> Iterator[tuple[Asked, Checked]]:
    """Check what the division reads: of each member all names, of the contract those about it as a whole."""
    for asked in expressions_within(spec.divide):
        known = names if asked.asks.each_member else GROUND
        formula = formulas.check(asked.text, ("spec", "divide", *asked.path), known, asked.asks.expects)
        if formula:
            yield asked, formula


def _optional(formulas: Formulas, text: str | None, path: Path, names: dict[str, str], expects: str) -> Checked | None:
    return None if text is None else formulas.check(text, path, names, expects)

"""A policy with its types and parameters, checked and compiled: the form in which it decides."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from contracts.decision import PolicyReference
from rules.canonical import digest
from rules.check import Checked
from rules.closure import among, fallback_named, parts_of
from rules.compile import GROUND, MEMBER, QUOTED, RANKED, Formulas, document_of, ground_faults, types_with, values_on
from rules.consistency import faults_of
from rules.divide.methods import Asked, expressions_within
from rules.documents.ground import ParameterSet, TypeSet
from rules.documents.policy import AllocationPolicy, AllocationPolicySpec
from rules.edition import Edition, edition_in
from rules.guards import CompiledGuards, CompiledRule, checked_rules, clashes, guards_of, optional
from rules.parse import parsed
from rules.problems import Problem, RuleProblems
from rules.select.chain import expressions_of, queue_of
from rules.source import Path, Source, read
from rules.variables import Tables, Variables, tables_among, variables_of


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
    variables: Variables
    eligibility: tuple[CompiledRule, ...]
    scoring: tuple[CompiledScore, ...]
    tie: tuple[Checked, ...]
    select: dict[str, Checked]
    division: tuple[tuple[Asked, Checked], ...]


@dataclass(frozen=True)
class CompiledPolicy:
    """
    One edition of a policy, ready to decide.

    The digests are of the parsed documents: layout and comments do not change them.
    """

    document: AllocationPolicy
    parameters: ParameterSet
    guards: tuple[CompiledGuards, ...]
    expressions: Expressions
    digest: str
    params_digest: str
    types_digest: str
    parts: tuple[str, ...]
    """The digests of all parts it rests on, sorted."""
    fallback: CompiledPolicy | None
    """Decides on the same facts after the outcomes that the policy names."""

    @property
    def name(self) -> str:
        """The policy's name."""
        return self.document.metadata.name

    @property
    def spec(self) -> AllocationPolicySpec:
        """What the policy says."""
        return self.document.spec

    @property
    def chain(self) -> tuple[CompiledPolicy, ...]:
        """The policy, its fallback, the fallback of that, and so on."""
        return (self, *(self.fallback.chain if self.fallback else ()))

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
            parts=self.parts,
        )

    def parameters_on(self, day: int) -> dict[str, Any]:
        """Return the parameters in force on epoch *day*; Invalid if one has no value by then."""
        return values_on(self.parameters, day)


@lru_cache(maxsize=256)
def compile_policy(
    policy_text: str,
    params_text: str,
    types_text: str,
    part_texts: tuple[str, ...] = (),
    policy_file: str = "policy.yaml",
    params_file: str = "params.yaml",
    types_file: str = "types.yaml",
    part_files: tuple[str, ...] = (),
) -> CompiledPolicy:
    """
    Check a policy with all it rests on, and compile its expressions; the same texts give the same object.

    *part_texts* holds every part, those of its parts too; more than that does no harm.

    Raises:
        UnknownName: If a part was not given.
        RuleProblems: With everything that is wrong in the first file that has problems: types, parameters, then the
            decision tables and the policy together.
    """
    types, params = read(types_text, types_file), read(params_text, params_file)
    files = part_files or tuple(f"part-{number}.yaml" for number in range(1, len(part_texts) + 1))
    parts = [read(text, file) for text, file in zip(part_texts, files, strict=True)]
    return compiled(read(policy_text, policy_file), params, types, parts)


def compiled(source: Source, params: Source, types: Source, parts: Iterable[Source] = ()) -> CompiledPolicy:
    """
    Compile the policy in *source* with parameters, types and parts from their own files.

    Raises:
        UnknownName, RuleProblems: As `compile_policy`.
    """
    type_set, parameters = document_of(types, TypeSet), document_of(params, ParameterSet)
    policy = parsed(source, AllocationPolicy)
    edition = Edition(source, policy, digest(source.data))
    given = tuple(parts)
    find = among([edition, *(edition_in(part) for part in given)])
    rests = parts_of(edition, find)
    tables, problems = tables_among(rests, params, types)
    guards = guards_of(edition, find, type_set, parameters, tables)
    named = fallback_named(policy)
    then = find(named) if named else None
    fallback = compiled(then.source, params, types, given) if then else None
    formulas = Formulas(source, types_with(type_set, parameters, **tables.records))
    expressions = _expressions(formulas, policy.spec, tables)
    problems += [
        *faults_of(source, policy),
        *ground_faults(source, policy, type_set, parameters),
        *clashes(source, policy, guards),
        *(_fallback_faults(source, policy.spec, fallback) if fallback else ()),
        *formulas.problems,
    ]
    if problems:
        raise RuleProblems(problems)
    return CompiledPolicy(
        document=policy,
        parameters=parameters,
        guards=guards,
        expressions=expressions,
        digest=edition.digest,
        params_digest=digest(params.data),
        types_digest=digest(types.data),
        parts=tuple(part.digest for part in rests),
        fallback=fallback,
    )


def _fallback_faults(source: Source, spec: AllocationPolicySpec, fallback: CompiledPolicy) -> Iterator[Problem]:
    """A fallback is for the same contracts, and turns the same queue: one decision has the facts of one."""
    path: Path = ("spec", "fallback", "policy")
    if not fallback.spec.match.takes(spec.match.category):
        message = f"{fallback.name!r} is for {fallback.spec.match.category!r} only, this policy for"
        yield source.problem(path, "fallback", f"{message} {spec.match.category!r}")
    queues = [queue for each in (spec.select, fallback.spec.select) if (queue := queue_of(each))]
    if len(dict.fromkeys(queues)) > 1:
        message = f"{fallback.name!r} turns the queue {queues[1]!r}, this policy {queues[0]!r}; take one for both"
        yield source.problem(path, "fallback", message)


def _expressions(formulas: Formulas, spec: AllocationPolicySpec, tables: Tables) -> Expressions:
    """Check every expression; where one fails its problem is kept and it is left out."""
    variables = variables_of(formulas, spec.variables, tables)
    names, quoted = {**MEMBER, **variables.names}, {**QUOTED, **variables.quoted_names}
    return Expressions(
        when=optional(formulas, spec.match.when, ("spec", "match", "when"), GROUND, "bool"),
        variables=variables,
        eligibility=tuple(checked_rules(formulas, spec.eligibility, ("spec", "eligibility"), names)),
        scoring=tuple(_scores(formulas, spec, quoted)),
        tie=tuple(_tie_keys(formulas, spec, quoted)),
        select=_selection(formulas, spec, quoted),
        division=tuple(_division(formulas, spec, {**RANKED, **variables.quoted_names})),
    )


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


def _selection(formulas: Formulas, spec: AllocationPolicySpec, quoted: dict[str, str]) -> dict[str, Checked]:
    """Check what the method and those it builds on state, by the name of the expression."""
    found: dict[str, Checked] = {}
    for stated in expressions_of(spec.select):
        formula = formulas.check(stated.text, stated.path, quoted if stated.of_member else GROUND, stated.type)
        if formula:
            found[stated.name] = formula
    return found


def _division(formulas: Formulas, spec: AllocationPolicySpec, names: dict[str, str]) -> Iterator[tuple[Asked, Checked]]:
    """Check what the division reads: of each member all names, of the contract those about it as a whole."""
    for asked in expressions_within(spec.divide):
        known = names if asked.asks.each_member else GROUND
        formula = formulas.check(asked.text, ("spec", "divide", *asked.path), known, asked.asks.expects)
        if formula:
            yield asked, formula

"""Everything that is wrong in a set of rule files, all at once: each file by itself, and the files with one another."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from contracts.errors import UnknownName
from rules import authority, policy
from rules.closure import Reliance, ground_named, parts_of, rests_on
from rules.compile import document_of
from rules.consistency import faults_of
from rules.documents.authority import AuthorityMatrix, PolicyException
from rules.documents.cases import PolicyTest
from rules.documents.envelope import Kind
from rules.documents.ground import ParameterSet, TypeSet
from rules.documents.policy import AllocationPolicy, AllocationPolicySpec, GuardSet
from rules.documents.table import DecisionTable
from rules.edition import Edition
from rules.exception_faults import exception_faults, unwaivable_faults
from rules.guards import compiled_guards
from rules.law.clauses import PAY_WHEN_PAID_SOURCE, clauses_in
from rules.library import DEFAULT, Library, shelved
from rules.problems import Problem, RuleProblems, did_you_mean
from rules.select.methods import most_members
from rules.source import Source
from rules.table import compile as table
from rules.timeline import back_dated, timeline_faults
from rules.variables import tables_among


def problems_in(
    files: Mapping[str, str], indivisible: Mapping[str, str] | None = None, publish_day: int | None = None
) -> tuple[Problem, ...]:
    """
    Return every problem of *files* (text by path), sorted by place; none means that all of them can decide.

    *indivisible* gives the reason for each category that one member must serve alone. If they are to be published on
    *publish_day*, an edition that begins before is a problem.
    """
    return checked(files, indivisible, publish_day)[1]


def checked(
    files: Mapping[str, str], indivisible: Mapping[str, str] | None = None, publish_day: int | None = None
) -> tuple[Library, tuple[Problem, ...]]:
    """Return the library of what can be read of *files*, and their problems as `problems_in` finds them."""
    library, unreadable = shelved(files)
    problems = [*unreadable]
    for edition in library.editions:
        problems += _problems_of(library, edition, indivisible or {})
        problems += back_dated(edition, publish_day) if publish_day is not None else ()
    broken = [files[problem.file] for problem in unreadable]
    problems = [problem for problem in problems if not _follows_from(problem, broken)]
    problems += timeline_faults(library)
    return library, tuple(sorted(set(problems)))


def _follows_from(problem: Problem, broken: Sequence[str]) -> bool:
    """Whether a file is only missing because it is one of the *broken* texts, which have problems of their own."""
    name = re.search(r"called '([^']*)'", problem.message) if problem.code == "unknown-name" else None
    return name is not None and any(re.search(rf"\bname: *{name[1]}\b", text) for text in broken)


def _problems_of(library: Library, edition: Edition, indivisible: Mapping[str, str]) -> Iterator[Problem]:
    missing = list(_missing(library, edition))
    yield from missing
    match edition.document:
        case AllocationPolicy() | AuthorityMatrix() | DecisionTable() | GuardSet() if not missing:
            yield from _compiled_problems(library, edition)
        case PolicyException() as document:
            yield from exception_faults(edition.source, document)
            yield from unwaivable_faults(library, edition.source, document)
        case _:
            yield from faults_of(edition.source, edition.document)
    if isinstance(edition.document, AllocationPolicy):
        yield from _indivisible_faults(edition.source, edition.document, indivisible)
        yield from _unreachable(library, edition, edition.document.spec)
    if not isinstance(edition.document, PolicyTest):
        yield from _unlawful_clauses(edition.source)


def _compiled_problems(library: Library, edition: Edition) -> Iterator[Problem]:
    """What compiling finds with all that is in force when *edition* begins."""
    try:
        types, params = (_needed(library, each, edition) for each in ground_named(edition.document))
        parts = parts_of(edition, lambda part: _on(library, part, edition.from_day))
        _compile(edition, params.source, types.source, parts)
    except UnknownName:  # a part of a part is missing, and is told where it is named
        yield from faults_of(edition.source, edition.document)
    except RuleProblems as found:
        yield from found.problems
        if all(problem.file != edition.source.file for problem in found.problems):
            yield from faults_of(edition.source, edition.document)


def _compile(edition: Edition, params: Source, types: Source, parts: Sequence[Edition]) -> None:
    match edition.document:
        case AuthorityMatrix():
            authority.compiled(edition.source, params, types)
        case DecisionTable():
            table.compiled(edition.source, params, types)
        case GuardSet() as document:
            ground = document_of(types, TypeSet), document_of(params, ParameterSet)
            tables, _ = tables_among(parts, params, types)
            compiled_guards(edition.source, document, *ground, tables)
        case _:
            policy.compiled(edition.source, params, types, [part.source for part in parts])


def _needed(library: Library, reliance: Reliance, edition: Edition) -> Edition:
    """What *edition* names, which is there; UnknownName if it is not."""
    found = _on(library, reliance, edition.from_day)
    if found is None:
        raise UnknownName(f"{edition.name!r} rests on {reliance}, which is not here")
    return found


def _on(library: Library, reliance: Reliance, day: int) -> Edition | None:
    """The edition in force on *day*, else the first one there is."""
    editions = library.editions_of(reliance.kind, reliance.name)
    return library.in_force(reliance.kind, reliance.name, day) or (editions[0] if editions else None)


def _missing(library: Library, edition: Edition) -> Iterator[Problem]:
    """Files that *edition* names and that are not there."""
    for reliance in rests_on(edition.document):
        known = library.names(reliance.kind)
        if reliance.name not in known:
            hint = did_you_mean(reliance.name, known)
            message = f"no {reliance.kind} called {reliance.name!r} among these files{hint}"
            yield edition.source.problem(reliance.path, "unknown-name", message)


def _indivisible_faults(
    source: Source, document: AllocationPolicy, indivisible: Mapping[str, str]
) -> Iterator[Problem]:
    """A category that one member must serve alone has no policy that may select several."""
    spec = document.spec
    if most_members(spec.select) == 1:
        return
    for category in sorted(indivisible):
        if spec.match.takes(category):
            message = f"category {category!r} is indivisible ({indivisible[category]}), but this policy divides"
            yield source.problem(("spec", "divide", "method"), "indivisible", message)


def _unreachable(library: Library, edition: Edition, spec: AllocationPolicySpec) -> Iterator[Problem]:
    """A policy that never decides because another has the name of the category, or that keeps another from it so."""
    path, own = ("spec", "match", "category"), spec.match.category
    if edition.name == DEFAULT and own in library.names(Kind.ALLOCATION_POLICY):
        message = f"never chosen: contracts of category {own!r} have a policy of that name, others it is not for"
        yield edition.source.problem(path, "unreachable", message)
    shadowed = None if spec.match.takes(edition.name) else _policy_for(library, edition.name)
    if shadowed is not None:
        message = f"contracts of category {edition.name!r} get this policy by its name, but it is for {own!r}; "
        message += f"{shadowed.name!r} in {shadowed.source.file} is never chosen for them"
        yield edition.source.problem(path, "unreachable", message)


def _policy_for(library: Library, category: str) -> Edition | None:
    """The first policy that is for *category* alone."""
    for each in library.editions:
        if isinstance(each.document, AllocationPolicy) and each.document.spec.match.category == category:
            return each
    return None


def _unlawful_clauses(source: Source) -> Iterator[Problem]:
    """Texts that make payment depend on a third party's."""
    for path in clauses_in(source.data):
        if path[:2] != ("metadata", "reference"):
            message = f"payment that waits for a third party's (背靠背) is not allowed: {PAY_WHEN_PAID_SOURCE}"
            yield source.problem(path, "pay-when-paid", message)

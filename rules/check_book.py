"""Everything that is wrong in a set of rule files, all at once: each file by itself, and the files with one another."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from contracts.errors import UnknownName
from rules import authority, policy
from rules.closure import Reliance, ground_named, parts_of, rests_on
from rules.compile import document_of
from rules.consistency import faults_of
from rules.documents import AllocationPolicy, AuthorityMatrix, DecisionTable, GuardSet, Kind, ParameterSet, TypeSet
from rules.edition import Edition
from rules.guards import compiled_guards
from rules.library import Library, shelved
from rules.problems import Problem, RuleProblems, did_you_mean
from rules.select.methods import most_members
from rules.source import Source
from rules.table import compile as table
from rules.variables import tables_among


def problems_in(files: Mapping[str, str], indivisible: Mapping[str, str] | None = None) -> tuple[Problem, ...]:
    """
    Return every problem of *files* (text by path), sorted by place; none means that all of them can decide.

    *indivisible* gives the reason for each category that one member must serve alone.
    """
    library, unreadable = shelved(files)
    problems = [*unreadable]
    for edition in library.editions:
        problems += _problems_of(library, edition, indivisible or {})
    broken = [files[problem.file] for problem in unreadable]
    problems = [problem for problem in problems if not _follows_from(problem, broken)]
    for kind in Kind:
        for name in library.names(kind):
            problems += _overlaps(library.editions_of(kind, name))
    return tuple(sorted(set(problems)))


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
        case _:
            yield from faults_of(edition.source, edition.document)
    if isinstance(edition.document, AllocationPolicy):
        yield from _indivisible_faults(edition.source, edition.document, indivisible)


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


def _overlaps(editions: tuple[Edition, ...]) -> Iterator[Problem]:
    """Two editions of one name in force on one day."""
    for one, other in pairwise(editions):
        end = one.effective.to_day if one.effective else None
        if one.from_day == other.from_day or (end is not None and end > other.from_day):
            yield _overlap(one, other)


def _overlap(one: Edition, other: Edition) -> Problem:
    message = f"{other.kind} {other.name!r} overlaps its edition in {one.source.file}"
    if other.effective is None or "effective" not in other.source.data["spec"]:
        return other.source.problem(("metadata", "name"), "overlap", message)
    message += f": both are in force on {other.effective.first}"
    return other.source.problem(("spec", "effective", "from"), "overlap", message)

"""Everything that is wrong in a set of rule files, all at once: each file by itself, and the files with one another."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from rules import authority, policy
from rules.consistency import faults_of
from rules.documents import (
    AllocationPolicy,
    AuthorityMatrix,
    Kind,
    ParameterSet,
    PolicyException,
    PolicyTest,
    TypeSet,
)
from rules.exception_faults import exception_faults, unwaivable_faults
from rules.exceptions import ANY
from rules.library import Edition, Library, ground_names, shelved
from rules.problems import Problem, RuleProblems, did_you_mean
from rules.select.methods import most_members
from rules.source import Path, Source


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
    match edition.document:
        case AllocationPolicy():
            yield from _compiled_problems(library, edition)
            yield from _indivisible_faults(edition.source, edition.document, indivisible)
        case AuthorityMatrix():
            yield from _compiled_problems(library, edition)
        case PolicyException():
            yield from exception_faults(edition.source, edition.document)
            yield from _exception_problems(library, edition.source, edition.document)
        case PolicyTest():
            yield from faults_of(edition.source, edition.document)
            yield from _missing_subjects(library, edition.source, edition.document)
        case ParameterSet() | TypeSet():
            yield from faults_of(edition.source, edition.document)


def _compiled_problems(library: Library, edition: Edition) -> Iterator[Problem]:
    """The problems that compiling finds, or that the parameters or types are missing."""
    missing = list(_missing_ground(library, edition))
    ground = _ground(library, edition)
    if missing or ground is None:
        yield from (*missing, *faults_of(edition.source, edition.document))
        return
    compiler = policy.compiled if isinstance(edition.document, AllocationPolicy) else authority.compiled
    try:
        compiler(edition.source, *ground)
    except RuleProblems as found:
        yield from found.problems


def _ground(library: Library, edition: Edition) -> tuple[Source, Source] | None:
    """Parameters and types as in force when the edition begins, else their first edition."""
    params, types = ground_names(edition.document)
    found = (
        _on(library, Kind.PARAMETER_SET, params, edition.from_day),
        _on(library, Kind.TYPE_SET, types, edition.from_day),
    )
    return (found[0].source, found[1].source) if found[0] and found[1] else None


def _on(library: Library, kind: Kind, name: str, day: int) -> Edition | None:
    editions = library.editions_of(kind, name)
    return library.in_force(kind, name, day) or (editions[0] if editions else None)


def _missing_ground(library: Library, edition: Edition) -> Iterator[Problem]:
    params, types = ground_names(edition.document)
    yield from _missing(library, edition.source, Kind.PARAMETER_SET, params, ("spec", "params"))
    yield from _missing(library, edition.source, Kind.TYPE_SET, types, ("spec", "types"))


def _missing_subjects(library: Library, source: Source, document: PolicyTest) -> Iterator[Problem]:
    """The policy and the matrix that cases are about."""
    spec = document.spec
    yield from _missing(library, source, Kind.ALLOCATION_POLICY, spec.policy, ("spec", "policy"))
    if spec.authority:
        yield from _missing(library, source, Kind.AUTHORITY_MATRIX, spec.authority, ("spec", "authority"))


def _exception_problems(library: Library, source: Source, document: PolicyException) -> Iterator[Problem]:
    """The policy that an exception is for, and whether its rules may be waived."""
    if document.spec.policy != ANY:
        yield from _missing(library, source, Kind.ALLOCATION_POLICY, document.spec.policy, ("spec", "policy"))
    yield from unwaivable_faults(library, source, document)


def _missing(library: Library, source: Source, kind: Kind, name: str, path: Path) -> Iterator[Problem]:
    known = library.names(kind)
    if name not in known:
        message = f"no {kind} called {name!r} among these files{did_you_mean(name, known)}"
        yield source.problem(path, "unknown-name", message)


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

"""What a rule file rests on: the other files it names, theirs in turn, and the loops that must not be."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from contracts.errors import UnknownName
from rules.documents.authority import ANY_POLICY, PolicyException
from rules.documents.cases import PolicyTest, TableTestSpec
from rules.documents.envelope import Kind
from rules.documents.kinds import RuleDocument, policy_shelf
from rules.documents.policy import AllocationPolicy
from rules.edition import Edition
from rules.problems import Problem, RuleProblems
from rules.source import Path

GROUND: Mapping[str, Kind] = {"types": Kind.TYPE_SET, "params": Kind.PARAMETER_SET}
"""Fields of a spec that name what its expressions read; a contract pins these by themselves."""

PARTS: Mapping[str, Mapping[str, Kind]] = {
    Kind.ALLOCATION_POLICY.value: {"guards": Kind.GUARD_SET},
}
"""By kind of file, the fields of its spec that list parts, with their kind: a new kind of part is one entry here."""


@dataclass(frozen=True)
class Reliance:
    """One rule file that another names, and where it does."""

    kind: str
    name: str
    path: Path

    def __str__(self) -> str:
        return f"{self.kind} {self.name!r}"


Find = Callable[[Reliance], Edition | None]
"""Finds the edition that is meant: the one in force on the day in question, or the one that was handed over."""


def rests_on(document: RuleDocument) -> tuple[Reliance, ...]:
    """Every rule file that *document* itself names: its ground, its parts, and what its cases try."""
    return (*ground_named(document), *parts_named(document), *_subjects(document))


def ground_named(document: RuleDocument) -> tuple[Reliance, ...]:
    """The types and the parameters that *document* is written against, in this order, if it is."""
    named = [(field, getattr(document.spec, field, None)) for field in GROUND]
    return tuple(Reliance(GROUND[field], name, ("spec", field)) for field, name in named if isinstance(name, str))


def parts_named(document: RuleDocument) -> tuple[Reliance, ...]:
    """The parts that *document* itself names: files without which it cannot decide, apart from its ground."""
    listed = [
        Reliance(kind, name, ("spec", field, index))
        for field, kind in PARTS.get(document.kind, {}).items()
        for index, name in enumerate(getattr(document.spec, field))
    ]
    fallback = fallback_named(document)
    return (*listed, *_tables(document), *([fallback] if fallback else []))


def fallback_named(document: RuleDocument) -> Reliance | None:
    """The policy that decides where *document* comes to nothing, if it names one."""
    fallback = document.spec.fallback if isinstance(document, AllocationPolicy) else None
    if fallback is None:
        return None
    return Reliance(Kind.ALLOCATION_POLICY, fallback.policy, ("spec", "fallback", "policy"))


def parts_of(edition: Edition, find: Find) -> tuple[Edition, ...]:
    """
    Return every part that *edition* rests on, directly or through another part, each once, in order of digest.

    Raises:
        UnknownName: If *find* does not find one.
        RuleProblems: If a part rests on itself; the message shows the whole loop.
    """
    found: dict[str, Edition] = {}
    _collect((edition,), find, found)
    return tuple(found[digest] for digest in sorted(found))


def among(editions: Iterable[Edition]) -> Find:
    """Return a search among *editions*, of which no two have the same kind and name."""
    by_name = {_key(edition): edition for edition in editions}
    return lambda reliance: by_name.get((reliance.kind, reliance.name))


def _collect(path: tuple[Edition, ...], find: Find, found: dict[str, Edition]) -> None:
    """Add to *found* what the end of *path* rests on; *path* leads there from the edition that is asked about."""
    last = path[-1]
    for reliance in parts_named(last.document):
        part = find(reliance)
        if part is None:
            raise UnknownName(f"{last.kind} {last.name!r} rests on {reliance}, which is not here")
        keys = [_key(each) for each in path]
        if _key(part) in keys:
            raise RuleProblems([_loop(path[keys.index(_key(part)) :])])
        if part.digest not in found:
            found[part.digest] = part
            _collect((*path, part), find, found)


def _loop(around: Sequence[Edition]) -> Problem:
    """The problem of parts that lead *around* back to the first, the same from wherever the loop was entered."""
    start = min(range(len(around)), key=lambda index: around[index].source.file)
    path = [*around[start:], *around[:start], around[start]]
    first, second = path[0], path[1]
    place = next(each.path for each in parts_named(first.document) if (each.kind, each.name) == _key(second))
    message = "this never ends: " + " → ".join(repr(edition.name) for edition in path)
    return first.source.problem(place, "loop", message)


def _key(edition: Edition) -> tuple[str, str]:
    return edition.kind, edition.name


def _tables(document: RuleDocument) -> Iterator[Reliance]:
    """The decision tables that variables are looked up in."""
    for index, variable in enumerate(getattr(document.spec, "variables", ())):
        if variable.table is not None:
            yield Reliance(Kind.DECISION_TABLE, variable.table, ("spec", "variables", index, "table"))


def _subjects(document: RuleDocument) -> tuple[Reliance, ...]:
    """The policy, guards and matrix, or the table, that cases are about; the policy that an exception is for."""
    if isinstance(document, PolicyException):
        policy = document.spec.policy
        return () if policy == ANY_POLICY else (Reliance(Kind.ALLOCATION_POLICY, policy, ("spec", "policy")),)
    if not isinstance(document, PolicyTest):
        return ()
    spec = document.spec
    if isinstance(spec, TableTestSpec):
        return (Reliance(Kind.DECISION_TABLE, spec.table, ("spec", "table")),)
    shelf = policy_shelf(spec.mode)
    named = [("policy", shelf), ("guards", Kind.GUARD_SET), ("authority", Kind.AUTHORITY_MATRIX)]
    return tuple(Reliance(kind, name, ("spec", field)) for field, kind in named if (name := getattr(spec, field)))

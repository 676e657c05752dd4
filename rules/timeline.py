"""Editions over time: no day on which two of one name are in force, and none on which one is missing that is needed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from contracts.calendar import iso_day
from rules.closure import ground_named, parts_named
from rules.documents.envelope import SHADOW_POLICY, Kind
from rules.edition import Edition
from rules.library import Library
from rules.problems import Problem


def timeline_faults(library: Library) -> Iterator[Problem]:
    """Overlaps of editions of one name, and gaps between them in which other files need one."""
    for kind in (*Kind, SHADOW_POLICY):
        for name in library.names(kind):
            editions = library.editions_of(kind, name)
            yield from _overlaps(editions)
            yield from _gaps(library, editions)


def back_dated(edition: Edition, day: int) -> Iterator[Problem]:
    """An edition that says it is in force before epoch *day*, on which it is published."""
    if "effective" in edition.source.data["spec"] and edition.from_day < day:
        message = f"this edition is back-dated: it is published on {iso_day(day)}; begin on that day or later"
        yield edition.source.problem(("spec", "effective", "from"), "back-dated", message)


@dataclass(frozen=True)
class _Need:
    """A file that needs an edition, and from which day up to which; without an end, for ever."""

    edition: Edition
    first: int
    end: int | None


def _overlaps(editions: tuple[Edition, ...]) -> Iterator[Problem]:
    """Two editions of one name in force on one day."""
    for one, other in pairwise(editions):
        end = _own_end(one)
        if one.from_day == other.from_day or (end is not None and end > other.from_day):
            yield _overlap(one, other)


def _overlap(one: Edition, other: Edition) -> Problem:
    message = f"{other.kind} {other.name!r} overlaps its edition in {one.source.file}"
    if other.effective is None or "effective" not in other.source.data["spec"]:
        return other.source.problem(("metadata", "name"), "overlap", message)
    message += f": both are in force on {other.effective.first}"
    return other.source.problem(("spec", "effective", "from"), "overlap", message)


def _gaps(library: Library, editions: tuple[Edition, ...]) -> Iterator[Problem]:
    """Days after an edition has ended on which a file needs one of this name."""
    for one, other in [*pairwise(editions), (editions[-1], None)]:
        end, again = _own_end(one), other.from_day if other else None
        if end is not None and (again is None or end < again):
            need = next((need for need in _needs(library, one) if _meets(need, end, again)), None)
            if need is not None:
                yield _gap(one, need, end, again)


def _gap(one: Edition, need: _Need, end: int, again: int | None) -> Problem:
    until = f" to {iso_day(again - 1)}" if again is not None else " on"
    message = (
        f"no {one.kind} {one.name!r} is in force from {iso_day(end)}{until}, "
        f"but {need.edition.kind} {need.edition.name!r} in {need.edition.source.file} rests on it"
    )
    return one.source.problem(("spec", "effective", "to"), "gap", message)


def _needs(library: Library, wanted: Edition) -> Iterator[_Need]:
    """Every file that rests on the name of *wanted*, with the days on which it is in force itself."""
    for edition in library.editions:
        for reliance in (*ground_named(edition.document), *parts_named(edition.document)):
            if (reliance.kind, reliance.name) == (wanted.kind, wanted.name):
                yield _Need(edition, edition.from_day, _end(library, edition))


def _meets(need: _Need, first: int, end: int | None) -> bool:
    return (need.end is None or first < need.end) and (end is None or need.first < end)


def _own_end(edition: Edition) -> int | None:
    return edition.effective.to_day if edition.effective else None


def _end(library: Library, edition: Edition) -> int | None:
    """The day on which *edition* is no longer in force: its own end, or the beginning of the next."""
    later = [
        each.from_day for each in library.editions_of(edition.kind, edition.name) if each.from_day > edition.from_day
    ]
    ends = [day for day in (_own_end(edition), *later[:1]) if day is not None]
    return min(ends, default=None)

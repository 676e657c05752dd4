"""Whether editions may be published beside those that have been: never edited, never back-dated."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from contracts.calendar import iso_day
from rules.edition import Edition
from rules.problems import Problem


@dataclass(frozen=True)
class Published:
    """An edition as the records know it."""

    kind: str
    name: str
    from_day: int
    digest: str


def publication_faults(editions: Iterable[Edition], published: Iterable[Published]) -> Iterator[Problem]:
    """
    What forbids publishing *editions*.

    One that was published says for ever what it said; and a new one begins after all that were published under its
    name, or a day on which contracts were decided would be decided otherwise in hindsight.
    """
    known = tuple(published)
    for edition in editions:
        same = [each for each in known if (each.kind, each.name) == (edition.kind, edition.name)]
        if edition.effective is None or any(each.digest == edition.digest for each in same):
            continue
        yield from _faults(edition, same)


def _faults(edition: Edition, same: list[Published]) -> Iterator[Problem]:
    path = ("spec", "effective", "from")
    which = f"{edition.kind} {edition.name!r} from {iso_day(edition.from_day)}"
    if any(each.from_day == edition.from_day for each in same):
        message = f"{which} was published with other content; an edition is never edited: write the next one"
        yield edition.source.problem(path, "edited", message)
        return
    later = [each.from_day for each in same if each.from_day > edition.from_day]
    if later:
        message = f"{which} is back-dated: one from {iso_day(max(later))} is published; begin after that"
        yield edition.source.problem(path, "back-dated", message)

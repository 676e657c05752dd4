"""What one edition of a rule file says otherwise than another, rule by rule and field by field."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rules.explain.tongue import Tongue
from rules.explain.why import plain

NAMED_BY = ("id", "name", "case", "from")
"""Fields that name an entry of a list, so that it is compared with its namesake wherever either stands."""

ABSENT: Any = object()


@dataclass(frozen=True)
class Alteration:
    """One place in which two editions differ; ``kind`` is ``added``, ``removed``, ``changed`` or ``moved``."""

    place: str
    kind: str
    before: Any = None
    after: Any = None

    def as_document(self) -> dict[str, Any]:
        """Return the same as JSON values."""
        sides = {"before": self.before, "after": self.after}
        return {"place": self.place, "kind": self.kind, **{k: v for k, v in sides.items() if v is not None}}


def alterations(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[Alteration, ...]:
    """
    Compare two rule documents of any kind, as parsed; layout and comments do not count.

    Entries of a list that have an id or a name are compared by it, and are told to have moved if only their order
    is another; any other list is compared as a whole. A place reads ``spec.eligibility.park.require``.
    """
    return tuple(_mappings("", before, after))


def _mappings(place: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Alteration]:
    for name in [*before, *(name for name in after if name not in before)]:
        inner = f"{place}.{name}" if place else str(name)
        yield from _values(inner, before.get(name, ABSENT), after.get(name, ABSENT))


def _values(place: str, before: Any, after: Any) -> Iterator[Alteration]:
    if before is ABSENT:
        yield Alteration(place, "added", after=after)
    elif after is ABSENT:
        yield Alteration(place, "removed", before=before)
    elif isinstance(before, Mapping) and isinstance(after, Mapping):
        yield from _mappings(place, before, after)
    elif (by := _name_of_entries(before, after)) is not None:
        yield from _entries(place, {each[by]: each for each in before}, {each[by]: each for each in after})
    elif before != after:
        yield Alteration(place, "changed", before, after)


def _entries(place: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Alteration]:
    yield from _mappings(place, before, after)
    kept = ([name for name in before if name in after], [name for name in after if name in before])
    if kept[0] != kept[1]:
        yield Alteration(place, "moved", *kept)


def _name_of_entries(before: Any, after: Any) -> str | None:
    """The field by which all entries of both lists are told apart, if there is one."""
    if not isinstance(before, Sequence) or not isinstance(after, Sequence) or isinstance(before, str):
        return None
    return next((by for by in NAMED_BY if _tells_apart(by, before) and _tells_apart(by, after)), None)


def _tells_apart(by: str, entries: Sequence[Any]) -> bool:
    names = [entry.get(by) for entry in entries if isinstance(entry, Mapping)]
    return len(names) == len(entries) and all(isinstance(name, str) for name in names) and len({*names}) == len(names)


def alteration_told(alteration: Alteration, tongue: Tongue) -> str:
    """Tell one alteration on one line."""
    sides = {"before": alteration.before, "after": alteration.after}
    written = {side: plain(_written(value)) for side, value in sides.items()}
    return tongue.say(alteration.kind, place=alteration.place, **written)


def _written(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)

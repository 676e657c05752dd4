"""Problems that several kinds of rule file have in common: a name or id that stands twice, parts that make no whole."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from contracts.money import yuan
from rules.problems import Problem
from rules.source import Path, Source

WHOLE_BP = 10_000


def repeated(source: Source, names: Sequence[str], path: Path, field: str, what: str) -> Iterator[Problem]:
    """Names of a list that stand in it twice; *field* is where an entry has its name, empty where it is the name."""
    lines: dict[str, int] = {}
    for index, name in enumerate(names):
        place = (*path, index, field) if field else (*path, index)
        if name in lines:
            yield again(source, place, what, name, lines[name])
        lines.setdefault(name, source.at(place).line)


def repeated_words(source: Source, words: Sequence[str], path: Path, what: str) -> Iterator[Problem]:
    """Words of a list that stand in it twice."""
    lines: dict[str, int] = {}
    for index, word in enumerate(words):
        place = (*path, index)
        if word in lines:
            yield again(source, place, what, word, lines[word])
        lines.setdefault(word, source.at(place).line)


def repeated_ids(source: Source, parts: Mapping[str, Sequence[str]]) -> Iterator[Problem]:
    """Ids that stand twice in the named lists of a spec taken together."""
    lines: dict[str, int] = {}
    for part, ids in parts.items():
        for index, rule in enumerate(ids):
            path: Path = ("spec", part, index, "id")
            if rule in lines:
                yield again(source, path, "rule id", rule, lines[rule])
            lines.setdefault(rule, source.at(path).line)


def again(source: Source, path: Path, what: str, name: str, line: int) -> Problem:
    """Say that *name* stands on an earlier *line* already."""
    return source.problem(path, "repeated", f"the {what} {name!r} stands on line {line} already")


def sum_fault(source: Source, parts: Sequence[int], path: Path, what: str) -> Iterator[Problem]:
    """Parts of a whole sum to 10,000, if there are any."""
    if parts and sum(parts) != WHOLE_BP:
        yield source.problem(path, "sum", f"the {what} sum to {sum(parts)}, not {WHOLE_BP}", key=True)


def limit_faults(source: Source, limits: Sequence[int | str], path: Path, what: str) -> Iterator[Problem]:
    """Ends in ``up_to_fen`` ascend and the last is ``unlimited``, so that every amount lies in exactly one *what*."""
    for index, limit in enumerate(limits):
        place: Path = (*path, index, "up_to_fen")
        before = limits[index - 1] if index else 0
        if limit == "unlimited" and index < len(limits) - 1:
            yield source.problem(place, "bands", f"a {what} without limit must be the last")
        elif isinstance(limit, int) and index == len(limits) - 1:
            yield source.problem(place, "bands", f"the last {what} ends at {yuan(limit)}; it must be unlimited")
        if isinstance(limit, int) and isinstance(before, int) and limit <= before:
            yield source.problem(place, "bands", f"{limit} is not above {before}, where the {what} before ends")

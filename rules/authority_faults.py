"""Whether an authority matrix agrees with itself: bands without gaps, and time limits that lead to somebody new."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from contracts.approval import OnTimeout
from rules.documents.authority import AuthorityMatrixSpec, Requirement, Timeout
from rules.faults import limit_faults, repeated_ids
from rules.problems import Problem
from rules.source import Path, Source


def authority_faults(source: Source, spec: AuthorityMatrixSpec) -> Iterator[Problem]:
    """What is wrong with the matrix of *spec* apart from its expressions and from other files."""
    yield from limit_faults(source, [band.up_to_fen for band in spec.bands], ("spec", "bands"), "band")
    yield from repeated_ids(
        source,
        {
            "bands": [band.id for band in spec.bands],
            "escalate": [line.id for line in spec.escalate],
            "recuse": [line.id for line in spec.recuse],
        },
    )
    for index, band in enumerate(spec.bands):
        if band.timeout:
            path: Path = ("spec", "bands", index, "timeout")
            yield from _timeout_faults(source, path, band.timeout)
            yield from _next_band_faults(source, path, spec, index)
    for index, line in enumerate(spec.escalate):
        if line.timeout:
            yield from _timeout_faults(source, ("spec", "escalate", index, "timeout"), line.timeout)
            yield from _line_faults(source, ("spec", "escalate", index, "timeout"), line.timeout)


def _timeout_faults(source: Source, path: Path, timeout: Timeout) -> Iterator[Problem]:
    """A role is named exactly where time running out leads to one."""
    if timeout.on_timeout is OnTimeout.ESCALATE_TO_ROLE and timeout.role is None:
        yield source.problem((*path, "on_timeout"), "timeout", "escalate_to_role needs the role to ask; add 'role'")
    elif timeout.on_timeout is not OnTimeout.ESCALATE_TO_ROLE and timeout.role is not None:
        message = f"{timeout.on_timeout} asks no role; delete 'role' or write escalate_to_role"
        yield source.problem((*path, "role"), "timeout", message)


def _line_faults(source: Source, path: Path, timeout: Timeout) -> Iterator[Problem]:
    if timeout.on_timeout is OnTimeout.ESCALATE_ONE_BAND:
        message = "a line of 'escalate' has no next band; write escalate_to_role or remind"
        yield source.problem((*path, "on_timeout"), "timeout", message)


def _next_band_faults(source: Source, path: Path, spec: AuthorityMatrixSpec, index: int) -> Iterator[Problem]:
    """The next band asks somebody whom this one does not: else silence would approve the award."""
    band = spec.bands[index]
    if band.timeout is None or band.timeout.on_timeout is not OnTimeout.ESCALATE_ONE_BAND:
        return
    place: Path = (*path, "on_timeout")
    if index == len(spec.bands) - 1:
        message = f"{band.id!r} is the last band; write escalate_to_role or remind"
        yield source.problem(place, "timeout", message)
        return
    asked, further = _people(band.require), _people(spec.bands[index + 1].require)
    if all(count <= asked.get(role, 0) for role, count in further.items()):
        message = f"{spec.bands[index + 1].id!r} asks nobody whom {band.id!r} does not ask; name a role instead"
        yield source.problem(place, "timeout", message)


def _people(required: Sequence[Requirement]) -> dict[str, int]:
    people: dict[str, int] = {}
    for each in required:
        people[each.role] = people.get(each.role, 0) + each.count
    return people

"""Whether what a policy says of dividing agrees with itself and with whom it selects."""

from __future__ import annotations

from collections.abc import Iterator

from rules.divide.methods import Bounded, FixedShare, RankTiers, Whole
from rules.documents import AllocationPolicySpec
from rules.faults import WHOLE_BP, sum_fault
from rules.problems import Problem
from rules.select.methods import fewest_members, most_members
from rules.source import Path, Source


def division_faults(source: Source, spec: AllocationPolicySpec) -> Iterator[Problem]:
    """Shares that make no whole, and bounds that some number of members cannot keep."""
    path: Path = ("spec", "divide")
    match spec.divide:
        case FixedShare():
            yield from _fixed_share_faults(source, spec, spec.divide)
        case RankTiers():
            yield from _tier_faults(source, spec, spec.divide)
        case Bounded():
            yield from _bound_faults(source, spec, spec.divide)
        case Whole() if most_members(spec.select) > 1:
            message = "'whole' gives everything to one member, but select may pick several"
            yield source.problem((*path, "method"), "division", message)


def _fixed_share_faults(source: Source, spec: AllocationPolicySpec, divide: FixedShare) -> Iterator[Problem]:
    path: Path = ("spec", "divide")
    if (divide.shares_bp is None) is (divide.members_bp is None):
        message = "fixed_share needs either shares_bp (by rank) or members_bp (by member)"
        yield source.problem(path, "division", message, key=True)
    yield from sum_fault(source, divide.shares_bp or (), (*path, "shares_bp"), "shares")
    yield from sum_fault(source, tuple((divide.members_bp or {}).values()), (*path, "members_bp"), "shares")
    if divide.shares_bp is not None and len(divide.shares_bp) < most_members(spec.select):
        message = f"{len(divide.shares_bp)} shares for up to {most_members(spec.select)} members"
        yield source.problem((*path, "shares_bp"), "division", message, key=True)


def _tier_faults(source: Source, spec: AllocationPolicySpec, divide: RankTiers) -> Iterator[Problem]:
    path: Path = ("spec", "divide", "tiers")
    for members, tiers in divide.tiers.items():
        yield from sum_fault(source, tiers, (*path, members), f"tiers for {members} members")
        if len(tiers) != int(members):
            message = f"{len(tiers)} tiers for {members} members"
            yield source.problem((*path, members), "division", message, key=True)
        if list(tiers) != sorted(tiers, reverse=True):
            message = f"the tiers for {members} members rise; a better rank must not get less"
            yield source.problem((*path, members), "division", message, key=True)
    for count in range(fewest_members(spec.select), most_members(spec.select) + 1):
        if not divide.of(count):
            yield source.problem(path, "division", f"no tiers for {count} members, which select may pick", key=True)


def _bound_faults(source: Source, spec: AllocationPolicySpec, divide: Bounded) -> Iterator[Problem]:
    """The bounds can be kept for every number of members that may be selected."""
    path: Path = ("spec", "divide")
    most, fewest = most_members(spec.select), fewest_members(spec.select)
    if divide.floor_bp * most > WHOLE_BP:
        total = divide.floor_bp * most
        message = f"{most} members at a floor of {divide.floor_bp} make {total}, more than {WHOLE_BP}"
        yield source.problem((*path, "floor_bp"), "division", message)
    if divide.cap_bp * fewest < WHOLE_BP:
        total = divide.cap_bp * fewest
        message = f"{fewest} members at a cap of {divide.cap_bp} make {total}, less than {WHOLE_BP}"
        yield source.problem((*path, "cap_bp"), "division", message)


def fit_faults(source: Source, spec: AllocationPolicySpec) -> Iterator[Problem]:
    """A method that divides needs a method that may select several."""
    if most_members(spec.select) == 1 and not isinstance(spec.divide, Whole):
        message = f"{spec.divide.method} divides among several, but {spec.select.method} selects one; use whole"
        yield source.problem(("spec", "divide", "method"), "division", message)

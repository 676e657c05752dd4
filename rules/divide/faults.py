"""Whether what a policy says of dividing agrees with itself and with whom it selects."""

from __future__ import annotations

from collections.abc import Iterator

from contracts.value import Authored
from rules.divide.fee_faults import fee_faults
from rules.divide.member_methods import (
    ActualBased,
    Bounded,
    DeficitFill,
    FixedShare,
    Graded,
    RankTiers,
    ScoreProp,
    Whole,
)
from rules.divide.methods import is_measured, member_division, parts_within, residual_path
from rules.documents.policy import AllocationPolicySpec, AmountSource
from rules.faults import WHOLE_BP, sum_fault
from rules.problems import Problem
from rules.select.methods import fewest_members, most_members
from rules.source import Path, Source

DIVIDE: Path = ("spec", "divide")


def division_faults(source: Source, spec: AllocationPolicySpec) -> Iterator[Problem]:
    """Shares that make no whole, bounds that some number of members cannot keep, and levels that take too much."""
    for path, part in parts_within(spec.divide, DIVIDE):
        yield from _part_faults(source, spec, path, part)
        yield from fee_faults(source, path, part)
    yield from _measure_faults(source, spec)


def _part_faults(source: Source, spec: AllocationPolicySpec, path: Path, part: Authored) -> Iterator[Problem]:
    match part:
        case FixedShare():
            yield from _fixed_share_faults(source, spec, path, part)
        case RankTiers():
            yield from _tier_faults(source, spec, (*path, "tiers"), part)
        case Bounded():
            yield from _bound_faults(source, spec, path, part)
        case DeficitFill():
            yield from sum_fault(source, tuple(part.targets_bp.values()), (*path, "targets_bp"), "targets")
        case Graded() if not any(part.factors_bp.values()):
            message = "every grade has the factor nought, so that nobody gets anything"
            yield source.problem((*path, "factors_bp"), "division", message, key=True)
        case ScoreProp() if part.score == "score_bp" and not spec.scoring:
            message = "score_prop divides by score_bp, but the policy has no scoring rules"
            yield source.problem((*path, "method"), "no-scoring", message)
        case Whole() if most_members(spec.select) > 1:
            message = "'whole' gives everything to one member, but select may pick several"
            yield source.problem((*path, "method"), "division", message)


def _fixed_share_faults(
    source: Source, spec: AllocationPolicySpec, path: Path, divide: FixedShare
) -> Iterator[Problem]:
    if (divide.shares_bp is None) is (divide.members_bp is None):
        message = "fixed_share needs either shares_bp (by rank) or members_bp (by member)"
        yield source.problem(path, "division", message, key=True)
    yield from sum_fault(source, divide.shares_bp or (), (*path, "shares_bp"), "shares")
    yield from sum_fault(source, tuple((divide.members_bp or {}).values()), (*path, "members_bp"), "shares")
    if divide.shares_bp is not None and len(divide.shares_bp) < most_members(spec.select):
        message = f"{len(divide.shares_bp)} shares for up to {most_members(spec.select)} members"
        yield source.problem((*path, "shares_bp"), "division", message, key=True)


def _tier_faults(source: Source, spec: AllocationPolicySpec, path: Path, divide: RankTiers) -> Iterator[Problem]:
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


def _bound_faults(source: Source, spec: AllocationPolicySpec, path: Path, divide: Bounded) -> Iterator[Problem]:
    """The bounds can be kept for every number of members that may be selected."""
    most, fewest = most_members(spec.select), fewest_members(spec.select)
    if divide.floor_bp > divide.cap_bp:
        message = f"the floor of {divide.floor_bp} lies above the cap of {divide.cap_bp}"
        yield source.problem((*path, "floor_bp"), "division", message)
    if divide.floor_bp * most > WHOLE_BP:
        total = divide.floor_bp * most
        message = f"{most} members at a floor of {divide.floor_bp} make {total}, more than {WHOLE_BP}"
        yield source.problem((*path, "floor_bp"), "division", message)
    if divide.cap_bp * fewest < WHOLE_BP:
        total = divide.cap_bp * fewest
        message = f"{fewest} members at a cap of {divide.cap_bp} make {total}, less than {WHOLE_BP}"
        yield source.problem((*path, "cap_bp"), "division", message)


def _measure_faults(source: Source, spec: AllocationPolicySpec) -> Iterator[Problem]:
    """A division that measures the amount itself is given no other, and no other division is asked for one."""
    is_asked = spec.amount is AmountSource.MEASURED
    if is_measured(spec.divide) and not is_asked:
        inner = member_division(spec.divide)
        method = inner.method if isinstance(inner, ActualBased) else spec.divide.method
        message = f"{method} measures the amount itself; say amount: measured instead of {spec.amount}"
        yield source.problem(("spec", "amount"), "division", message)
    if is_asked and not is_measured(spec.divide):
        message = f"{spec.divide.method} measures no amount; only actual_based and emc_share do"
        yield source.problem(("spec", "amount"), "division", message)


def fit_faults(source: Source, spec: AllocationPolicySpec) -> Iterator[Problem]:
    """A method that divides needs a method that may select several."""
    division = member_division(spec.divide)
    if most_members(spec.select) == 1 and not isinstance(division, Whole | ActualBased):
        message = f"{division.method} divides among several, but {spec.select.method} selects one; use whole"
        yield source.problem((*DIVIDE, *residual_path(spec.divide), "method"), "division", message)

"""Whether the objective and the constraints fit the portfolio, and no constraint contradicts itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from rules.faults import WHOLE_BP, repeated_ids
from rules.portfolio.documents import (
    Aim,
    Constraint,
    Exclude,
    IncumbentBonus,
    MaxGradeShare,
    MinContracts,
    MinShare,
    MinSuppliers,
    NotBoth,
    Objective,
    PolicySpec,
    PortfolioSpec,
    Quota,
    Require,
    Scope,
)
from rules.portfolio.faults import unknown
from rules.portfolio.scopes import Reach
from rules.problems import Problem
from rules.source import Path, Source

CONSTRAINTS: Path = ("spec", "constraints")


def policy_faults(source: Source, policy: PolicySpec, spec: PortfolioSpec) -> Iterator[Problem]:
    """What is wrong with *policy* for the portfolio *spec*, apart from its conditions."""
    yield from _objective_faults(source, policy.objective)
    yield from repeated_ids(source, {"constraints": [each.id for each in policy.constraints]})
    known = _known(spec)
    for index, constraint in enumerate(policy.constraints):
        yield from _scope_faults(source, constraint.of, (*CONSTRAINTS, index, "of"), known)
        yield from _own_faults(source, constraint, (*CONSTRAINTS, index), known)


def reach_faults(
    source: Source, constraint: Constraint, reach: Reach, path: Path, spec: PortfolioSpec
) -> Iterator[Problem]:
    """A constraint that counts nothing, or that could not hold whatever is awarded."""
    if not reach.pairs and isinstance(constraint, MinShare | MinContracts):
        message = f"{constraint.id!r} counts no quote of this portfolio; widen its scope, or leave it out"
        yield source.problem((*path, "id"), "counts-nothing", message)
        return
    members = len(reach.members)
    match constraint:
        case MinSuppliers() if constraint.value > members:
            message = f"{constraint.value} members cannot receive something where only {members} have quoted"
            yield source.problem((*path, "value"), "contradiction", message)
        case MinShare() if constraint.value * members > WHOLE_BP:
            message = f"{constraint.value} for each of {members} members is more than the whole of {WHOLE_BP}"
            yield source.problem((*path, "value"), "contradiction", message)
        case MinContracts() if constraint.value > len(reach.contracts):
            message = f"nobody can receive {constraint.value} of {len(reach.contracts)} contracts"
            yield source.problem((*path, "value"), "contradiction", message)
        case NotBoth() if clash := _clash(constraint, reach, spec):
            message = f"{' and '.join(clash)} cannot be kept apart: nobody else has quoted"
            field = "members" if constraint.members else "contracts"
            yield source.problem((*path, field), "contradiction", message)
        case IncumbentBonus() if not any(_is_incumbent(reach, each) for each in _served(spec)):
            message = f"no contract in the scope of {constraint.id!r} names an incumbent that has quoted"
            yield source.problem((*path, "id"), "no-incumbent", message)


def _clash(constraint: NotBoth, reach: Reach, spec: PortfolioSpec) -> tuple[str, ...]:
    """Two of the members, each the only one to quote for some contract; or contracts with one and the same such."""
    inside = reach.only(constraint.members, constraint.contracts).pairs
    sole = [(each.number, each.quotes[0].member) for each in spec.contracts if len(each.quotes) == 1]
    only = sorted(pair for pair in sole if pair in inside)
    if constraint.members:
        held = sorted({member for _, member in only})
        return tuple(held[:2]) if len(held) > 1 else ()
    by_member: dict[str, list[str]] = {}
    for number, member in only:
        by_member.setdefault(member, []).append(number)
    return next((tuple(numbers[:2]) for numbers in by_member.values() if len(numbers) > 1), ())


def _served(spec: PortfolioSpec) -> list[tuple[str, str]]:
    return [(each.number, each.incumbent) for each in spec.contracts if each.incumbent]


def _is_incumbent(reach: Reach, served: tuple[str, str]) -> bool:
    return served in reach.pairs


def _known(spec: PortfolioSpec) -> dict[str, list[str]]:
    """The words that a scope may use, by field."""
    contracts = spec.contracts
    return {
        "category": sorted({each.category for each in contracts}),
        "client": sorted({each.client for each in contracts if each.client}),
        "park": sorted({each.park for each in contracts if each.park}),
        "contract": sorted({each.number for each in contracts}),
        "member": sorted({each.code for each in spec.members}),
        "grade": sorted({str(each.grade) for each in spec.members if each.grade}),
    }


def _scope_faults(source: Source, scope: Scope, path: Path, known: Mapping[str, list[str]]) -> Iterator[Problem]:
    for field, names in known.items():
        for index, word in enumerate(scope.words(field)):
            if word not in names:
                single = isinstance(getattr(scope, field), str)
                yield unknown(source, (*path, field) if single else (*path, field, index), field, word, names)


def _own_faults(
    source: Source, constraint: Constraint, path: Path, known: Mapping[str, list[str]]
) -> Iterator[Problem]:
    """What a constraint must say by itself, and what it says against itself."""
    scope = constraint.of
    match constraint:
        case Require() if not (scope.member or scope.grade or scope.when):
            message = "to require something, say of whom: member, grade or when"
            yield source.problem((*path, "type"), "whom", message)
        case Exclude() if not scope.model_fields_set:
            message = "this excludes everything; say in 'of' what or whom"
            yield source.problem((*path, "type"), "whom", message)
        case MaxGradeShare() if not scope.grade:
            message = "say in 'of' which grades: {grade: C}"
            yield source.problem((*path, "type"), "whom", message)
        case Quota():
            yield from _quota_faults(source, constraint, path, known["member"])
        case NotBoth():
            yield from _pair_faults(source, constraint, path, known)


def _pair_faults(source: Source, constraint: NotBoth, path: Path, known: Mapping[str, list[str]]) -> Iterator[Problem]:
    """Not two members or two contracts, one of them twice, or one that is not there."""
    if bool(constraint.members) == bool(constraint.contracts):
        message = "say which two do not go together: either 'members' or 'contracts'"
        yield source.problem((*path, "type"), "whom", message)
    for field, what in (("members", "member"), ("contracts", "contract")):
        names = getattr(constraint, field)
        if len(names) == 1:
            yield source.problem((*path, field), "whom", f"one {what} alone always goes together; name two or more")
        for index, name in enumerate(names):
            if name not in known[what]:
                yield unknown(source, (*path, field, index), what, name, known[what])
            elif name in names[:index]:
                yield source.problem((*path, field, index), "repeated", f"{name} cannot be kept apart from itself")


def _quota_faults(source: Source, quota: Quota, path: Path, members: list[str]) -> Iterator[Problem]:
    total = sum(quota.quotas_bp.values())
    if total > WHOLE_BP:
        message = f"the quotas sum to {total}, more than the whole of {WHOLE_BP}"
        yield source.problem((*path, "quotas_bp"), "contradiction", message, key=True)
    for field in ("quotas_bp", "carried_fen"):
        for member in getattr(quota, field):
            if member not in members:
                yield unknown(source, (*path, field, member), "member", member, members)
    for member in quota.carried_fen:
        if member in members and member not in quota.quotas_bp:
            message = f"{member} carries something on, but has no quota; give it one, 0 for none"
            yield source.problem((*path, "carried_fen", member), "no-quota", message, key=True)


def _objective_faults(source: Source, objective: Objective) -> Iterator[Problem]:
    path: Path = ("spec", "objective")
    weights = (objective.price_bp, objective.score_bp)
    if Aim.WEIGHTED in objective.aims:
        if None in weights:
            message = "weighted needs price_bp and score_bp"
            yield source.problem((*path, "minimise"), "weights", message)
        elif sum(weight or 0 for weight in weights) != WHOLE_BP:
            message = f"price_bp and score_bp sum to {sum(weight or 0 for weight in weights)}, not {WHOLE_BP}"
            yield source.problem((*path, "price_bp"), "weights", message, key=True)
    elif weights != (None, None):
        message = "price_bp and score_bp weigh nothing unless 'minimise' is weighted"
        yield source.problem((*path, "minimise"), "weights", message)
    if len(set(objective.aims)) < len(objective.aims):
        yield source.problem((*path, "minimise"), "repeated", "an aim stands twice; the second decides nothing")

"""Whether one rule file agrees with itself: sums, order, ids, and methods that fit together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from contracts.money import yuan
from rules.documents import (
    BUILT_IN_REASONS,
    AllocationPolicy,
    AllocationPolicySpec,
    AuthorityMatrix,
    ParameterSet,
    PolicyTest,
    RuleDocument,
    TypeSet,
)
from rules.methods import (
    Bounded,
    Cascade,
    FixedShare,
    RankBy,
    RankTiers,
    Scored,
    TopK,
    Whole,
    fewest_members,
    most_members,
)
from rules.problems import Problem
from rules.source import Path, Source
from rules.typeset import TypeProblems
from rules.typeset import TypeSet as Types

PARAMS = "Params"
"""The record type that holds the parameters."""

WHOLE_BP = 10_000

CODE_KEY = "member.code"
"""The last tie key of every policy: no two members have the same code."""


def faults_of(source: Source, document: RuleDocument) -> Iterator[Problem]:
    """What is wrong with *document* apart from its expressions and from other files."""
    match document:
        case AllocationPolicy():
            yield from _policy_faults(source, document.spec)
        case ParameterSet():
            yield from _parameter_faults(source, document)
        case AuthorityMatrix():
            yield from _authority_faults(source, document)
        case PolicyTest():
            sentences = [case.case for case in document.spec.cases]
            yield from _repeated(source, sentences, ("spec", "cases"), "case", "case")
        case TypeSet():
            yield from _type_faults(source, document)


def _policy_faults(source: Source, spec: AllocationPolicySpec) -> Iterator[Problem]:
    yield from _id_faults(source, spec)
    yield from _repeated(source, [v.name for v in spec.variables], ("spec", "variables"), "name", "variable")
    yield from _sum_fault(source, [rule.weight_bp for rule in spec.scoring], ("spec", "scoring"), "scoring weights")
    yield from _selection_faults(source, spec)
    yield from _division_faults(source, spec)
    yield from _fit_faults(source, spec)


def _id_faults(source: Source, spec: AllocationPolicySpec) -> Iterator[Problem]:
    """Rule ids are unique over the whole policy, and not those of built-in reasons."""
    parts = {"eligibility": [rule.id for rule in spec.eligibility], "scoring": [rule.id for rule in spec.scoring]}
    yield from _repeated_ids(source, parts)
    for part, ids in parts.items():
        for index, rule in enumerate(ids):
            if rule in BUILT_IN_REASONS:
                message = f"the rule id {rule!r} is kept for a built-in reason"
                yield source.problem(("spec", part, index, "id"), "reserved-id", message)


def _repeated(source: Source, names: Sequence[str], path: Path, field: str, what: str) -> Iterator[Problem]:
    lines: dict[str, int] = {}
    for index, name in enumerate(names):
        place = (*path, index, field)
        if name in lines:
            yield _again(source, place, what, name, lines[name])
        lines.setdefault(name, source.at(place).line)


def _again(source: Source, path: Path, what: str, name: str, line: int) -> Problem:
    return source.problem(path, "repeated", f"the {what} {name!r} stands on line {line} already")


def _sum_fault(source: Source, parts: Sequence[int], path: Path, what: str) -> Iterator[Problem]:
    """Parts of a whole sum to 10,000, if there are any."""
    if parts and sum(parts) != WHOLE_BP:
        yield source.problem(path, "sum", f"the {what} sum to {sum(parts)}, not {WHOLE_BP}", key=True)


def _selection_faults(source: Source, spec: AllocationPolicySpec) -> Iterator[Problem]:
    path: Path = ("spec", "select")
    if spec.select.tie[-1:] != (CODE_KEY,):
        message = f"the tie keys must end with {CODE_KEY}, so that no two members stay equal"
        yield source.problem((*path, "tie"), "tie", message, key=True)
    if isinstance(spec.select, TopK) and spec.select.k_min > spec.select.k_max:
        message = f"k_min {spec.select.k_min} is larger than k_max {spec.select.k_max}"
        yield source.problem((*path, "k_min"), "range", message)
    if _needs_score(spec) and not spec.scoring:
        message = f"{spec.select.method} ranks by score, but the policy has no scoring rules"
        yield source.problem((*path, "method"), "no-scoring", message)


def _needs_score(spec: AllocationPolicySpec) -> bool:
    match spec.select:
        case Scored():
            return True
        case Cascade() | TopK():
            return spec.select.rank_by is RankBy.SCORED
        case _:
            return False


def _division_faults(source: Source, spec: AllocationPolicySpec) -> Iterator[Problem]:
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
    yield from _sum_fault(source, divide.shares_bp or (), (*path, "shares_bp"), "shares")
    yield from _sum_fault(source, tuple((divide.members_bp or {}).values()), (*path, "members_bp"), "shares")
    if divide.shares_bp is not None and len(divide.shares_bp) < most_members(spec.select):
        message = f"{len(divide.shares_bp)} shares for up to {most_members(spec.select)} members"
        yield source.problem((*path, "shares_bp"), "division", message, key=True)


def _tier_faults(source: Source, spec: AllocationPolicySpec, divide: RankTiers) -> Iterator[Problem]:
    path: Path = ("spec", "divide", "tiers")
    for members, tiers in divide.tiers.items():
        yield from _sum_fault(source, tiers, (*path, members), f"tiers for {members} members")
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


def _fit_faults(source: Source, spec: AllocationPolicySpec) -> Iterator[Problem]:
    """A method that divides needs a method that may select several."""
    if most_members(spec.select) == 1 and not isinstance(spec.divide, Whole):
        message = f"{spec.divide.method} divides among several, but {spec.select.method} selects one; use whole"
        yield source.problem(("spec", "divide", "method"), "division", message)


def _type_faults(source: Source, document: TypeSet) -> Iterator[Problem]:
    try:
        Types.of(document.spec.types)
    except TypeProblems as found:
        for place, message in found.problems:
            yield source.problem(("spec", "types", *place), "type", message, key=len(place) == 1)


def _parameter_faults(source: Source, document: ParameterSet) -> Iterator[Problem]:
    try:
        Types.of({PARAMS: dict.fromkeys(document.spec.parameters, "int")})
    except TypeProblems as found:
        for place, message in found.problems:
            yield source.problem(("spec", "parameters", *place[1:]), "type", message, key=True)
    for name, parameter in document.spec.parameters.items():
        path: Path = ("spec", "parameters", name, "values")
        for index, dated in enumerate(parameter.values):
            if _type_of(dated.value) != parameter.type:
                message = f"{name!r} is of type {parameter.type}, but this value is {_type_of(dated.value)}"
                yield source.problem((*path, index, "value"), "wrong-type", message)
            if index and dated.since <= parameter.values[index - 1].since:
                message = f'"{dated.since}" does not come after "{parameter.values[index - 1].since}"'
                yield source.problem((*path, index, "from"), "order", message)


def _type_of(value: Any) -> str:
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, int):
        return "int"
    return "string" if isinstance(value, str) else "list<string>"


def _authority_faults(source: Source, document: AuthorityMatrix) -> Iterator[Problem]:
    """Bands ascend and end without a limit, so that every amount lies in exactly one."""
    spec = document.spec
    limits = [band.up_to_fen for band in spec.bands]
    for index, limit in enumerate(limits):
        path: Path = ("spec", "bands", index, "up_to_fen")
        before = limits[index - 1] if index else 0
        if limit == "unlimited" and index < len(limits) - 1:
            yield source.problem(path, "bands", "a band without limit must be the last")
        elif limit != "unlimited" and index == len(limits) - 1:
            yield source.problem(path, "bands", f"the last band ends at {yuan(limit)}; it must be unlimited")
        if isinstance(limit, int) and isinstance(before, int) and limit <= before:
            yield source.problem(path, "bands", f"{limit} is not above {before}, where the band before ends")
    yield from _repeated_ids(
        source, {"bands": [band.id for band in spec.bands], "escalate": [line.id for line in spec.escalate]}
    )


def _repeated_ids(source: Source, parts: Mapping[str, Sequence[str]]) -> Iterator[Problem]:
    """Ids that stand twice in the named lists of a spec taken together."""
    lines: dict[str, int] = {}
    for part, ids in parts.items():
        for index, rule in enumerate(ids):
            path: Path = ("spec", part, index, "id")
            if rule in lines:
                yield _again(source, path, "rule id", rule, lines[rule])
            lines.setdefault(rule, source.at(path).line)

"""Whether an exception may be made at all: of rules that are waivable, for stated days, and not for too long."""

from __future__ import annotations

from collections.abc import Iterator

from contracts.calendar import epoch_day
from rules.documents.authority import ANY_POLICY, PolicyException, PolicyExceptionSpec
from rules.documents.envelope import Kind
from rules.documents.ground import ParameterSet
from rules.documents.policy import BUILT_IN_REASONS, AllocationPolicy, EligibilityRule, GuardSet
from rules.edition import Edition
from rules.exceptions import LONGEST, LONGEST_DAYS
from rules.faults import repeated_words
from rules.library import Library
from rules.problems import Problem, did_you_mean
from rules.source import Source

PARAMETERS = "alliance-params"
"""Where the longest term of an exception to ``any`` policy is looked up."""


def exception_faults(source: Source, document: PolicyException) -> Iterator[Problem]:
    """What is wrong with an exception by itself."""
    spec = document.spec
    yield from repeated_words(source, spec.waives, ("spec", "waives"), "rule")
    yield from repeated_words(source, spec.members, ("spec", "members"), "member")
    yield from repeated_words(source, spec.contracts, ("spec", "contracts"), "contract")
    if spec.granted_by.day > spec.effective.first:
        message = f'an exception does not reach back: it was granted on "{spec.granted_by.day}"'
        yield source.problem(("spec", "effective", "from"), "order", message)


def unwaivable_faults(library: Library, source: Source, document: PolicyException) -> Iterator[Problem]:
    """Rules that no policy has or lets anybody waive, and a term longer than the parameters allow."""
    spec = document.spec
    rules = _rules(library, spec)
    if spec.policy == ANY_POLICY or spec.policy in library.names(Kind.ALLOCATION_POLICY):
        for index, rule in enumerate(spec.waives):
            message = _unwaivable(spec, rule, rules)
            if message:
                yield source.problem(("spec", "waives", index), "unwaivable", message)
    longest = _longest_days(library, spec)
    days = epoch_day(spec.effective.end) - spec.effective.from_day
    if days > longest:
        message = f"{days} days are more than the {longest} that an exception may last; grant a new one later"
        yield source.problem(("spec", "effective", "to"), "range", message)


def _unwaivable(spec: PolicyExceptionSpec, rule: str, rules: list[EligibilityRule]) -> str:
    if rule in BUILT_IN_REASONS:
        return f"{rule!r} comes from the facts; nobody can waive it"
    same = [each for each in rules if each.id == rule]
    where = "any policy" if spec.policy == ANY_POLICY else f"the policy {spec.policy!r}"
    if not same:
        return f"no eligibility rule of {where} is called {rule!r}{did_you_mean(rule, [each.id for each in rules])}"
    if not any(each.waivable for each in same):
        return f"the rule {rule!r} of {where} is not waivable"
    return ""


def _rules(library: Library, spec: PolicyExceptionSpec) -> list[EligibilityRule]:
    """The rules and shared guards of the policies that the exception is for, as in force in its time."""
    names = library.names(Kind.ALLOCATION_POLICY) if spec.policy == ANY_POLICY else (spec.policy,)
    editions = [each for name in names for each in _in_time(library, name, spec)]
    policies = [each.document for each in editions if isinstance(each.document, AllocationPolicy)]
    shared = dict.fromkeys(name for policy in policies for name in policy.spec.guards)
    sets = [each.document for name in shared for each in _in_time(library, name, spec, Kind.GUARD_SET)]
    return [
        *(rule for policy in policies for rule in policy.spec.eligibility),
        *(guard for each in sets if isinstance(each, GuardSet) for guard in each.spec.guards),
    ]


def _in_time(
    library: Library, name: str, spec: PolicyExceptionSpec, kind: Kind = Kind.ALLOCATION_POLICY
) -> list[Edition]:
    """The editions of a name that begin before the exception ends, from the one in force when it begins."""
    first, end = spec.effective.from_day, epoch_day(spec.effective.end)
    editions = library.editions_of(kind, name)
    begun = [each for each in editions if each.from_day <= first][-1:]
    return [*begun, *(each for each in editions if first < each.from_day < end)]


def _longest_days(library: Library, spec: PolicyExceptionSpec) -> int:
    """How long an exception may last by the parameters of its policy, in force when it begins."""
    day = spec.effective.from_day
    policy = library.in_force(Kind.ALLOCATION_POLICY, spec.policy, day)
    stated = policy.document if policy else None
    name = stated.spec.params if isinstance(stated, AllocationPolicy) else PARAMETERS
    params = library.in_force(Kind.PARAMETER_SET, name, day)
    if params is None or not isinstance(params.document, ParameterSet):
        return LONGEST_DAYS
    parameter = params.document.spec.parameters.get(LONGEST)
    dated = parameter.on(day) if parameter else None
    return dated.value if dated and isinstance(dated.value, int) else LONGEST_DAYS

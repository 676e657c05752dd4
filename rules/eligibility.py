"""Who may: every rule of the policy put to every candidate, and each reason why somebody may not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from contracts.decision import ExclusionReason, Waiver
from contracts.errors import Invalid
from contracts.facts import Candidate, Facts
from rules.documents.policy import DECLINED, EXCLUDED_BY_BUYER, OVERRIDDEN
from rules.exceptions import waived_by
from rules.formula import Evaluated, Scene, calculate
from rules.guards import CompiledGuards, CompiledRule
from rules.law.kinship import kin_of_all
from rules.policy import CompiledPolicy
from rules.table.evaluate import worked_out
from rules.variables import Variables

Trace = dict[str, Any]


@dataclass(frozen=True)
class Examined:
    """One candidate after all rules: the scene to go on with, the reasons against it, and what each rule came to."""

    candidate: Candidate
    scene: Scene
    reasons: tuple[ExclusionReason, ...]
    trace: tuple[Trace, ...]
    waived: tuple[Waiver, ...] = ()

    @property
    def code(self) -> str:
        """The member's code."""
        return self.candidate.member.code


@dataclass(frozen=True)
class AskedGuards:
    """
    The guards of one set that apply to the contract, and the variables that they use.

    ``passed_over`` has one line of the trace for each of the others, with what its condition read.
    """

    variables: Variables
    rules: tuple[CompiledRule, ...]
    passed_over: tuple[Trace, ...]


def examine(policy: CompiledPolicy, facts: Facts, *, is_traced: bool = False) -> tuple[Examined, ...]:
    """
    Put every rule to every candidate: see `examined_on`.

    Raises:
        Invalid: If a candidate is listed twice, or a parameter has no value on the decision day.
    """
    shared = ground_of(policy, facts, is_traced=is_traced)
    return examined_on(shared, policy, facts, asked_on(shared, policy))


def examined_on(
    shared: Scene, policy: CompiledPolicy, facts: Facts, asked: Sequence[AskedGuards]
) -> tuple[Examined, ...]:
    """
    Put every rule, and the guards that are *asked*, to every candidate, in order of their codes.

    No rule is skipped because another has failed. Where the scene *shared* by all is traced, the lines of the trace
    have their steps, and the variables have lines of their own.

    Raises:
        Invalid: If a candidate is listed twice.
    """
    ordered = sorted(facts.candidates, key=lambda candidate: candidate.member.code)
    for one, other in pairwise(ordered):
        if one.member.code == other.member.code:
            raise Invalid(f"member {one.member.code} is among the candidates twice")
    related = kin_of_all(facts)
    return tuple(
        _examined(policy, facts, candidate, shared, related[candidate.member.code], asked) for candidate in ordered
    )


def asked_on(shared: Scene, policy: CompiledPolicy) -> tuple[AskedGuards, ...]:
    """Ask of every guard of *policy* whether it applies to the contract; one of which nobody can tell does."""
    return tuple(_asked(guards, shared) for guards in policy.guards)


def ground_of(policy: CompiledPolicy, facts: Facts, *, is_traced: bool = False) -> Scene:
    """The scene that all candidates share: see `ground`."""
    return Scene(ground(facts, policy.parameters_on(facts.day)), is_traced=is_traced)


def ground(facts: Facts, params: dict[str, Any]) -> dict[str, Any]:
    """The values of the names for expressions about the contract as a whole."""
    return {
        "contract": facts.contract.model_dump(mode="json"),
        "params": params,
        "decision_day": facts.day,
        "needed_resources": sorted(facts.contract.needs),
    }


def _asked(guards: CompiledGuards, shared: Scene) -> AskedGuards:
    rules: list[CompiledRule] = []
    passed_over: list[Trace] = []
    for rule in guards.rules:
        found = None if rule.when is None else calculate(rule.when, shared)
        if found is None or found.value is not False:
            rules.append(rule)
        else:
            line = {"rule": rule.id, "member": "", "value": None, "applies": False, "reads": found.reads}
            passed_over.append(line)
    return AskedGuards(guards.variables, tuple(rules), tuple(passed_over))


def _examined(
    policy: CompiledPolicy,
    facts: Facts,
    candidate: Candidate,
    shared: Scene,
    related: Mapping[str, Sequence[str]],
    asked: Sequence[AskedGuards],
) -> Examined:
    """Put the guards that are *asked* to *candidate*, and then the policy's own rules."""
    code, stated = candidate.member.code, candidate.model_dump(mode="json")
    first = shared.of_member(member=stated["member"], ledger=stated["ledger"], **related)
    own = policy.expressions
    lines: list[Trace] = []
    answers: list[Trace] = []
    unfulfilled: list[ExclusionReason | Waiver] = []
    for variables, rules in (
        *((each.variables, each.rules) for each in asked if each.rules),
        (own.variables, own.eligibility),
    ):
        scene, came_to = first.with_variables(variables.always, worked_out)
        lines += _variable_lines(variables, code, came_to) if scene.is_traced else []
        for rule in rules:
            outcome = calculate(rule.require, scene)
            answers.append(trace_of(rule.id, code, outcome))
            if not outcome.value:
                unfulfilled.append(_unfulfilled(policy, facts, code, scene, rule, outcome))
    reasons = [each for each in unfulfilled if isinstance(each, ExclusionReason)]
    return Examined(
        candidate,
        scene,
        (*_standing_reasons(facts, code), *reasons),
        (*lines, *answers),
        tuple(each for each in unfulfilled if isinstance(each, Waiver)),
    )


def _variable_lines(variables: Variables, member: str, came_to: Sequence[Evaluated]) -> list[Trace]:
    """A line for what each variable came to; in a decision that is not recorded only."""
    named = zip(variables.always, came_to, strict=True)
    return [trace_of(name, member, outcome, "variable") for (name, _), outcome in named]


def _standing_reasons(facts: Facts, code: str) -> Iterator[ExclusionReason]:
    """What the facts themselves say against a member."""
    if code in facts.contract.excluded_members:
        reads = {"contract.excluded_members": list(facts.contract.excluded_members)}
        yield ExclusionReason(rule=EXCLUDED_BY_BUYER, message="采购方已排除该成员", reads=reads)
    if code in facts.declined:
        reason = facts.declined[code]
        yield ExclusionReason(rule=DECLINED, message=f"该成员已谢绝本合同：{reason}", reads={"declined": reason})
    if code in facts.overridden:
        reason = facts.overridden[code]
        yield ExclusionReason(
            rule=OVERRIDDEN, message=f"另行指定，不由该成员承接：{reason}", reads={"overridden": reason}
        )


def _unfulfilled(
    policy: CompiledPolicy, facts: Facts, code: str, scene: Scene, rule: CompiledRule, outcome: Evaluated
) -> ExclusionReason | Waiver:
    """
    Return the waiver of a rule that does not hold where an exception is in force, else the reason against the member.

    A rule that cannot be calculated does not hold, and is never waived: nobody knows what would be.
    """
    if outcome.error:
        return ExclusionReason(rule=rule.id, message=f"规则无法计算：{outcome.error}", reads=outcome.reads)
    message = _message(rule, scene)
    waiver, obstacles = waived_by(facts, policy.name, rule.id, code, message, is_waivable=rule.waivable)
    if waiver is not None:
        return waiver
    return ExclusionReason(rule=rule.id, message=message, reads=outcome.reads, exceptions=obstacles)


def _message(rule: CompiledRule, scene: Scene) -> str:
    """The rule's own words, with the figures where the policy has an expression for them that can be calculated."""
    if rule.message_formula is None:
        return rule.message
    found = calculate(rule.message_formula, scene)
    return rule.message if found.error else str(found.value)


def trace_of(name: str, member: str, found: Evaluated, kind: str = "rule") -> Trace:
    """One line of the trace: what the rule *name* came to for *member*, what it read, and its steps if wanted."""
    line: Trace = {kind: name, "member": member, "value": found.value, "reads": found.reads}
    if found.error:
        line["error"] = found.error
    if found.steps is not None:
        line["steps"] = found.steps
    return line

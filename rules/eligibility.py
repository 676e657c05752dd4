"""Who may: every rule of the policy put to every candidate, and each reason why somebody may not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from contracts.decision import ExclusionReason
from contracts.errors import Invalid
from contracts.facts import Candidate, Facts
from rules.documents import DECLINED, EXCLUDED_BY_BUYER
from rules.formula import Evaluated, Scene, calculate
from rules.policy import CompiledPolicy, CompiledRule

Trace = dict[str, Any]


@dataclass(frozen=True)
class Examined:
    """One candidate after all rules: the scene to go on with, the reasons against it, and what each rule came to."""

    candidate: Candidate
    scene: Scene
    reasons: tuple[ExclusionReason, ...]
    trace: tuple[Trace, ...]

    @property
    def code(self) -> str:
        """The member's code."""
        return self.candidate.member.code


def examine(policy: CompiledPolicy, facts: Facts, *, is_traced: bool = False) -> tuple[Examined, ...]:
    """
    Put every rule to every candidate, in order of their codes; no rule is skipped because another has failed.

    With *is_traced* the lines of the trace have their steps, and the variables have lines of their own.

    Raises:
        Invalid: If a candidate is listed twice, or a parameter has no value on the decision day.
    """
    ordered = sorted(facts.candidates, key=lambda candidate: candidate.member.code)
    for one, other in pairwise(ordered):
        if one.member.code == other.member.code:
            raise Invalid(f"member {one.member.code} is among the candidates twice")
    shared = ground_of(policy, facts, is_traced=is_traced)
    return tuple(_examined(policy, facts, shared, candidate) for candidate in ordered)


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


def _examined(policy: CompiledPolicy, facts: Facts, shared: Scene, candidate: Candidate) -> Examined:
    stated = candidate.model_dump(mode="json")
    variables = policy.expressions.variables
    scene, came_to = shared.of_member(variables, member=stated["member"], ledger=stated["ledger"])
    found = [(rule, calculate(rule.require, scene)) for rule in policy.expressions.eligibility]
    code = candidate.member.code
    lines = [trace_of(rule.id, code, outcome) for rule, outcome in found]
    if scene.is_traced:
        named = zip(variables, came_to, strict=True)
        lines = [*(trace_of(name, code, outcome, "variable") for (name, _), outcome in named), *lines]
    reasons = (*_standing_reasons(facts, code), *_rule_reasons(scene, found))
    return Examined(candidate, scene, reasons, tuple(lines))


def _standing_reasons(facts: Facts, code: str) -> Iterator[ExclusionReason]:
    """What the facts themselves say against a member."""
    if code in facts.contract.excluded_members:
        reads = {"contract.excluded_members": list(facts.contract.excluded_members)}
        yield ExclusionReason(rule=EXCLUDED_BY_BUYER, message="采购方已排除该成员", reads=reads)
    if code in facts.declined:
        reason = facts.declined[code]
        yield ExclusionReason(rule=DECLINED, message=f"该成员已谢绝本合同：{reason}", reads={"declined": reason})


def _rule_reasons(scene: Scene, found: list[tuple[CompiledRule, Evaluated]]) -> Iterator[ExclusionReason]:
    """One reason for each rule that does not hold; a rule that cannot be calculated does not hold."""
    for rule, outcome in found:
        if outcome.error:
            yield ExclusionReason(rule=rule.id, message=f"规则无法计算：{outcome.error}", reads=outcome.reads)
        elif not outcome.value:
            yield ExclusionReason(rule=rule.id, message=_message(rule, scene), reads=outcome.reads)


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

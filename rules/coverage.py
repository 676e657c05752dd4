"""What the cases of a policy show of it: both answers of every rule and of every part in it, and every outcome."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from contracts.decision import Decision, DecisionOutcome
from rules.check import Checked
from rules.explain.why import formulas_of, plain, steps_of
from rules.policy import CompiledPolicy
from rules.select.methods import fewest_members, most_members
from rules.tree import Node, children

DECIDING = ("_&&_", "_||_", "_?_:_")
"""Functions that may leave a part out, or to which a part makes no difference."""


@dataclass(frozen=True)
class Point:
    """
    One thing that cases can show, and whether one of them does.

    ``kind`` is ``eligibility``, ``scoring``, ``part``, ``outcome`` or ``members``; ``answer`` is what is to be seen of
    ``subject``, the rule, method or part of an expression.
    """

    kind: str
    rule: str
    subject: str
    answer: str
    seen: bool

    @property
    def told(self) -> str:
        """What is missing, in words: ``licence is never false``."""
        where = f"{self.rule}: {self.subject}" if self.kind == "part" else self.subject
        return f"{where} is never {self.answer}"


def coverage(policy: CompiledPolicy, decisions: Sequence[Decision]) -> tuple[Point, ...]:
    """
    Return every point of *policy*, in the order of the file, as the *decisions* of its cases show it.

    Of ``&&``, ``||`` and ``? :`` each operand must be seen true and false; an operand that is left out because the
    other decided is not seen at all. What the cases never come to is not executed to find out.
    """
    lines = [line for decision in decisions for line in decision.trace]
    return (
        *_rules(policy, lines),
        *_parts(policy, lines),
        *_outcomes(policy, decisions),
        *_numbers(policy, decisions),
    )


def covered_bp(points: Sequence[Point]) -> int:
    """How many of *points* are seen, in basis points rounded down; of none, all."""
    return sum(point.seen for point in points) * 10_000 // len(points) if points else 10_000


def _rules(policy: CompiledPolicy, lines: Sequence[Mapping[str, Any]]) -> Iterator[Point]:
    seen = {(str(line["rule"]), line["value"]) for line in lines if isinstance(line["value"], int)}
    for rule in policy.spec.eligibility:
        for answer in (True, False):
            yield Point("eligibility", rule.id, rule.id, _word(answer), (rule.id, answer) in seen)
    scored = {str(line["rule"]) for line in lines if line["value"] is not None}
    for part in policy.spec.scoring:
        yield Point("scoring", part.id, part.id, "calculated", part.id in scored)


def _parts(policy: CompiledPolicy, lines: Sequence[Mapping[str, Any]]) -> Iterator[Point]:
    """The operands that decide a rule, a score, a weight or a variable."""
    variables = dict(policy.expressions.variables)
    for name, formula in variables.items():
        yield from _operand_points(name, formula, [line["reads"] for line in lines if name in line["reads"]])
    for rule, formula in formulas_of(policy).items():
        yield from _operand_points(rule, formula, [line["reads"] for line in lines if line["rule"] == rule])


def _operand_points(rule: str, formula: Checked, reads: Sequence[Mapping[str, Any]]) -> Iterator[Point]:
    operands = list(_operands(formula.ast["body"]))
    if not operands:
        return
    seen: dict[int, list[Any]] = {}
    for read in reads:
        for number, values in steps_of(formula, read)[0].items():
            seen.setdefault(number, []).extend(values)
    for node in operands:
        start, end = node["span"]
        for answer in (True, False):
            text = plain(formula.text[start:end])
            yield Point("part", rule, text, _word(answer), answer in seen.get(node["id"], []))


def _operands(node: Node) -> Iterator[Node]:
    """The parts within *node* that decide something; a literal has one answer only."""
    if node["kind"] == "call" and node["function"] in DECIDING:
        deciding = node["args"][:1] if node["function"] == "_?_:_" else node["args"]
        yield from (part for part in deciding if part["kind"] != "literal" and not _decides(part))
    for child in children(node):
        yield from _operands(child)


def _decides(node: Node) -> bool:
    """Whether the operands of *node* count themselves."""
    return node["kind"] == "call" and node["function"] in ("_&&_", "_||_")


def _outcomes(policy: CompiledPolicy, decisions: Sequence[Decision]) -> Iterator[Point]:
    """What a selection may come to; above the ceiling only where the policy has one."""
    seen = [decision.outcome for decision in decisions]
    has_ceiling = getattr(policy.spec.select, "ceiling", None) is not None
    for outcome in DecisionOutcome:
        if outcome is not DecisionOutcome.ABOVE_CEILING or has_ceiling:
            method = policy.spec.select.method
            yield Point("outcome", method, method, outcome.value, outcome in seen)


def _numbers(policy: CompiledPolicy, decisions: Sequence[Decision]) -> Iterator[Point]:
    """How many members an award may go to, where the policy may select several."""
    fewest, most = fewest_members(policy.spec.select), most_members(policy.spec.select)
    seen = [len(decision.selected) for decision in decisions]
    method = policy.spec.divide.method
    for count in range(fewest, most + 1) if most > 1 else ():
        yield Point("members", method, method, f"for {count} members", count in seen)


def _word(answer: bool) -> str:
    return str(answer).lower()

"""What the cases of a policy show of it: both answers of every rule and of every part in it, and every outcome."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from contracts.decision import Decision, DecisionOutcome
from rules.check import Checked
from rules.divide.measures import line_name
from rules.explain.why import formulas_of, plain, steps_of, variables_of
from rules.policy import CompiledPolicy
from rules.select.methods import Optimise, fewest_members, most_members
from rules.table.compile import CompiledTable
from rules.table.faults import DEFAULT
from rules.tree import Node, children

DECIDING = ("_&&_", "_||_", "_?_:_")
"""Functions that may leave a part out, or to which a part makes no difference."""


@dataclass(frozen=True)
class Point:
    """
    One thing that cases can show, and whether one of them does.

    ``kind`` is ``eligibility``, ``scoring``, ``part``, ``outcome``, ``members`` or ``row``; ``answer`` is what is to be
    seen of ``subject``, the rule, row, method or part of an expression.
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


def coverage(policy: CompiledPolicy, decisions: Sequence[Decision], guards: str | None = None) -> tuple[Point, ...]:
    """
    Return every point of *policy*, in the order of the file, as the *decisions* of its cases show it.

    Where the cases are about a guard set that it includes, named in *guards*, the points are those of that set.

    Of ``&&``, ``||`` and ``? :`` each operand must be seen true and false; an operand that is left out because the
    other decided is not seen at all. What the cases never come to is not executed to find out.
    """
    lines = [line for decision in decisions for line in decision.trace if line.get("applies", True)]
    shared = next((each for each in policy.guards if each.name == guards), None)
    if shared is not None:
        ids = [rule.id for rule in shared.rules]
        return (*_answers(ids, lines), *_parts(policy, ids, lines))
    own = [rule.id for rule in policy.spec.eligibility]
    scored = [rule.id for rule in policy.spec.scoring]
    divided = [line_name(asked.path) for asked, _ in policy.expressions.division]
    return (
        *_answers(own, lines),
        *_calculated(scored, lines),
        *_parts(policy, [*own, *scored, *divided], lines),
        *_outcomes(policy, decisions),
        *_numbers(policy, decisions),
    )


def covered_bp(points: Sequence[Point]) -> int:
    """How many of *points* are seen, in basis points rounded down; of none, all."""
    return sum(point.seen for point in points) * 10_000 // len(points) if points else 10_000


def table_coverage(table: CompiledTable, rows: Sequence[str]) -> tuple[Point, ...]:
    """Return a point for each row of *table*, and for its default, where *rows* are those that its cases show."""
    listed = [*(row.id for row in table.spec.rows), *([DEFAULT] if table.spec.default is not None else [])]
    return tuple(Point("row", row, f"row {row}", "matched", row in rows) for row in listed)


def _answers(rules: Sequence[str], lines: Sequence[Mapping[str, Any]]) -> Iterator[Point]:
    seen = {(str(line["rule"]), line["value"]) for line in lines if isinstance(line["value"], int)}
    for rule in rules:
        for answer in (True, False):
            yield Point("eligibility", rule, rule, _word(answer), (rule, answer) in seen)


def _calculated(rules: Sequence[str], lines: Sequence[Mapping[str, Any]]) -> Iterator[Point]:
    scored = {str(line["rule"]) for line in lines if line["value"] is not None}
    for rule in rules:
        yield Point("scoring", rule, rule, "calculated", rule in scored)


def _parts(policy: CompiledPolicy, rules: Sequence[str], lines: Sequence[Mapping[str, Any]]) -> Iterator[Point]:
    """The operands that decide one of *rules*, or a variable that they may use."""
    for name, formula in variables_of(policy, rules[0] if rules else "").items():
        yield from _operand_points(name, formula, [line["reads"] for line in lines if name in line["reads"]])
    formulas = formulas_of(policy)
    for rule in rules:
        if rule in formulas:
            reads = [line["reads"] for line in lines if line["rule"] == rule]
            yield from _operand_points(rule, formulas[rule], reads)


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
    """What a selection may come to; above the ceiling, or infeasible, only where the method can."""
    seen = [decision.outcome for decision in decisions]
    can = {
        DecisionOutcome.ABOVE_CEILING: getattr(policy.spec.select, "ceiling", None) is not None,
        DecisionOutcome.INFEASIBLE: isinstance(policy.spec.select, Optimise),
    }
    for outcome in DecisionOutcome:
        if can.get(outcome, True):
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

"""How an expression came to its value: from what a rule has read, part by part, down to the inputs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from rules.check import Checked
from rules.divide.measures import line_name
from rules.evaluate import Budget, EvaluationError, Step, evaluate
from rules.policy import CompiledPolicy
from rules.tree import Node, children

Steps = dict[int, list[Any]]
"""The values that each part of an expression had, by the part's id; a part within a macro has one for each item."""


@dataclass(frozen=True)
class Why:
    """One part of an expression, what it came to, and the parts that made it so; with an ``error`` it has no value."""

    text: str
    value: Any
    because: tuple[Why, ...] = ()
    error: str = ""

    @property
    def is_input(self) -> bool:
        """Whether the value was simply read."""
        return not self.because and not self.error

    def as_document(self) -> dict[str, Any]:
        """Return the same as JSON values; what is empty is left out."""
        rest = {"because": [part.as_document() for part in self.because], "error": self.error}
        return {"text": self.text, "value": self.value, **{name: value for name, value in rest.items() if value}}


def steps_of(formula: Checked, reads: Mapping[str, Any]) -> tuple[Steps, str]:
    """Evaluate *formula* on what it has read, by dotted path; return the value of every part, and the error if any."""
    trace: list[Step] = []
    error = ""
    try:
        evaluate(formula.ast, bound(reads), Budget(), trace)
    except EvaluationError as failure:
        error = failure.message
    steps: Steps = {}
    for step in trace:
        steps.setdefault(step.id, []).append(step.value)
    return steps, error


def bound(reads: Mapping[str, Any]) -> dict[str, Any]:
    """Return *reads*, values by dotted path, as the bindings that an expression is evaluated on."""
    bindings: dict[str, Any] = {}
    for path in sorted(reads):
        *through, last = path.split(".")
        here = bindings
        for step in through:
            inner = here.get(step)
            here[step] = dict(inner) if isinstance(inner, Mapping) else {}
            here = here[step]
        here[last] = reads[path]
    return bindings


def why(formula: Checked, reads: Mapping[str, Any], variables: Mapping[str, Checked]) -> Why:
    """
    Say how *formula* came to its value on what it has read; *variables* are told in their turn.

    Of a conjunction that is false only the parts that are false count, of a disjunction that is true those that are
    true: the others would have changed nothing.
    """
    lost = [why(variables[name], reads, variables) for name in formula.reads if name in variables and name not in reads]
    if lost:
        return Why(plain(formula.text), None, tuple(lost), lost[0].error)
    steps, error = steps_of(formula, reads)
    telling = _Telling(formula.text, steps, reads, variables)
    found = telling.part(formula.ast["body"])
    if found is None or error:
        return Why(plain(formula.text), None, tuple(telling.evaluated(formula.ast["body"])), error)
    return found


def formulas_of(policy: CompiledPolicy) -> dict[str, Checked]:
    """The expressions that leave a line in the trace of a decision, by the rule's name in it."""
    expressions = policy.expressions
    found = {rule.id: rule.require for guards in policy.guards for rule in guards.rules}
    found |= {rule.id: rule.require for rule in expressions.eligibility}
    found |= {rule.id: rule.score for rule in expressions.scoring}
    return found | {line_name(asked.path): formula for asked, formula in expressions.division}


def reasons(policy: CompiledPolicy, line: Mapping[str, Any]) -> Why | None:
    """Say how one *line* of a decision's trace came about; nothing where the line is of no expression."""
    if line.get("applies") is False:
        return _passed_over(policy, line)
    rule = str(line.get("rule"))
    formula = formulas_of(policy).get(rule) or policy.expressions.select.get(rule.removeprefix("select."))
    variables = variables_of(policy, rule)
    return None if formula is None else why(formula, line.get("reads", {}), variables)


def _passed_over(policy: CompiledPolicy, line: Mapping[str, Any]) -> Why | None:
    """Why a guard was put to nobody: its condition, which is about the contract and knows no variables."""
    conditions = {rule.id: rule.when for guards in policy.guards for rule in guards.rules}
    when = conditions.get(str(line.get("rule")))
    return None if when is None else why(when, line.get("reads", {}), {})


def variables_of(policy: CompiledPolicy, rule: str) -> dict[str, Checked]:
    """The calculated variables that *rule* may use: a guard has those of its set. One of a table is simply read."""
    own = [each.variables for each in policy.guards if any(guard.id == rule for guard in each.rules)]
    listed = own[0] if own else policy.expressions.variables
    return {name: source for name, source in (*listed.always, *listed.quoted) if isinstance(source, Checked)}


def plain(text: str) -> str:
    """The text of an expression on one line."""
    return " ".join(text.split())


@dataclass(frozen=True)
class _Telling:
    """One evaluated expression, told from the whole to its parts."""

    text: str
    steps: Steps
    reads: Mapping[str, Any]
    variables: Mapping[str, Checked]

    def part(self, node: Node) -> Why | None:
        """*node* and what made it so; nothing if it was not evaluated, or is a literal or a record."""
        values = self.steps.get(node["id"])
        if not values:
            return None
        if node["kind"] == "name" and node["name"] in self.variables:
            return self._variable(node["name"], values[-1])
        return Why(self._excerpt(node), values[-1], tuple(self._because(node, values[-1])))

    def evaluated(self, node: Node) -> Iterator[Why]:
        """The parts of *node* that have a value, where the whole has none."""
        for child in children(node):
            found = self.part(child)
            if found is not None:
                yield found
            else:
                yield from self.evaluated(child)

    def _excerpt(self, node: Node) -> str:
        start, end = node["span"]
        return plain(self.text[start:end])

    def _variable(self, name: str, value: Any) -> Why:
        inner = why(self.variables[name], self.reads, {k: v for k, v in self.variables.items() if k != name})
        return Why(name, value, (inner,))

    def _because(self, node: Node, value: Any) -> Iterator[Why]:
        if node["kind"] in ("name", "select", "has"):
            return
        if node["kind"] == "macro":
            yield from self._of_items(node)
            return
        found = [part for child in children(node) if (part := self.part(child)) is not None]
        deciding = {"_&&_": False, "_||_": True}.get(node.get("function", ""))
        yield from (part for part in found if deciding is None or value is not deciding or part.value is deciding)

    def _of_items(self, node: Node) -> Iterator[Why]:
        """A macro: its list, and what its test and its result came to, item by item."""
        over = self.part(node["over"])
        if over is not None:
            yield over
        for name in ("test", "each"):
            inner = node.get(name)
            if inner is not None and self.steps.get(inner["id"]):
                yield Why(self._excerpt(inner), list(self.steps[inner["id"]]))

"""Cases: sentences about a policy or a table, each with given facts and what must come of them."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from contracts.calendar import epoch_day
from contracts.decision import ApprovalNeed, Decision
from contracts.errors import AllianceError, Invalid
from contracts.facts import Facts
from rules.authority import CompiledAuthority, approvals_needed
from rules.decide import decide
from rules.documents.cases import Case, Expectation, PolicyTest, TableTestSpec
from rules.documents.kinds import policy_shelf
from rules.library import Library
from rules.parse import parsed
from rules.policy import CompiledPolicy
from rules.source import Source, read
from rules.table.cases import answered, differences
from rules.table.compile import CompiledTable


@dataclass(frozen=True)
class CaseResult:
    """
    How one case went: nothing different, or each difference between what was expected and what came.

    Of a policy there is the decision, of a table (whose name ``policy`` is then) the ids of the rows.
    """

    policy: str
    case: str
    file: str
    line: int
    differences: tuple[str, ...]
    decision: Decision | None = None
    rows: tuple[str, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether what came is what was expected."""
        return not self.differences


def run(test_text: str, books: Mapping[str, str], file: str = "cases.yaml") -> tuple[CaseResult, ...]:
    """
    Run the cases in *test_text* with the policies and tables in *books* (text by path).

    Raises:
        RuleProblems: If the cases or the books have problems.
        UnknownName: If the policy or table, or a file it needs, is not in force on the decision day.
    """
    source = read(test_text, file)
    spec = parsed(source, PolicyTest).spec
    library, day = Library.of(books), epoch_day(spec.decision_day)
    if isinstance(spec, TableTestSpec):
        table = library.table(spec.table, day)
        return tuple(_consulted(source, table, spec, index) for index in range(len(spec.cases)))
    policy = library.policy(spec.policy, day, policy_shelf(spec.mode))
    matrix = library.authority(spec.authority, day) if spec.authority else None
    given = {**source.data["spec"]["given"], "decision_day": spec.decision_day}
    return tuple(_result(source, policy, matrix, given, index, case) for index, case in enumerate(spec.cases))


def changed(given: Mapping[str, Any], change: Mapping[str, Any]) -> dict[str, Any]:
    """
    Return *given* with each dotted path of *change* set; ``candidates.LGWY.quote`` names the candidate by its code.

    A null in place of a candidate takes it away.

    Raises:
        Invalid: If a path leads through something that is not there.
    """
    facts: dict[str, Any] = copy.deepcopy(dict(given))
    for path, value in change.items():
        *through, last = path.split(".")
        if through == ["candidates"] and value is None:
            facts["candidates"].remove(_step(facts["candidates"], last, path))
            continue
        here: Any = facts
        for step in through:
            here = _step(here, step, path)
        if not isinstance(here, dict):
            raise Invalid(f"set {path}: there is nothing to set there")
        here[last] = value
    return facts


def _step(here: Any, step: str, path: str) -> Any:
    if isinstance(here, list):
        found = [each for each in here if each["member"]["code"] == step]
        if found:
            return found[0]
    elif isinstance(here, dict):
        return here.setdefault(step, {})
    raise Invalid(f"set {path}: no {step!r} there")


def _result(
    source: Source,
    policy: CompiledPolicy,
    matrix: CompiledAuthority | None,
    given: Mapping[str, Any],
    index: int,
    case: Case,
) -> CaseResult:
    line = source.at(("spec", "cases", index, "case")).line
    try:
        facts = _facts(changed(given, case.change))
        decision = decide(policy, facts)
        needs = approvals_needed(matrix, facts, decision) if matrix else ()
    except AllianceError as error:
        return CaseResult(policy.name, case.case, source.file, line, (error.message,))
    differences = tuple(_differences(case.expect, decision, needs))
    return CaseResult(policy.name, case.case, source.file, line, differences, decision)


def _consulted(source: Source, table: CompiledTable, spec: TableTestSpec, index: int) -> CaseResult:
    """How one case of a table went."""
    case, line = spec.cases[index], source.at(("spec", "cases", index, "case")).line
    try:
        answer = answered(table, changed(spec.given, case.change), epoch_day(spec.decision_day))
    except AllianceError as error:
        return CaseResult(table.name, case.case, source.file, line, (error.message,))
    found = tuple(differences(case.expect, answer))
    return CaseResult(table.name, case.case, source.file, line, found, rows=answer.rows)


def _facts(data: Mapping[str, Any]) -> Facts:
    try:
        return Facts.model_validate_json(json.dumps(data), strict=True, extra="forbid")
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(str(step) for step in first["loc"])
        raise Invalid(f"the changed facts do not fit: {place}: {first['msg']}") from None


def _differences(expect: Expectation, decision: Decision, needs: Sequence[ApprovalNeed]) -> Iterator[str]:
    """One line for each field that the case names and that came out otherwise."""
    came = _summary(decision, needs)
    for field, expected in expect.model_dump(mode="json", exclude_none=True).items():
        if expected != came[field]:
            yield f"{field}: expected {json.dumps(expected)}, came {json.dumps(came[field])}"


def _summary(decision: Decision, needs: Sequence[ApprovalNeed]) -> dict[str, Any]:
    """The decision in the words of an expectation."""
    approvals: dict[str, int] = {}
    for need in needs:
        approvals[need.role] = approvals.get(need.role, 0) + need.count
    fees: dict[str, dict[str, int]] = {}
    for fee in decision.fees:
        fees.setdefault(fee.level, {})[fee.payer] = fee.amount_fen
    return {
        "policy": decision.policy.name,
        "outcome": decision.outcome.value,
        "eligible": list(decision.eligible),
        "excluded": {code: [why.rule for why in reasons] for code, reasons in decision.excluded.items()},
        "waived": {code: [waiver.rule for waiver in waivers] for code, waivers in decision.waived.items()},
        "scores": {code: score.total_bp for code, score in decision.scores.items()},
        "ranking": list(decision.ranking),
        "selected": list(decision.selected),
        "shares": {share.member: share.amount_fen for share in decision.shares},
        "fees": fees,
        "amount_fen": decision.amount_fen,
        "queue_turns": list(decision.queue_turns),
        "approvals": approvals,
    }

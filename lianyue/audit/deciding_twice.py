"""Deciding a second time with Google's engine in the place of ours, wherever a policy has an expression."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from activities.deciding import DecideRequest, DecisionRecord, compiled, compiled_authority
from activities.quoting import Screened, ScreenRequest
from contracts.approval import ApprovalPlan
from contracts.decision import DecisionOutcome
from contracts.errors import AllianceError
from contracts.service_contract import RulePins
from lianyue.audit.checks import Check, Ground
from lianyue.audit.evidence import Done
from lianyue.audit.making import making
from lianyue.audit.reference import NAME, by_reference
from rules.authority import CompiledAuthority, approval_plan
from rules.decide import ENGINE, decide, screen
from rules.difference import differing_fields
from rules.policy import CompiledPolicy

ENGINES = (ENGINE,)
"""The engines by whose name a decision can be decided again with this release."""

_kept: dict[tuple[str, ...], Any] = {}


def engines_known(done: Iterable[Done]) -> list[Check]:
    """
    Every decision was made by an engine that this release has, so that it was decided again by the very same.

    Behind a portfolio's stands the solver that found its award; that of this release is asked again.
    """
    named = {each.answered(DecisionRecord).decision.engine for each in done if each.name in ("decide", "take_up")}
    unknown = sorted(each for each in named if each.partition("; ")[0] not in ENGINES)
    detail = f"this release cannot decide as {', '.join(unknown)} did" if unknown else ", ".join(sorted(named))
    return [Check(name="engine", ok=not unknown, detail=detail)]


def decided_by_reference(ground: Ground, done: Iterable[Done]) -> list[Check]:
    """Screen, decide and plan the approvals again, all expressions by Google's engine."""
    again = {"screen": _screened, "decide": _decided}
    checks = []
    for each in done:
        if each.name in again:
            name = f"reference {each.name} {each.workflow_id}@{each.event}"
            try:
                difference = again[each.name](ground, each)
            except AllianceError as error:
                difference = error.message
            checks.append(Check(name=name, ok=not difference, detail=difference or _engine()))
    return checks


def _screened(ground: Ground, done: Done) -> str:
    asked, answered = done.asked(ScreenRequest), done.answered(Screened)
    again = screen(_policy(ground, asked.pins), answered.facts)
    return _told(differing_fields(again, answered.screening))


def _decided(ground: Ground, done: Done) -> str:
    asked, answered = done.asked(DecideRequest), done.answered(DecisionRecord)
    again = decide(_policy(ground, asked.pins), answered.facts)
    if fields := differing_fields(again, answered.decision):
        return _told(fields)
    if answered.decision.outcome is not DecisionOutcome.AWARDED:
        return ""
    old = answered.approvals
    new = approval_plan(_authority(ground, asked.pins), answered.facts, answered.decision, old.signers, asked.starter)
    return _told([name for name in ApprovalPlan.model_fields if getattr(new, name) != getattr(old, name)])


def _told(fields: Iterable[str]) -> str:
    listed = ", ".join(fields)
    return f"with the expressions evaluated by {_engine()}, these differ: {listed}" if listed else ""


@lru_cache(maxsize=1)
def _engine() -> str:
    return f"{NAME} by {making().engine}; selection and division by {ENGINE}"


def _policy(ground: Ground, pins: RulePins) -> CompiledPolicy:
    key = ("policy", pins.policy, pins.params, pins.types, *pins.parts)
    if key not in _kept:
        _kept[key] = by_reference(compiled(ground.records, pins))
    found: CompiledPolicy = _kept[key]
    return found


def _authority(ground: Ground, pins: RulePins) -> CompiledAuthority:
    key = ("authority", pins.authority, pins.params, pins.types)
    if key not in _kept:
        _kept[key] = by_reference(compiled_authority(ground.records, pins))
    found: CompiledAuthority = _kept[key]
    return found

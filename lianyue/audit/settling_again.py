"""Settling and drafting again: what was payable for each instalment, and what each rating came to."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from activities.delivering import SettleRequest, settlement_line
from activities.packs import pinned_pack
from activities.reviewing import Drafted, DraftRequest, draft_reviews
from contracts.agreement import Agreement, AgreementVersion
from contracts.delivery import SettlementLine
from contracts.errors import AllianceError
from lianyue.audit.checks import Check, Ground
from lianyue.audit.evidence import Done
from lianyue.audit.views import Told
from rules.difference import differing_fields


def settled_again(ground: Ground, told: Told) -> list[Check]:
    """Settle every instalment and weigh every rating again, by the pinned pack and the plan that was in force."""
    plans = {
        version.agreement.version: version.agreement
        for each in told.done
        if each.name in ("draw_up", "amend")
        for version in [each.answered(AgreementVersion)]
    }
    checks = []
    for each in told.done:
        if each.name == "settle":
            checks.append(_checked(each, lambda done: _settled(ground, plans, done)))
        elif each.name == "draft":
            checks.append(_checked(each, lambda done: _drafted(ground, done)))
    return checks


def _checked(done: Done, again: Callable[[Done], str]) -> Check:
    try:
        difference = again(done)
    except AllianceError as error:
        difference = error.message
    return Check(name=f"{done.name} {done.workflow_id}@{done.event}", ok=not difference, detail=difference)


def _settled(ground: Ground, plans: dict[int, Agreement], done: Done) -> str:
    asked, line = done.asked(SettleRequest), done.answered(SettlementLine)
    plan = plans.get(line.plan_version)
    agreed = plan.lines_planned().get((asked.member, asked.milestone)) if plan else None
    if plan is None or agreed is None:
        return f"no version {line.plan_version} agrees on {asked.milestone} of {asked.member}"
    again = settlement_line(asked, agreed, plan, pinned_pack(ground.records, asked.pins.pack))
    return _differs(differing_fields(again, line))


def _drafted(ground: Ground, done: Done) -> str:
    asked, drafted = done.asked(DraftRequest), done.answered(Drafted)
    again = Drafted(reviews=draft_reviews(asked, pinned_pack(ground.records, asked.pins.pack)))
    return _differs(differing_fields(again, drafted))


def _differs(fields: Iterable[str]) -> str:
    listed = ", ".join(fields)
    return f"worked out again, these differ: {listed}" if listed else ""

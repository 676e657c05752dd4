"""How a contract was awarded: every decision with its charts and reasons, and what other rules would have said."""

from __future__ import annotations

from typing import Annotated, Any, NamedTuple
from uuid import uuid4

from fastapi import APIRouter, Form
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from contracts.calendar import iso_day
from contracts.decision import ExclusionReason
from contracts.errors import AllianceError
from contracts.task import MemberTask, TaskKind
from contracts.value import Json
from lianyue.access.errors import NotThere
from lianyue.access.views import DecisionSeen, OwnReason
from lianyue.portal import charts
from lianyue.portal.answers import status_of
from lianyue.portal.pages.visit import Here, PageRoute, Visit
from lianyue.records.kept import KeptDecision
from rules.explain.shown import points

router = APIRouter(route_class=PageRoute, include_in_schema=False)

TALLEST, LOWEST = 300, 90
"""Of the bands of a flow chart: one alone needs little room."""


class Approval(NamedTuple):
    """A task of approving, with what the reader may do about it."""

    task: MemberTask
    may_submit: bool
    may_decline: bool
    request_id: str


class DecisionShown(NamedTuple):
    """A decision as it is drawn."""

    occurrence: int
    decision_day: str
    outcome: str
    policy: Any
    flow: charts.Flow | None
    flow_source: str
    bars: charts.Bars | None
    excluded: list[tuple[str, ExclusionReason | OwnReason]]
    fees: tuple[Any, ...]
    reasons: list[tuple[str, list[str]]]
    again: bool | None
    own_score: str


@router.get("/contracts/{number}/allocation")
async def allocation(visit: Here, number: str) -> Response:
    """Show every decision with its charts and reasons, the last first."""
    return await run_in_threadpool(_allocation, visit, number)


@router.post("/contracts/{number}/allocation")
def what_if(
    visit: Here,
    number: str,
    policy: Annotated[str, Form(max_length=80)] = "",
    text: Annotated[str, Form(max_length=200_000)] = "",
) -> Response:
    """Show what another edition would have decided; nothing is written."""
    try:
        told = visit.rulings.what_if(number, policy, text.strip(), "", visit.language)
    except NotThere:
        raise
    except AllianceError as error:
        return _allocation(visit, number, problems=(error.message,), typed=text, status=status_of(error))
    return _allocation(visit, number, other=told, typed=text)


def _allocation(
    visit: Visit,
    number: str,
    *,
    other: Json | None = None,
    problems: tuple[str, ...] = (),
    typed: str = "",
    status: int = 200,
) -> Response:
    decisions = visit.scope.decisions(number)
    explained = visit.rulings.explain(number, visit.language) if decisions and visit.viewer.oversees else ()
    by_place = {each["occurrence"]: each for each in explained}
    shown = [_decision(visit, number, each, by_place.get(each.occurrence)) for each in decisions]
    return visit.show(
        "allocation.html",
        status,
        summary=visit.summary(number),
        decisions=list(reversed(shown)),
        approvals=_approvals(visit, number),
        policies=_policies(visit) if decisions and visit.viewer.oversees else [],
        other=other,
        typed=typed,
        problems=problems,
    )


def _policies(visit: Visit) -> list[str]:
    """The editions of policies that may decide again, as they are named."""
    kept = [each for each in visit.scope.editions() if each.kind == "AllocationPolicy"]
    return [f"{each.name}@{iso_day(each.effective_from_day)}" for each in kept]


def _approvals(visit: Visit, number: str) -> list[Approval]:
    waiting = [task for task in visit.scope.contract(number).open_tasks if task.kind is TaskKind.APPROVE]
    found = []
    is_starter = visit.summary(number).started_by == visit.viewer.user
    for task in waiting:
        may = () if is_starter else visit.scope.task_page(task.id).may
        found.append(Approval(task, "submit" in may, "decline" in may, str(uuid4())))
    return found


def _decision(visit: Visit, number: str, seen: KeptDecision | DecisionSeen, told: Any) -> DecisionShown:
    if isinstance(seen, DecisionSeen):
        own = [(visit.viewer.company, reason) for reason in seen.excluded_because]
        score = _score(visit, seen.score.total_bp) if seen.score else ""
        return _shown(visit, number, seen, seen.decision_day, own, {}, told, score)
    decision = seen.decision
    excluded = [(member, why) for member, whys in decision.excluded.items() for why in whys]
    scores = {code: decision.scores[code].parts for code in decision.ranking if code in decision.scores}
    return _shown(visit, number, seen, seen.facts.decision_day, excluded, scores, told, "")


def _shown(
    visit: Visit,
    number: str,
    seen: KeptDecision | DecisionSeen,
    day: str,
    excluded: list[Any],
    scores: dict[str, dict[str, int]],
    told: Any,
    own_score: str,
) -> DecisionShown:
    decision = seen.decision if isinstance(seen, KeptDecision) else seen
    source, flows = _flows(visit, number, decision)
    titles = _rule_titles(told)
    bars = {
        visit.name(code): {titles.get(rule, rule): part for rule, part in found.items()}
        for code, found in scores.items()
    }
    return DecisionShown(
        occurrence=seen.occurrence,
        decision_day=day,
        outcome=decision.outcome.value,
        policy=decision.policy,
        flow=charts.flow(flows, TALLEST if len(flows) > 1 else LOWEST),
        flow_source=source,
        bars=charts.bars(bars),
        excluded=excluded,
        fees=decision.fees,
        reasons=_reasons(told),
        again=told["again"]["equal"] if told else None,
        own_score=own_score,
    )


def _flows(visit: Visit, number: str, decision: Any) -> tuple[str, list[tuple[str, str, int]]]:
    """By milestone where the document is drawn up and keeps to the decision, else out of the whole."""
    agreed = [
        each.agreement
        for each in visit.scope.agreements(number)
        if each.agreement.shares == decision.shares and each.agreement.total_fen == decision.amount_fen
    ]
    if agreed:
        titles, cells = visit.milestones(number), agreed[0].instalments
        ordered = sorted(cells, key=lambda cell: cell.due_day)
        return visit.say("节点"), [
            (titles.get(cell.milestone, cell.title), visit.name(cell.member), cell.amount_fen) for cell in ordered
        ]
    whole = visit.say("合同总额")
    return visit.say("来源"), [(whole, visit.name(share.member), share.amount_fen) for share in decision.shares]


def _rule_titles(told: Any) -> dict[str, str]:
    """What the scoring rules are called, as far as a legend has room."""
    found = told.get("titles", {}) if told else {}
    return {rule: title.partition("：")[0] for rule, title in found.items()}


def _reasons(told: Any) -> list[tuple[str, list[str]]]:
    """The explanation, by part, a paragraph each."""
    found: dict[str, list[str]] = {}
    for paragraph in told["explanation"] if told else ():
        found.setdefault(paragraph["title"], []).extend(paragraph["sentences"])
    return list(found.items())


def _score(visit: Visit, total_bp: int) -> str:
    return visit.say("%(points)s 分", points=points(total_bp))

"""One contract, part by part: what happened, who does how much and why, what was signed, delivered and reviewed."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, NamedTuple
from urllib.parse import urlencode
from uuid import uuid4

from fastapi import APIRouter, Form, Query
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from contracts.agreement import AgreementState
from contracts.calendar import iso_day
from contracts.decision import ExclusionReason
from contracts.delivery import SettlementLine
from contracts.errors import AllianceError, MalformedDocument
from contracts.organisation import Role
from contracts.service_contract import ENDED, Cancellation, Resumption, Suspension
from contracts.task import MemberTask, TaskKind
from contracts.value import SHORTEST_REASON, Json
from lianyue.access.errors import NotThere
from lianyue.access.views import ContractSeen, DecisionSeen, OwnReason, Told
from lianyue.portal import charts
from lianyue.portal.answers import status_of
from lianyue.portal.pages.visit import Here, PageRoute, Visit
from lianyue.portal.visitors import service_of
from lianyue.records.kept import KeptDecision
from rules.explain.shown import points

router = APIRouter(route_class=PageRoute, include_in_schema=False)

MILESTONES = (
    "registered", "specified", "quotes_opened", "quoted", "decided", "allocated", "approval_passed_on", "passed_over",
    "signed", "amended", "settled", "clawed_back", "delivered", "finalised", "reviewed", "suspended",
    "resumed", "cancellation_ordered", "cancelled", "failed",
)  # fmt: skip
"""What a reader in a hurry wants to know of."""
TALLEST, LOWEST = 300, 90
"""Of the bands of a flow chart: one alone needs little room."""
BODIES: dict[str, Any] = {"suspend": Suspension, "resume": Resumption, "cancel": Cancellation}
BAD = ("refused", "overdue", "escalated", "failed", "cancelled", "voided", "passed_over", "clawed_back", "expired")
GROUPS: dict[str, tuple[str, ...]] = {
    "quotes": ("excluded", "waived", "too_few_quotes", "quotes_opened", "quoted"),
    "award": ("decided", "approval_passed_on", "allocated", "passed_over"),
    "signing": ("signed_by", "voided", "signed", "amendment_proposed", "amended", "amendment_refused"),
    "delivery": ("delivered_by", "returned", "settled", "clawed_back", "delivered"),
    "reviews": ("not_rated", "drafted", "finalised", "reviewed"),
    "tasks": (
        "opened", "claimed", "submitted", "declined", "transferred", "delegated", "co_sign_asked", "given_back",
        "withdrawn", "reminded", "expired", "overdue", "escalated",
    ),
    "orders": ("suspended", "resumed", "cancellation_ordered", "cancelled", "refused"),
}  # fmt: skip
"""The kinds of happening that the timeline can be narrowed to."""


class Line(NamedTuple):
    """A happening on the timeline; ``weight`` is ``big``, ``bad`` or nothing."""

    place: int
    at: datetime
    sentence: str
    weight: str


class Pill(NamedTuple):
    """A choice of what the timeline shows."""

    label: str
    href: str
    is_here: bool


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


class Cell(NamedTuple):
    """An instalment or a claw-back with what became of it."""

    member: str
    title: str
    due_day: int | None
    agreed_fen: int
    line: SettlementLine | None


@router.get("/contracts/{number}")
def timeline(visit: Here, number: str, show: Annotated[str, Query(max_length=20)] = "milestones") -> Response:
    """Show what happened, and beside it what the contract is and what it waits for."""
    seen = visit.scope.contract(number)
    told = visit.scope.timeline(number, visit.language)
    return visit.show(
        "contract.html",
        live=number,
        summary=seen.summary,
        contract=seen.contract,
        shares=seen.shares,
        tasks=[(task, visit.now(number)) for task in seen.open_tasks],
        quotes=visit.scope.quotes(number),
        orders=_orders(visit, seen),
        informable=visit.overseers if visit.viewer.is_office else [],
        request_id=str(uuid4()),
        story=list(reversed([_line(place, each) for place, each in enumerate(told, start=1) if _shows(show, each)])),
        pills=_pills(visit, number, show, told),
    )


@router.post("/contracts/{number}/order")
async def order(
    visit: Here,
    number: str,
    verb: Annotated[str, Form(pattern="^(suspend|resume|cancel|copy)$")],
    reason: Annotated[str, Form(max_length=2_000)] = "",
    to: Annotated[list[str] | None, Form(max_length=20)] = None,
    request: Annotated[str, Form(alias="_request", max_length=60, pattern="^[!-~]*$")] = "",
) -> Response:
    """Give an order on a contract, or have people informed of it."""
    own_id = f"{request}-{verb}" if request else ""
    if verb == "copy":
        if not to:
            raise MalformedDocument(visit.say("请选择同事。"), where="to")
        await visit.acts.inform(number, to, own_id)
    else:
        if len(reason.strip()) < SHORTEST_REASON:
            raise MalformedDocument(visit.say("请写明理由，至少两个字。"), where="reason")
        await visit.acts.order(verb, number, BODIES[verb](reason=reason.strip()), own_id)
    return RedirectResponse(f"/contracts/{number}?done={'copy' if verb == 'copy' else 'order'}", 303)


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


@router.get("/contracts/{number}/agreement")
def agreement(visit: Here, number: str) -> Response:
    """Show the versions of the document, the last first."""
    say = visit.say
    states = {
        AgreementState.DRAWN_UP: say("已起草"),
        AgreementState.IN_FORCE: say("已生效"),
        AgreementState.VOIDED: say("已作废"),
        AgreementState.REPLACED: say("已替换"),
    }
    found = tuple(reversed(visit.scope.agreements(number)))
    titles = _milestones(visit, number)
    return visit.show(
        "agreement.html",
        summary=visit.summary(number),
        agreements=found,
        states=states,
        milestone=lambda code: titles.get(code, code),
        waiting=_signing(visit, number),
    )


@router.get("/contracts/{number}/agreement.pdf")
def document(visit: Here, number: str, version: Annotated[int, Query(ge=1, le=20)] = 1) -> Response:
    """Hand out a version of the document: with the signatures, once it is being signed."""
    pdf = service_of(visit.request).signed(visit.viewer, number, version)
    if pdf is None:
        pdf = visit.scope.document(number, version).pdf
    headers = {"Content-Disposition": f'attachment; filename="{number}-v{version}.pdf"'}
    return Response(pdf, media_type="application/pdf", headers=headers)


@router.get("/contracts/{number}/delivery")
def delivery(visit: Here, number: str) -> Response:
    """Show every instalment with its acceptance and its money."""
    rows, lines = _cells(visit, number), visit.scope.settlements(number)
    return visit.show(
        "delivery.html",
        live=number,
        summary=visit.summary(number),
        rows=rows,
        agreed_fen=sum(row.agreed_fen for row in rows),
        settled_fen=sum(line.agreed_fen for line in lines),
        deducted_fen=sum(line.deduction_fen for line in lines),
        payable_fen=sum(line.payable.gross_fen for line in lines),
    )


@router.get("/contracts/{number}/reviews")
def reviews(visit: Here, number: str) -> Response:
    """Show how the members were rated."""
    summary = visit.summary(number)
    pack = visit.scope.category(summary.category).pack
    kpis = {each.code: visit.titled(each) for each in pack.kpis}
    lines = {each.code: visit.titled(each) for each in pack.red_lines}
    return visit.show(
        "reviews.html",
        summary=summary,
        reviews=visit.scope.reviews(number),
        kpi=lambda code: kpis.get(code, code),
        red_line=lambda code: lines.get(code, code),
    )


# --- the timeline -----------------------------------------------------------------------------------------------


def _line(place: int, told: Told) -> Line:
    verb = told.happening.verb
    is_about_task = bool(told.happening.task)
    weight = "bad" if verb in BAD else "big" if verb in MILESTONES and not is_about_task else ""
    return Line(place, told.happening.on, told.sentence, weight)


def _shows(show: str, told: Told) -> bool:
    verb = told.happening.verb
    if show == "all":
        return True
    if show in GROUPS:
        return verb in GROUPS[show]
    task = told.happening.task.rpartition(":")[2]
    if task:
        return verb in ("submitted", "declined", "withdrawn") and task.startswith(("quote", "approve"))
    return verb in MILESTONES


def _pills(visit: Visit, number: str, show: str, told: tuple[Told, ...]) -> list[Pill]:
    say = visit.say
    labels = {
        "milestones": say("要事"), "all": say("每一件事"), "quotes": say("报价"), "award": say("分配"),
        "signing": say("签署"), "delivery": say("交付"), "reviews": say("评价"), "tasks": say("任务"),
        "orders": say("指令与拒绝"),
    }  # fmt: skip
    there = [key for key in labels if key not in GROUPS or any(_shows(key, each) for each in told)]
    at = show if show in labels else "milestones"
    return [Pill(labels[key], f"/contracts/{number}?{urlencode({'show': key})}", key == at) for key in there]


# --- the award --------------------------------------------------------------------------------------------------


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


def _orders(visit: Visit, seen: ContractSeen) -> list[tuple[str, str]]:
    """The orders that the reader may give now; a contract that has ended takes none."""
    if Role.COORDINATOR not in visit.viewer.roles or seen.summary.stage in ENDED:
        return []
    say = visit.say
    pause = ("resume", say("恢复合同")) if seen.summary.is_suspended else ("suspend", say("暂停合同"))
    return [pause, ("cancel", say("取消合同"))]


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


def _signing(visit: Visit, number: str) -> list[tuple[MemberTask, bool]]:
    """The open tasks of signing, with whether the reader may sign."""
    waiting = [task for task in visit.scope.contract(number).open_tasks if task.kind is TaskKind.SIGN]
    return [(task, "submit" in visit.scope.task_page(task.id).may) for task in waiting]


def _flows(visit: Visit, number: str, decision: Any) -> tuple[str, list[tuple[str, str, int]]]:
    """By milestone where the document is drawn up and keeps to the decision, else out of the whole."""
    agreed = [
        each.agreement
        for each in visit.scope.agreements(number)
        if each.agreement.shares == decision.shares and each.agreement.total_fen == decision.amount_fen
    ]
    if agreed:
        titles, cells = _milestones(visit, number), agreed[0].instalments
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


# --- delivery ---------------------------------------------------------------------------------------------------


def _cells(visit: Visit, number: str) -> list[Cell]:
    """The plan in force with the lines that were settled; a line that no plan names stands alone."""
    titles = _milestones(visit, number)
    lines = {(line.member, line.milestone): line for line in visit.scope.settlements(number)}
    agreements = [each for each in visit.scope.agreements(number) if each.state == AgreementState.IN_FORCE]
    cells = []
    for cell in agreements[-1].agreement.instalments if agreements else ():
        if visit.viewer.oversees or visit.viewer.company in (cell.member, agreements[-1].agreement.client):
            line = lines.pop((cell.member, cell.milestone), None)
            title = titles.get(cell.milestone, cell.title)
            cells.append(Cell(cell.member, title, cell.due_day, cell.amount_fen, line))
    rest = [
        Cell(line.member, titles.get(line.milestone, line.milestone), line.due_day, line.agreed_fen, line)
        for line in lines.values()
    ]
    return sorted(cells, key=lambda cell: (cell.due_day or 0, cell.member)) + rest


def _milestones(visit: Visit, number: str) -> dict[str, str]:
    pack = visit.scope.category(visit.summary(number).category).pack
    return {each.code: visit.titled(each) for each in pack.milestones}

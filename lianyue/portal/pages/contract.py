"""A contract on its own page: what happened, what it waits for, and what may be ordered."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, NamedTuple
from urllib.parse import urlencode
from uuid import uuid4

from fastapi import APIRouter, Form, Query
from starlette.responses import RedirectResponse, Response

from contracts.errors import MalformedDocument
from contracts.service_contract import ENDED, Cancellation, Resumption, Stage, Suspension
from contracts.value import SHORTEST_REASON
from lianyue.access.views import ContractSeen, Told
from lianyue.portal.pages.visit import Here, PageRoute, Visit

router = APIRouter(route_class=PageRoute, include_in_schema=False)

MILESTONES = (
    "registered", "specified", "quotes_opened", "quoted", "decided", "allocated", "approval_passed_on", "passed_over",
    "signed", "amended", "settled", "clawed_back", "delivered", "finalised", "reviewed", "suspended",
    "resumed", "cancellation_ordered", "cancelled", "failed",
)  # fmt: skip
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
        portfolio=seen.portfolio,
        shares=seen.shares,
        tasks=[(task, visit.now(number)) for task in seen.open_tasks],
        quotes=visit.scope.quotes(number),
        orders=_orders(visit, seen),
        may_amend=visit.viewer.coordinates and seen.summary.stage is Stage.SIGNED,
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


def _orders(visit: Visit, seen: ContractSeen) -> list[tuple[str, str]]:
    """The orders that the reader may give now; a contract that has ended takes none."""
    if not visit.viewer.coordinates or seen.summary.stage in ENDED:
        return []
    say = visit.say
    pause = ("resume", say("恢复合同")) if seen.summary.is_suspended else ("suspend", say("暂停合同"))
    return [pause, ("cancel", say("取消合同"))]

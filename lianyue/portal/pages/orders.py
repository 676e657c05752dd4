"""What a coordinator orders by a form: a contract that is to be started, a signed one that is to be amended."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated
from uuid import uuid4

from fastapi import APIRouter, Query
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from contracts.calendar import epoch_day, iso_day
from contracts.category import Category
from contracts.errors import AllianceError
from contracts.order_forms import Choices, Named, amending_form, starting_form
from contracts.organisation import CompanyKind
from contracts.service_contract import FIRST_DAY, LAST_DAY, Amendment
from contracts.value import Json
from lianyue.access.acts import contract_of
from lianyue.access.errors import NotThere
from lianyue.desk.starting import Started
from lianyue.portal.answers import status_of
from lianyue.portal.entries import read
from lianyue.portal.forms import form_of
from lianyue.portal.pages.sent import request_id, sent_with
from lianyue.portal.pages.visit import Here, PageRoute, Visit
from lianyue.portal.plain_words import said_of
from rules.forms import Violation, violations

router = APIRouter(route_class=PageRoute, include_in_schema=False)
POLICY = "AllocationPolicy"
AT_FIELD = {"already-started": "/number"}
"""Where a refusal belongs that names no place."""


@dataclass(frozen=True)
class Sheet:
    """A form with the category that it was made of, where it is sent, and the contract, if there is one yet."""

    schema: Json
    category: Category
    post_to: str
    number: str = ""


@router.get("/contracts/new")
def new(visit: Here, category: Annotated[str, Query(max_length=64)] = "") -> Response:
    """Show the form of a contract of *category*, else the categories to choose from; coordinators only."""
    _need_coordinator(visit)
    if not category:
        packs = [visit.scope.category(code).pack for code in visit.scope.categories()]
        return visit.show("new_contract.html", packs=packs)
    return _show(visit, _to_start(visit, category), {})


@router.post("/contracts/new")
async def start(visit: Here, request: Request, category: Annotated[str, Query(max_length=64)] = "") -> Response:
    """Start a contract; the same again is answered as the first time, and what does not fit is shown again."""
    _need_coordinator(visit)
    sheet, sent = await run_in_threadpool(_to_start, visit, category), await sent_with(request)
    if "_row" in sent:
        return await run_in_threadpool(_show, visit, sheet, sent, room_for=sent["_row"])
    content = read(sheet.schema, sent)
    faults = violations(sheet.schema, content) or _unfit_days(content)
    if faults:
        return await run_in_threadpool(_show, visit, sheet, sent, faults=faults, status=422)
    try:
        started = await visit.acts.start(contract_of({**content, "category": category}))
    except AllianceError as error:
        return await run_in_threadpool(_refused, visit, sheet, sent, error)
    return RedirectResponse(f"/contracts/{started.number}?done={_done(started)}", 303)


@router.get("/contracts/{number}/amend")
def change(visit: Here, number: str) -> Response:
    """Show the form of a change of a signed contract; coordinators only."""
    _need_coordinator(visit)
    return _show(visit, _to_amend(visit, number), {})


@router.post("/contracts/{number}/amend")
async def amend(visit: Here, request: Request, number: str) -> Response:
    """变更: propose a change; it is in force once every party has signed it."""
    _need_coordinator(visit)
    sheet, sent = await run_in_threadpool(_to_amend, visit, number), await sent_with(request)
    content = read(sheet.schema, sent)
    faults = violations(sheet.schema, content) or _changes_nothing(content)
    if faults:
        return await run_in_threadpool(_show, visit, sheet, sent, faults=faults, status=422)
    try:
        await visit.acts.order("amend", number, Amendment.model_validate(content), request_id(sent))
    except NotThere:
        raise
    except AllianceError as error:
        return await run_in_threadpool(_refused, visit, sheet, sent, error)
    return RedirectResponse(f"/contracts/{number}?done=order", 303)


def _need_coordinator(visit: Visit) -> None:
    if not visit.viewer.coordinates:
        raise NotThere("there is nothing here to be ordered")


def _to_start(visit: Visit, code: str) -> Sheet:
    category = visit.scope.category(code)
    return Sheet(starting_form(category, _choices(visit)), category, f"/contracts/new?category={code}")


def _to_amend(visit: Visit, number: str) -> Sheet:
    category = visit.scope.category(visit.summary(number).category)
    return Sheet(amending_form(category), category, f"/contracts/{number}/amend", number)


def _choices(visit: Visit) -> Choices:
    companies, today = visit.directory.companies, visit.grants.today()

    def of(kind: CompanyKind) -> tuple[Named, ...]:
        return tuple((each.code, each.name, each.name_en) for each in companies if each.kind is kind)

    in_force = [
        (each.name, iso_day(each.effective_from_day))
        for each in visit.scope.editions()
        if each.kind == POLICY and each.effective_from_day <= today < (each.effective_to_day or today + 1)
    ]
    return Choices(
        clients=of(CompanyKind.CLIENT),
        members=of(CompanyKind.MEMBER),
        parks=tuple((park, park, park) for park in sorted({park for each in companies for park in each.parks})),
        policies=tuple((name, f"{name}（{day} 版）", f"{name} ({day})") for name, day in sorted(in_force)),
    )


def _unfit_days(content: Json) -> tuple[Violation, ...]:
    """What is wrong with the days of the service that no field can say by itself."""
    first, last = epoch_day(content["starts_on"]), epoch_day(content["ends_on"])
    told = "服务期应在 1970 年至 2169 年之间", "The service lies between 1970 and 2169"
    days = {"/starts_on": first, "/ends_on": last}
    outside = tuple(Violation(place, *told) for place, day in days.items() if not FIRST_DAY <= day <= LAST_DAY)
    if outside or first <= last:
        return outside
    return (Violation("/ends_on", "服务期至少一天，终止日不能早于起始日", "The service ends before it starts"),)


def _changes_nothing(content: Json) -> tuple[Violation, ...]:
    if {"value_fen", "extend_days", "terms"} & set(content):
        return ()
    told = "请填写新的合同额、顺延天数或服务要求中的至少一项", "Give a new value, an extension or other terms"
    return (Violation("/value_fen", *told),)


def _done(started: Started) -> str:
    if not started.first:
        return "started_before"
    return "started_short" if started.warnings else "started"


def _show(
    visit: Visit,
    sheet: Sheet,
    typed: Mapping[str, str],
    *,
    faults: tuple[Violation, ...] = (),
    room_for: str = "",
    problem: str = "",
    status: int = 200,
) -> Response:
    return visit.show(
        "order.html",
        status,
        sheet=sheet,
        pack=sheet.category.pack,
        summary=visit.summary(sheet.number) if sheet.number else None,
        drawn=form_of(sheet.schema, visit.language, typed, faults, visit.signs(sheet.category), room_for),
        problem=problem,
        request_id=str(uuid4()),
    )


def _refused(visit: Visit, sheet: Sheet, sent: Mapping[str, str], error: AllianceError) -> Response:
    """Show what was typed, and why it was refused: at the field that the refusal names, else above the form."""
    place = AT_FIELD.get(error.code) or f"/{error.where.replace('.', '/')}"
    unknown_holder = visit.say("这条规则要求的持钥人不在联盟名录里，请另选规则，或请运维人先补名录。")
    said = unknown_holder if place == "/policy" else said_of(error, visit.language)
    status = status_of(error)
    if place.split("/")[1] in sheet.schema["properties"]:
        return _show(visit, sheet, sent, faults=(Violation(place, said, said),), status=status)
    return _show(visit, sheet, sent, problem=said, status=status)

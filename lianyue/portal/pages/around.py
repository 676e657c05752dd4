"""What stands around the work: the door, the search, and the settings."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Form, Query
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from contracts.calendar import epoch_day
from contracts.errors import AllianceError
from contracts.organisation import Company, CompanyKind, MandateScope
from lianyue.access.grants import granted
from lianyue.access.views import CompanySeen
from lianyue.portal.answers import status_of
from lianyue.portal.pages.visit import LANGUAGE_COOKIE, Here, PageRoute, Visit, language_of
from lianyue.portal.signing_in import local_path
from lianyue.portal.templating import page
from lianyue.portal.visitors import service_of, ways_of
from lianyue.records.kept import ContractSummary
from lianyue.settings import Language

router = APIRouter(route_class=PageRoute, include_in_schema=False)
MOST_FOUND = 30
MOST_SEARCHED = 5_000
A_YEAR = 365 * 24 * 3600
KINDS = (CompanyKind.OFFICE, CompanyKind.MEMBER, CompanyKind.CLIENT)


@router.get("/sign-in")
def door(request: Request, next: Annotated[str, Query(max_length=200)] = "/") -> Response:  # noqa: A002
    """Show the ways in; in development, everybody whom one may be."""
    ways, language = ways_of(request), language_of(request)
    people = service_of(request).sign_in.people() if ways.development else ()
    ordered = sorted(people, key=lambda found: KINDS.index(found[0].kind))
    companies = [(each.name_en if language == Language.EN else each.name, own) for each, own in ordered]
    html = page(
        "signin.html",
        language,
        companies=companies,
        provider="/sign-in/oidc" if ways.oidc else "",
        next=local_path(next),
        post_to="/sign-in",
        problem="",
    )
    return HTMLResponse(html)


@router.get("/search")
def search(visit: Here, q: Annotated[str, Query(max_length=100)] = "") -> Response:
    """Find contracts, tasks and companies by what they are called."""
    wanted = q.strip().casefold()
    return visit.show(
        "search.html",
        query=q.strip(),
        **_found(visit, wanted),
    )


@router.get("/settings")
def settings(visit: Here) -> Response:
    """Show what the reader may choose, who they are, and for whom and by whom they are stood in for."""
    return _settings(visit)


@router.post("/settings/mandates")
def hand_over(
    visit: Here,
    to: Annotated[str, Form(max_length=40)],
    first: Annotated[str, Form(max_length=10)],
    reason: Annotated[str, Form(max_length=2_000)],
    until: Annotated[str, Form(max_length=10)] = "",
    scope: Annotated[MandateScope, Form()] = MandateScope.TASKS,
) -> Response:
    """授权: hand tasks, or the authority to approve, over to a colleague."""
    try:
        days = {"from_day": epoch_day(first), "to_day": epoch_day(until) if until else None}
        own = {"principal": visit.viewer.user, "delegate": to, "reason": reason.strip(), "scope": scope}
        visit.grants.hand_over(granted({**own, **days}))
    except AllianceError as error:
        return _settings(visit, problem=error.message, status=status_of(error))
    return RedirectResponse("/settings?done=mandate", 303)


@router.post("/settings/mandates/{digest}/recall")
def recall(visit: Here, digest: str, reason: Annotated[str, Form(max_length=2_000)]) -> Response:
    """收回: end a mandate today."""
    try:
        visit.grants.recall(digest, visit.grants.today(), reason.strip())
    except AllianceError as error:
        return _settings(visit, problem=error.message, status=status_of(error))
    return RedirectResponse("/settings?done=recall", 303)


def _settings(visit: Visit, problem: str = "", status: int = 200) -> Response:
    me, grants = visit.viewer.user, visit.grants
    return visit.show(
        "settings.html",
        status,
        mandates=[each for each in grants.mandates() if me in (each.grant.principal, each.grant.delegate)],
        today=grants.today(),
        may_approve=visit.viewer.is_office,
        colleagues=visit.colleagues,
        problem=problem,
    )


@router.post("/settings")
def choose(
    request: Request,
    language: Annotated[Language, Form()],
    back: Annotated[str, Form(max_length=200)] = "/settings",
) -> Response:
    """Keep the language; it is no secret, and says nothing of who the reader is."""
    answer = RedirectResponse(local_path(back), 303)
    secure = ways_of(request).secure
    answer.set_cookie(LANGUAGE_COOKIE, language, max_age=A_YEAR, secure=secure, httponly=True, samesite="lax")
    return answer


def _found(visit: Visit, wanted: str) -> dict[str, Any]:
    if not wanted:
        return {"contracts": [], "portfolios": [], "tasks": [], "companies": []}
    lines = visit.portfolios.lines() if visit.viewer.oversees else ()
    found: dict[str, list[Any]] = {
        "contracts": [each for each in visit.scope.contracts(limit=MOST_SEARCHED) if _names(visit, each, wanted)],
        "portfolios": [each for each in lines if wanted in each.id or wanted in each.title.casefold()],
        "tasks": [each for each in visit.scope.tasks(limit=MOST_SEARCHED) if wanted in each.title.casefold()],
        "companies": [each for each in visit.directory.companies if _is_called(each, wanted)],
    }
    return {kind: each[:MOST_FOUND] for kind, each in found.items()}


def _names(visit: Visit, summary: ContractSummary, wanted: str) -> bool:
    words = (summary.number, summary.title, visit.name(summary.client), summary.client)
    return any(wanted in word.casefold() for word in words)


def _is_called(company: Company | CompanySeen, wanted: str) -> bool:
    return any(wanted in word.casefold() for word in (company.code, company.name, company.name_en))

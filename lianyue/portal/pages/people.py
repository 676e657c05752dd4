"""The alliance: its companies and people, and how the members stand in each category."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from contracts.organisation import Company, CompanyKind
from lianyue.access.errors import NotThere
from lianyue.portal.pages.visit import Here, PageRoute, Visit

router = APIRouter(route_class=PageRoute, include_in_schema=False)


@router.get("/alliance")
def directory(visit: Here) -> Response:
    """Show the companies by kind."""
    say = visit.say
    kinds = [
        (CompanyKind.OFFICE, say("联盟办公室")),
        (CompanyKind.MEMBER, say("全体成员单位")),
        (CompanyKind.CLIENT, say("全体委托方")),
    ]
    people: dict[str, list[str]] = {}
    for each in visit.directory.people:
        people.setdefault(each.company, []).append(each.user)
    return visit.show("alliance.html", companies=visit.directory.companies, kinds=kinds, people=people)


@router.get("/alliance/{code}")
def company(visit: Here, code: str) -> Response:
    """Show one company; its papers and capacities to itself and the office."""
    found = [each for each in visit.directory.companies if each.code == code]
    if not found:
        raise NotThere(f"there is no company {code!r}")
    papers, measures = _titles(visit)
    return visit.show(
        "company.html",
        company=found[0],
        people=[each for each in visit.directory.people if each.company == code],
        certificates=found[0].certificates if isinstance(found[0], Company) else None,
        certificate=lambda name: papers.get(name, name),
        measure=lambda name: measures.get(name, name),
    )


@router.get("/standings")
def standings(visit: Here, category: Annotated[str, Query(max_length=40)] = "") -> Response:
    """Show the standings of one category, the best first; equal scores share a place."""
    every = visit.scope.categories()
    asked = category if category in every else every[0]
    found = sorted(visit.scope.standings(asked), key=lambda each: (-each.score_bp, each.member))
    scores = [each.score_bp for each in found]
    rows = [(scores.index(each.score_bp) + 1, each) for each in found]
    return visit.show("standings.html", rows=rows, asked=asked, every_category=every)


def _titles(visit: Visit) -> tuple[dict[str, str], dict[str, str]]:
    """What certificates and measures are called in the packs."""
    papers: dict[str, str] = {}
    measures: dict[str, str] = {}
    for code in visit.scope.categories():
        pack = visit.scope.category(code).pack
        papers |= {each.code: visit.titled(each) for each in pack.certificates}
        measures |= {each.code: visit.titled(each) for each in pack.units}
    return papers, measures

"""The rules as published: which editions there are, what they say, and how two of them differ."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from contracts.calendar import iso_day
from contracts.value import Json
from lianyue.access.views import RuleText
from lianyue.casebook.precedents import Period
from lianyue.portal.pages.visit import Here, PageRoute, Visit
from lianyue.records.kept import Edition

router = APIRouter(route_class=PageRoute, include_in_schema=False)
AROUND = 3
"""Lines that stay around a difference."""


@router.get("/rules")
def books(visit: Here) -> Response:
    """List the editions by kind."""
    editions = visit.scope.editions()
    by_kind: dict[str, list[Edition]] = {}
    for each in editions:
        by_kind.setdefault(each.kind, []).append(each)
    kinds = list(_kinds(visit))
    books = sorted(by_kind.items(), key=lambda book: kinds.index(book[0]) if book[0] in kinds else len(kinds))
    comparable = [each for each in editions if each.kind not in ("CategoryForm", "CategoryPack")]
    return visit.show("rules.html", books=books, editions=comparable, kinds=_kinds(visit))


@router.get("/rules/diff")
def difference(
    visit: Here,
    a: Annotated[str, Query(max_length=80)] = "",
    b: Annotated[str, Query(max_length=80)] = "",
    since: Annotated[str, Query(max_length=10)] = "",
    until: Annotated[str, Query(max_length=10)] = "",
) -> Response:
    """Compare two editions line by line, and decide the decisions of a period by both."""
    before, after = visit.scope.edition(a), visit.scope.edition(b)
    changes = _changes(visit, before, after, Period.of(since or None, until or None))
    lines = list(compared(before.text, after.text))
    asked = {"since": since, "until": until}
    return visit.show("diff.html", before=before, after=after, lines=lines, changes=changes, asked=asked)


def _changes(visit: Visit, before: RuleText, after: RuleText, period: Period) -> Json | None:
    """What the one says otherwise than the other, and which decisions of *period* that changes; for overseers."""
    if not visit.viewer.oversees or {before.kind, after.kind} != {"AllocationPolicy"}:
        return None
    named = [f"{each.name}@{iso_day(each.effective_from_day)}" for each in (before, after)]
    return visit.rulings.compare(named[0], named[1], period, visit.language)


@router.get("/rules/{digest}")
def edition(visit: Here, digest: str) -> Response:
    """Show one edition."""
    rule = visit.scope.edition(digest)
    others = [each for each in visit.scope.editions() if each.name == rule.name and each.digest != digest]
    return visit.show("rule.html", rule=rule, others=others, kinds=_kinds(visit))


def compared(before: str, after: str) -> Iterator[tuple[str, str]]:
    """Yield the lines around every difference, marked ``+``, ``-`` or blank; ``…`` where lines are left out."""
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), n=AROUND, lineterm="")
    for place, line in enumerate(line for line in lines if not line.startswith(("---", "+++"))):
        if not line.startswith("@@"):
            yield line[:1], line[1:]
        elif place:
            yield "…", ""


def _kinds(visit: Visit) -> dict[str, str]:
    say = visit.say
    return {
        "AllocationPolicy": say("分配规则"),
        "ShadowPolicy": say("影子规则"),
        "ParameterSet": say("参数"),
        "DecisionTable": say("决策表"),
        "AuthorityMatrix": say("审批权限表"),
        "PolicyException": say("例外"),
        "GuardSet": say("护栏"),
        "TypeSet": say("词汇"),
        "CategoryPack": say("品类包"),
        "CategoryForm": say("品类表单"),
    }

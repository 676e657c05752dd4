"""The alliance: its directory, standings, oneself; and for overseers what was refused and what is archived."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import Field

from contracts.calendar import epoch_day
from contracts.review import Standing
from contracts.value import Authored
from lianyue.access.grants import granted, mandate_document
from lianyue.access.rulings import ArchivedHistory
from lianyue.access.viewer import Viewer
from lianyue.access.views import DirectorySeen
from lianyue.audit.checks import Check
from lianyue.portal.api.shapes import ROOT, Ending, HandingOver
from lianyue.portal.strict_json import StrictRoute
from lianyue.portal.visitors import Asking, Granting, Me, Seen
from lianyue.records.kept import RefusedAttempt

router = APIRouter(prefix=ROOT, tags=["alliance"], route_class=StrictRoute)
_one_audit = asyncio.Semaphore(1)
"""A replay keeps a core busy; they come one after another."""


class About(Authored):
    """What refusals are wanted of."""

    number: Annotated[str | None, Field(max_length=24)] = None


@router.get("/me")
def me(viewer: Me) -> Viewer:
    """我：Who is signed in."""
    return viewer


@router.get("/alliance")
def alliance(seen: Seen) -> DirectorySeen:
    """名录：The office, the companies and the people."""
    return seen.directory()


@router.get("/mandates")
def mandates(granting: Granting) -> dict[str, Any]:
    """查看授权：The mandates of one's company, past and revoked ones too; overseers see all."""
    return {"mandates": [mandate_document(each) for each in granting.mandates()]}


@router.post("/mandates", status_code=201)
def delegate(body: HandingOver, me: Me, granting: Granting) -> dict[str, Any]:
    """授权：Hand one's own authority to approve, or one's tasks while away, over to a colleague."""
    days = {"from_day": epoch_day(body.from_day), "to_day": epoch_day(body.until) if body.until else None}
    own = {"principal": me.user, "delegate": body.to, "reason": body.reason, "scope": body.scope}
    return mandate_document(granting.hand_over(granted({**own, **days})))


@router.post("/mandates/{digest}/recall")
def recall(digest: str, body: Ending, granting: Granting) -> dict[str, Any]:
    """收回授权：End a mandate of one's own from a day on; what was done by it stays done."""
    return mandate_document(granting.recall(digest, epoch_day(body.from_day), body.reason))


@router.get("/standings/{category}")
def standings(category: str, seen: Seen) -> tuple[Standing, ...]:
    """考核：The standings in a category."""
    return seen.standings(category)


@router.get("/refused-attempts")
def refused_attempts(seen: Seen, about: Annotated[About, Query()]) -> tuple[RefusedAttempt, ...]:
    """被拒绝的操作：What was refused, for overseers."""
    return seen.refused_attempts(about.number)


@router.get("/audit/{number}")
def archived(number: str, asking: Asking) -> tuple[ArchivedHistory, ...]:
    """归档：The histories that are archived of a contract, for overseers."""
    return asking.histories(number)


@router.post("/audit/{number}/replay")
async def replay(number: str, asking: Asking) -> dict[str, Any]:
    """重放与重算：Replay every history of a contract and decide its decisions again, for overseers."""
    async with _one_audit:
        report = await asking.replay(number)
    checks: list[Check] = list(report.checks)
    return {"number": number, "ok": report.ok, "checks": [each.model_dump(mode="json") for each in checks]}

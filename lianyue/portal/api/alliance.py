"""The alliance: its directory, mandates, standings, oneself."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter

from contracts.calendar import epoch_day
from contracts.review import Standing
from lianyue.access.grants import granted, mandate_document
from lianyue.access.viewer import Viewer
from lianyue.access.views import DirectorySeen
from lianyue.portal.api.shapes import ROOT, Ending, HandingOver
from lianyue.portal.strict_json import StrictRoute
from lianyue.portal.visitors import Granting, Me, Seen

router = APIRouter(prefix=ROOT, tags=["alliance"], route_class=StrictRoute)


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

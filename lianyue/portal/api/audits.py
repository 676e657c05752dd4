"""For overseers: what was refused, what proves a contract, how it stood, red flags, and the log."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import Field
from starlette.responses import Response

from contracts.value import Authored
from lianyue.access.rulings import ArchivedHistory
from lianyue.audit.checks import Check
from lianyue.audit.flags import flags_document
from lianyue.audit.time_travel import standing_document
from lianyue.portal.api.shapes import ROOT
from lianyue.portal.strict_json import StrictRoute
from lianyue.portal.visitors import Asking, Proving, Seen
from lianyue.records.kept import RefusedAttempt

router = APIRouter(prefix=ROOT, tags=["audits"], route_class=StrictRoute)
_one_audit = asyncio.Semaphore(1)
"""A replay keeps a core busy; they come one after another."""


class About(Authored):
    """What refusals are wanted of."""

    number: Annotated[str | None, Field(max_length=24)] = None


@router.get("/refused-attempts")
def refused_attempts(seen: Seen, about: Annotated[About, Query()]) -> tuple[RefusedAttempt, ...]:
    """被拒绝的操作：What was refused, for overseers."""
    return seen.refused_attempts(about.number)


@router.get("/flags")
def flags(proving: Proving) -> dict[str, Any]:
    """警示：What to look at first in all contracts, each by its definition and source, for overseers."""
    return flags_document(proving.every_flag())


@router.get("/log")
def log(proving: Proving) -> dict[str, Any]:
    """日志：How the log stands, its newest checkpoint, and how far witnesses have followed it, for overseers."""
    return proving.log().as_document()


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


@router.post("/audit/{number}/verify")
async def verify(number: str, proving: Proving) -> dict[str, Any]:
    """验证：Make the bundle of a contract and check everything in it, for overseers; nothing of it is changed."""
    checks = await proving.proved(number)
    ok = all(each.ok for each in checks)
    return {"number": number, "ok": ok, "checks": [each.model_dump(mode="json") for each in checks]}


@router.get("/audit/{number}/bundle", response_class=Response)
async def bundle(number: str, proving: Proving) -> Response:
    """导出：The bundle of a contract that has ended, a ZIP file, for overseers."""
    return Response(await proving.bundle(number), media_type="application/zip")


@router.get("/audit/{number}/at/{event}")
async def at(number: str, event: int, proving: Proving) -> dict[str, Any]:
    """时点：How a contract stood after an event, and who could see the tasks open then, for overseers."""
    journey = (await proving.lived(number)).journey
    return standing_document(journey.told, journey.stood(event))

"""For operators: is the process alive, may it be sent requests, how many were there."""

from __future__ import annotations

import asyncio

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from temporalio.service import RPCError

from contracts.errors import AllianceError
from lianyue.access.service import Service
from lianyue.portal.metrics import TYPE, Metrics
from lianyue.portal.visitors import service_of

router = APIRouter(include_in_schema=False)
PATIENCE_SECONDS = 3


@router.get("/healthz")
def healthz() -> Response:
    """存活：The process answers."""
    return PlainTextResponse("ok\n")


@router.get("/readyz")
async def readyz(request: Request) -> Response:
    """就绪：Records and Temporal server answer; 503 says which does not."""
    service = service_of(request)
    records, temporal = await asyncio.gather(_are_records_ready(service), _is_temporal_ready(service))
    ready = records and temporal
    told = {"ready": ready, "records": records, "temporal": temporal}
    return JSONResponse(told, 200 if ready else 503, None if ready else {"Retry-After": "5"})


@router.get("/metrics")
def metrics(request: Request) -> Response:
    """指标：Counts by route and status since the start of this process."""
    counts: Metrics = request.app.state.metrics
    return PlainTextResponse(counts.text(), media_type=TYPE)


async def _are_records_ready(service: Service) -> bool:
    try:
        return await asyncio.wait_for(asyncio.to_thread(service.are_records_ready), PATIENCE_SECONDS)
    except (AllianceError, TimeoutError):
        return False


async def _is_temporal_ready(service: Service) -> bool:
    try:
        return await asyncio.wait_for(service.is_temporal_ready(), PATIENCE_SECONDS)
    except (RPCError, RuntimeError, TimeoutError):
        return False

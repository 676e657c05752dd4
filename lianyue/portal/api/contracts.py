"""Service contracts: started, listed, shown with all that belongs to them, and steered."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from pydantic import Field

from contracts.delivery import SettlementLine
from contracts.review import Review
from contracts.service_contract import (
    Amendment,
    Cancellation,
    OrderReceipt,
    Resumption,
    ServiceContract,
    Stage,
    Suspension,
)
from contracts.value import Recorded
from lianyue.access.acts import BatchRow
from lianyue.access.views import AgreementSeen, ContractSeen, DecisionSeen, QuotesSeen, Told
from lianyue.desk.starting import Started
from lianyue.portal.api.shapes import ROOT, Batch, Informed, Page, ReadCopy, Spoken
from lianyue.portal.strict_json import StrictRoute
from lianyue.portal.visitors import Doing, RequestId, Seen
from lianyue.records.kept import ContractSummary, KeptDecision
from lianyue.telling import error_document

router = APIRouter(prefix=f"{ROOT}/contracts", tags=["contracts"], route_class=StrictRoute)


class Wanted(Page):
    """Which contracts are wanted."""

    stage: Stage | None = None
    category: Annotated[str | None, Field(max_length=64)] = None


class ContractPage(Recorded):
    """Some contracts by number; ``next`` is the offset of those that follow."""

    contracts: tuple[ContractSummary, ...]
    next: int | None


@router.get("")
def list_contracts(seen: Seen, wanted: Annotated[Wanted, Query()]) -> ContractPage:
    """列出合同：The contracts that concern one's company."""
    page = {"limit": wanted.limit + 1, "offset": wanted.offset}
    found = seen.contracts(stage=wanted.stage, category=wanted.category, **page)
    return ContractPage(contracts=found[: wanted.limit], next=wanted.next_after(found))


@router.post("", status_code=201)
async def start(body: ServiceContract, doing: Doing, response: Response) -> Started:
    """启动合同：Start a contract; the same contract again is answered as the first time, with 200."""
    started = await doing.start(body)
    response.status_code = 201 if started.first else 200
    return started


@router.post("/start-batch")
async def start_batch(body: Batch, doing: Doing) -> dict[str, Any]:
    """批量启动：Start every contract of a batch; a bad one is its own result and does not stop the rest."""
    if body.portfolio:
        return batch_document(await doing.start_together(body.contracts, body.portfolio))
    return batch_document(await doing.start_each(body.contracts))


@router.get("/{number}")
def show(number: str, seen: Seen) -> ContractSeen:
    """查看合同：A contract on one page."""
    return seen.contract(number)


@router.get("/{number}/timeline")
def timeline(number: str, seen: Seen, spoken: Annotated[Spoken, Query()]) -> tuple[Told, ...]:
    """时间线：What happened, in the order of time."""
    return seen.timeline(number, spoken.language)


@router.get("/{number}/quotes")
def quotes(number: str, seen: Seen) -> QuotesSeen:
    """报价：The quotes that one may see; a sealed one has no price."""
    return seen.quotes(number)


@router.get("/{number}/decisions")
def decisions(number: str, seen: Seen) -> tuple[KeptDecision | DecisionSeen, ...]:
    """决定：Who does how much, and why as far as one may know."""
    return seen.decisions(number)


@router.get("/{number}/agreements")
def agreements(number: str, seen: Seen) -> tuple[AgreementSeen, ...]:
    """合同文本：The versions of the document that one is a party to, with signatures."""
    return seen.agreements(number)


@router.get("/{number}/settlements")
def settlements(number: str, seen: Seen) -> tuple[SettlementLine, ...]:
    """结算：What each accepted instalment came to."""
    return seen.settlements(number)


@router.get("/{number}/reviews")
def reviews(number: str, seen: Seen) -> tuple[Review, ...]:
    """评价：The reviews."""
    return seen.reviews(number)


@router.post("/{number}/copy")
async def copy(number: str, body: Informed, doing: Doing, request_id: RequestId) -> OrderReceipt:
    """抄送：Inform people of the office or the client of a contract as a whole."""
    return await doing.inform(number, body.to, request_id)


@router.post("/{number}/read")
def read(number: str, seen: Seen) -> ReadCopy:
    """已阅：Mark the copy of a contract as read."""
    return ReadCopy(target=number, first=seen.inbox.read(number))


@router.post("/{number}/cancel")
async def cancel(number: str, body: Cancellation, doing: Doing, request_id: RequestId) -> OrderReceipt:
    """取消：End a contract and undo what was done."""
    return await doing.order("cancel", number, body, request_id)


@router.post("/{number}/suspend")
async def suspend(number: str, body: Suspension, doing: Doing, request_id: RequestId) -> OrderReceipt:
    """暂停：Stop a contract's deadlines."""
    return await doing.order("suspend", number, body, request_id)


@router.post("/{number}/resume")
async def resume(number: str, body: Resumption, doing: Doing, request_id: RequestId) -> OrderReceipt:
    """恢复：Let a contract's deadlines run on."""
    return await doing.order("resume", number, body, request_id)


@router.post("/{number}/amend")
async def amend(number: str, body: Amendment, doing: Doing, request_id: RequestId) -> OrderReceipt:
    """变更：Propose a change of a signed contract."""
    return await doing.order("amend", number, body, request_id)


def batch_document(rows: tuple[BatchRow, ...]) -> dict[str, Any]:
    """Return what became of every contract of a batch."""
    results = [
        {
            "row": each.row,
            "number": each.number,
            "first": each.started.first if each.started else None,
            **(error_document(each.error) if each.error else {"error": None}),
        }
        for each in rows
    ]
    failed = sum(each.error is not None for each in rows)
    first = sum(each.started is not None and each.started.first for each in rows)
    return {"results": results, "failed": failed, "started": first}

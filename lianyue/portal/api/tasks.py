"""Tasks: the inbox, one task with its form, and the verbs."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import Field

from contracts.task import MemberTask, TaskReceipt
from contracts.value import Json, Recorded
from lianyue.access.views import Tab, TaskSeen
from lianyue.desk.openings import WrappedShares
from lianyue.portal.api.shapes import ROOT, Answer, Bare, CoSigning, Page, Reasoned, ToColleague, Urging
from lianyue.portal.strict_json import StrictRoute
from lianyue.portal.visitors import Doing, RequestId, Seen

router = APIRouter(prefix=f"{ROOT}/tasks", tags=["tasks"], route_class=StrictRoute)


class Inbox(Page):
    """Which tasks are wanted."""

    tab: Tab = Tab.TODO
    number: Annotated[str | None, Field(max_length=24)] = None


class TaskPage(Recorded):
    """Some tasks, the most pressing first; ``next`` is the offset of those that follow."""

    tasks: tuple[MemberTask, ...]
    next: int | None


@router.get("")
def list_tasks(seen: Seen, wanted: Annotated[Inbox, Query()]) -> TaskPage:
    """列出任务：The tasks of one tab of the inbox."""
    found = seen.tasks(wanted.tab, number=wanted.number, limit=wanted.limit + 1, offset=wanted.offset)
    return TaskPage(tasks=found[: wanted.limit], next=wanted.next_after(found))


@router.get("/{task_id:path}/form")
def form(task_id: str, seen: Seen) -> Json:
    """表单：The JSON Schema that an answer must fit."""
    return seen.task_page(task_id).form


@router.get("/{task_id:path}/shares")
async def shares(task_id: str, doing: Doing) -> WrappedShares:
    """取出份额：The wrapped shares that an opening task asks its keyholder to unwrap."""
    return await doing.wrapped_shares(task_id)


@router.get("/{task_id:path}")
def show(task_id: str, seen: Seen) -> TaskSeen:
    """查看任务：A task, its form, and what may be done with it."""
    return seen.task_page(task_id)


@router.post("/{task_id:path}/submit")
async def submit(task_id: str, body: Answer, doing: Doing, request_id: RequestId) -> TaskReceipt:
    """提交：Answer a task with its form."""
    return await doing.submit(task_id, body.content, request_id, body.acting_for)


@router.post("/{task_id:path}/claim")
async def claim(task_id: str, doing: Doing, request_id: RequestId, body: Bare | None = None) -> TaskReceipt:
    """认领：Take an offered task."""
    return await _done(doing, "claim", task_id, request_id, body or Bare())


@router.post("/{task_id:path}/decline")
async def decline(task_id: str, body: Reasoned, doing: Doing, request_id: RequestId) -> TaskReceipt:
    """拒绝：Refuse what a task asks."""
    return await _done(doing, "decline", task_id, request_id, body)


@router.post("/{task_id:path}/transfer")
async def transfer(task_id: str, body: ToColleague, doing: Doing, request_id: RequestId) -> TaskReceipt:
    """转交：Hand a task over to a colleague for good."""
    return await _done(doing, "transfer", task_id, request_id, body)


@router.post("/{task_id:path}/delegate")
async def delegate(task_id: str, body: ToColleague, doing: Doing, request_id: RequestId) -> TaskReceipt:
    """委托：Let a colleague prepare the answer; the task comes back."""
    return await _done(doing, "delegate", task_id, request_id, body)


@router.post("/{task_id:path}/add-sign")
async def add_sign(task_id: str, body: CoSigning, doing: Doing, request_id: RequestId) -> TaskReceipt:
    """加签：Ask for a colleague's consent before, after or beside the answer."""
    return await _done(doing, "add_sign", task_id, request_id, body)


@router.post("/{task_id:path}/return")
async def give_back(task_id: str, body: Reasoned, doing: Doing, request_id: RequestId) -> TaskReceipt:
    """退回：Give a task back to whom it came from, or to the company."""
    return await _done(doing, "give_back", task_id, request_id, body)


@router.post("/{task_id:path}/withdraw")
async def withdraw(task_id: str, body: Reasoned, doing: Doing, request_id: RequestId) -> TaskReceipt:
    """撤回：Take one's own answer back while nobody has acted on it."""
    return await _done(doing, "withdraw", task_id, request_id, body)


@router.post("/{task_id:path}/remind")
async def remind(task_id: str, doing: Doing, request_id: RequestId, body: Urging | None = None) -> TaskReceipt:
    """催办：Remind whoever holds a task."""
    return await _done(doing, "remind", task_id, request_id, body or Urging())


async def _done(doing: Doing, verb: str, task_id: str, request_id: str, body: Bare) -> TaskReceipt:
    """Do *verb* with what *body* states; what is not stated is no part of the request."""
    fields: dict[str, Any] = body.model_dump(mode="json", exclude={"acting_for"}, exclude_none=True)
    stated = {name: value for name, value in fields.items() if value != ""}
    return await doing.act(verb, task_id, request_id, body.acting_for, **stated)

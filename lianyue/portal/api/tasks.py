"""Tasks: the inbox, one task with its form, and the verbs."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import Field

from contracts.calendar import start_of
from contracts.task import MemberTask, TaskKind, TaskReceipt
from contracts.value import Json, Recorded
from lianyue.access.views import TaskSeen
from lianyue.desk.desk import ActResult
from lianyue.desk.openings import WrappedShares
from lianyue.portal.api.shapes import (
    ROOT,
    Answer,
    Bare,
    CoSigning,
    Informing,
    Page,
    ReadCopy,
    Reasoned,
    ToColleague,
    TransferringSeveral,
    Urging,
    UrgingSeveral,
)
from lianyue.portal.strict_json import StrictRoute
from lianyue.portal.visitors import Doing, RequestId, Seen
from lianyue.records.inbox import KeptCopy, Tab, Wanted
from lianyue.telling import error_document

router = APIRouter(prefix=f"{ROOT}/tasks", tags=["tasks"], route_class=StrictRoute)


class Narrowed(Page):
    """Which tasks are wanted; ``search`` looks into number, title and client of the contract."""

    number: Annotated[str, Field(max_length=24)] = ""
    category: Annotated[str, Field(max_length=64)] = ""
    kind: TaskKind | None = None
    search: Annotated[str, Field(max_length=100)] = ""
    overdue: bool = False
    due_before: Annotated[str, Field(pattern=r"^(\d{4}-\d{2}-\d{2})?$")] = ""

    def wanted(self) -> Wanted:
        """Return it as the records are asked."""
        own = self.model_dump(include={"number", "category", "search", "overdue"})
        return Wanted(**own, kind=self.kind or "", due_before=start_of(self.due_before) if self.due_before else None)


class Inbox(Narrowed):
    """Which of one's lists is wanted: 待办 todo, 已办 done, 我发起的 started, 抄送我 copied."""

    tab: Tab = Tab.TODO


class Visible(Narrowed):
    """Which of the tasks that one may look at are wanted."""

    company: Annotated[str | None, Field(max_length=16)] = None
    closed: bool = False


class InboxPage(Recorded):
    """Some lines of one list, how long the lists are, and the offset of the lines that follow."""

    tab: Tab
    counts: dict[str, int]
    tasks: tuple[MemberTask, ...] = ()
    copies: tuple[KeptCopy, ...] = ()
    next: int | None


class TaskPage(Recorded):
    """Some tasks, the most pressing first; ``next`` is the offset of those that follow."""

    tasks: tuple[MemberTask, ...]
    next: int | None


class Draft(Recorded):
    """An unfinished answer; without one, null."""

    task: str
    draft: Json | None


@router.get("")
def inbox(seen: Seen, wanted: Annotated[Inbox, Query()]) -> InboxPage:
    """列出任务：One list of the inbox."""
    page = {"limit": wanted.limit + 1, "offset": wanted.offset}
    counts = {str(tab): count for tab, count in seen.inbox.counts().items()}
    if wanted.tab is Tab.COPIED:
        copies = seen.inbox.copies(wanted.wanted(), **page)
        following = wanted.next_after(copies)
        return InboxPage(tab=wanted.tab, counts=counts, copies=copies[: wanted.limit], next=following)
    tasks = seen.inbox.tasks(wanted.tab, wanted.wanted(), **page)
    return InboxPage(tab=wanted.tab, counts=counts, tasks=tasks[: wanted.limit], next=wanted.next_after(tasks))


@router.get("/visible")
def visible(seen: Seen, wanted: Annotated[Visible, Query()]) -> TaskPage:
    """全部可见任务：All tasks that one may look at: one's company's; overseers see every company's."""
    page = {"limit": wanted.limit + 1, "offset": wanted.offset}
    found = seen.tasks(wanted.wanted(), company=wanted.company, open_only=not wanted.closed, **page)
    return TaskPage(tasks=found[: wanted.limit], next=wanted.next_after(found))


@router.post("/several/remind")
async def remind_several(body: UrgingSeveral, doing: Doing, seen: Seen, request_id: RequestId) -> dict[str, Any]:
    """批量催办：Remind whoever holds these tasks, or whatever is overdue and may be urged; one result for each."""
    tasks = await asyncio.to_thread(seen.inbox.to_remind) if body.all_overdue else body.tasks
    reason = {"reason": body.reason} if body.reason else {}
    return results_document(await doing.act_on_each("remind", tasks, request_id, **reason))


@router.post("/several/transfer")
async def transfer_several(body: TransferringSeveral, doing: Doing, request_id: RequestId) -> dict[str, Any]:
    """批量转交：Hand these tasks over to a colleague; one result for each."""
    fields = {"to": body.to, "reason": body.reason, "acting_for": body.acting_for}
    return results_document(await doing.act_on_each("transfer", body.tasks, request_id, **fields))


@router.get("/{task_id:path}/draft")
def draft(task_id: str, seen: Seen) -> Draft:
    """草稿：What one has filled in so far."""
    return Draft(task=task_id, draft=seen.task_page(task_id).draft)


@router.put("/{task_id:path}/draft")
async def keep_draft(task_id: str, body: Answer, doing: Doing) -> Draft:
    """暂存：Keep an unfinished answer in place of the one before; the form is not looked at yet."""
    await doing.keep_draft(task_id, body.content, body.acting_for)
    return Draft(task=task_id, draft=body.content)


@router.delete("/{task_id:path}/draft")
def drop_draft(task_id: str, seen: Seen) -> Draft:
    """弃稿：Let go of a draft."""
    seen.task(task_id)
    seen.inbox.drop_draft(task_id)
    return Draft(task=task_id, draft=None)


@router.post("/{task_id:path}/read")
def read(task_id: str, seen: Seen) -> ReadCopy:
    """已阅：Mark the copy of a task as read."""
    return ReadCopy(target=task_id, first=seen.inbox.read(task_id))


@router.post("/{task_id:path}/copy")
async def copy(task_id: str, body: Informing, doing: Doing, request_id: RequestId) -> TaskReceipt:
    """抄送：Inform people of the company or the office of a task."""
    return await doing.act("copy", task_id, request_id, body.acting_for, to=list(body.to))


@router.get("/{task_id:path}/form")
def form(task_id: str, seen: Seen) -> Json:
    """表单：The JSON Schema that an answer must fit."""
    return seen.task_page(task_id).form


@router.get("/{task_id:path}/shares")
async def shares(task_id: str, doing: Doing, acting_for: Annotated[str, Query(max_length=40)] = "") -> WrappedShares:
    """取出份额：The wrapped shares that an opening task asks its keyholder to unwrap."""
    return await doing.wrapped_shares(task_id, acting_for)


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


def results_document(results: tuple[ActResult, ...]) -> dict[str, Any]:
    """Return what became of several tasks, each with its receipt or its error."""
    rows = [
        {
            "task": each.task,
            "receipt": each.receipt.model_dump(mode="json") if each.receipt else None,
            **(error_document(each.error) if each.error else {"error": None}),
        }
        for each in results
    ]
    return {"results": rows, "failed": sum(each.error is not None for each in results)}

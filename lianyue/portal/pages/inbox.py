"""The inbox: four lists, filters in the address, the soonest due first, and what is done with several at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, NamedTuple
from urllib.parse import urlencode
from uuid import uuid4

from fastapi import APIRouter, Form, Query
from starlette.responses import RedirectResponse, Response

from contracts.task import MemberTask, TaskKind
from lianyue.portal.pages.visit import Here, PageRoute, Visit
from lianyue.portal.shown import urgency
from lianyue.portal.signing_in import local_path
from lianyue.portal.workbooks import workbook
from lianyue.records.inbox import KeptCopy, Tab, Wanted
from lianyue.records.kept import ContractSummary
from lianyue.story import term

router = APIRouter(route_class=PageRoute, include_in_schema=False)
A_PAGE = 50
MOST_EXPORTED = 5_000
MOST_AT_ONCE = 100


class Asked(NamedTuple):
    """The filters of the address."""

    kind: str = ""
    due: str = ""
    search: str = ""

    def __bool__(self) -> bool:
        """Whether anything is filtered at all."""
        return any(self)

    def wanted(self) -> Wanted:
        """Return what of it the records are asked for; what is due today each contract's clock decides."""
        return Wanted(kind=self.kind, search=self.search.strip(), overdue=self.due == "late")

    def takes(self, row: Row) -> bool:
        """Whether a row that the records found is asked for."""
        return self.due != "soon" or urgency(row.task.due_at, row.now) == "soon"


class Row(NamedTuple):
    """A task on one line, with its contract and what that contract's clock shows."""

    task: MemberTask
    title: str
    summary: ContractSummary
    now: datetime
    stands_in_for: str


class CopyRow(NamedTuple):
    """A copy on one line."""

    copy: KeptCopy
    title: str
    href: str
    now: datetime


@dataclass(frozen=True)
class TabSeen:
    """A tab with its count."""

    label: str
    count: int
    href: str
    is_here: bool


@router.get("/")
def front() -> Response:
    """Lead to the inbox."""
    return RedirectResponse("/tasks", 303)


@router.get("/tasks")
def inbox(
    visit: Here,
    tab: Tab = Tab.TODO,
    kind: Annotated[str, Query(max_length=40)] = "",
    due: Annotated[str, Query(max_length=10)] = "",
    search: Annotated[str, Query(max_length=100)] = "",
    page: Annotated[int, Query(ge=1, le=10_000)] = 1,
) -> Response:
    """Show one list."""
    asked = Asked(kind if kind in list(TaskKind) else "", due, search)
    rows = _copies(visit, asked, page) if tab is Tab.COPIED else _rows(visit, tab, asked, page)
    filters = {"tab": tab.value, **{key: text for key, text in asked._asdict().items() if text}}
    return visit.show(
        "copies.html" if tab is Tab.COPIED else "inbox.html",
        live="tasks",
        tab=tab,
        tabs=_tabs(visit, tab),
        asked=asked,
        kinds=list(TaskKind),
        rows=rows[:A_PAGE],
        page=page,
        more=len(rows) > A_PAGE,
        link=f"/tasks?{urlencode(filters)}&page=",
        export=f"/tasks.xlsx?{urlencode(filters)}",
        colleagues=visit.colleagues,
        request_id=str(uuid4()),
    )


@router.get("/tasks.xlsx")
def exported(
    visit: Here,
    tab: Tab = Tab.TODO,
    kind: Annotated[str, Query(max_length=40)] = "",
    due: Annotated[str, Query(max_length=10)] = "",
    search: Annotated[str, Query(max_length=100)] = "",
) -> Response:
    """Hand out the same list as a workbook."""
    asked = Asked(kind if kind in list(TaskKind) else "", due, search)
    return _copies_workbook(visit, asked) if tab is Tab.COPIED else _workbook(visit, _every(visit, tab, asked))


@router.post("/tasks/bulk")
async def several(
    visit: Here,
    verb: Annotated[str, Form(pattern="^(remind|transfer|export)$")],
    task: Annotated[list[str], Form(max_length=MOST_AT_ONCE)],
    to: Annotated[str, Form(max_length=40)] = "",
    reason: Annotated[str, Form(max_length=200)] = "",
    back: Annotated[str, Form(max_length=200)] = "/tasks",
    request: Annotated[str, Form(alias="_request", max_length=60, pattern="^[!-~]*$")] = "",
) -> Response:
    """Urge, hand over or export several tasks; what is refused for one does not stop the others."""
    if verb == "export":
        return _workbook(visit, [_row(visit, visit.scope.task(each)) for each in task])
    fields = {"to": to, "reason": reason.strip() or visit.say("批量转交")} if verb == "transfer" else {}
    results = await visit.acts.act_on_each(verb, task, f"{request}-{verb}" if request else "", **fields)
    refused = [(each.task, each.error) for each in results if each.error]
    if not refused:
        path = local_path(back).partition("?")[0]
        return RedirectResponse(f"{path}?done={verb}", 303)
    return visit.show("bulk.html", 409, done=len(results) - len(refused), refused=refused)


@router.post("/tasks/read")
def read(visit: Here, target: Annotated[list[str], Form(max_length=MOST_AT_ONCE)]) -> Response:
    """已阅: mark copies as read."""
    for each in target:
        visit.scope.inbox.read(each)
    return RedirectResponse("/tasks?tab=copied&done=read", 303)


# --- lists ------------------------------------------------------------------------------------------------------


def _rows(visit: Visit, tab: Tab, asked: Asked, page: int) -> list[Row]:
    """The rows of a page, and one more where there is one."""
    first = (page - 1) * A_PAGE
    if asked.due == "soon":
        return [row for row in _every(visit, tab, asked) if asked.takes(row)][first : first + A_PAGE + 1]
    tasks = visit.scope.inbox.tasks(tab, asked.wanted(), limit=A_PAGE + 1, offset=first)
    visit.look_up(tasks)
    return [_row(visit, task) for task in tasks]


def _every(visit: Visit, tab: Tab, asked: Asked) -> list[Row]:
    tasks = visit.scope.inbox.tasks(tab, asked.wanted(), limit=MOST_EXPORTED)
    visit.look_up(tasks)
    rows = (_row(visit, task) for task in tasks)
    return [row for row in rows if asked.takes(row)]


def _row(visit: Visit, task: MemberTask) -> Row:
    summary = visit.summary(task.number)
    title = visit.task_title(task)
    full = title if summary.title in title else f"{title} · {summary.title}"
    return Row(task, full, summary, visit.now(task.number), visit.stands_in_for(task))


def _copies(visit: Visit, asked: Asked, page: int) -> list[CopyRow]:
    found = visit.scope.inbox.copies(asked.wanted(), limit=A_PAGE + 1, offset=(page - 1) * A_PAGE)
    return list(_copy_rows(visit, found))


def _copy_rows(visit: Visit, copies: Sequence[KeptCopy]) -> Iterator[CopyRow]:
    for copy in copies:
        title = visit.task_title(visit.scope.task(copy.task)) if copy.task else copy.title
        href = f"/tasks/{copy.task}" if copy.task else f"/contracts/{copy.number}"
        yield CopyRow(copy, title, href, visit.now(copy.number))


def _tabs(visit: Visit, at: Tab) -> list[TabSeen]:
    say, counts = visit.say, visit.counts
    labels = {Tab.TODO: say("待办"), Tab.DONE: say("已办"), Tab.STARTED: say("我发起的"), Tab.COPIED: say("抄送我")}
    return [TabSeen(label, counts[tab], f"/tasks?tab={tab}", tab is at) for tab, label in labels.items()]


# --- workbooks --------------------------------------------------------------------------------------------------


def _workbook(visit: Visit, rows: Sequence[Row]) -> Response:
    say = visit.say
    head = (
        say("事项"),
        say("所属合同"),
        say("合同名称"),
        say("委托方"),
        say("预算（元）"),
        say("单位"),
        say("状态"),
        say("期限"),
    )
    lines = [
        (
            *(visit.task_title(row.task), row.task.number, row.summary.title, visit.name(row.summary.client)),
            *(row.summary.value_fen, visit.name(row.task.company)),
            *(term("state", row.task.state, visit.language), row.task.due_at),
        )
        for row in rows
    ]
    return workbook(say("任务"), head, lines, money=(4,))


def _copies_workbook(visit: Visit, asked: Asked) -> Response:
    say = visit.say
    found = _copy_rows(visit, visit.scope.inbox.copies(asked.wanted(), limit=MOST_EXPORTED))
    head = (say("事项"), say("所属合同"), say("抄送人"), say("时间"), say("已阅时间"))
    rows: list[tuple[Any, ...]] = [
        (row.title, row.copy.number, visit.person(row.copy.given_by), row.copy.at, row.copy.read_at) for row in found
    ]
    return workbook(say("抄送"), head, rows)

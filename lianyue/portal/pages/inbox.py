"""The inbox: tabs, filters in the address, the soonest due first, and what is done with several tasks at once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, NamedTuple
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Query
from starlette.responses import RedirectResponse, Response

from contracts.errors import AllianceError
from contracts.task import MemberTask, TaskKind
from lianyue.access.views import Tab
from lianyue.portal.pages.visit import MOST_COUNTED, Here, PageRoute, Visit
from lianyue.portal.shown import urgency
from lianyue.portal.signing_in import local_path
from lianyue.portal.workbooks import workbook
from lianyue.records.kept import ContractSummary

router = APIRouter(route_class=PageRoute, include_in_schema=False)
A_PAGE = 50
MOST_FILTERED = 1_000
MOST_AT_ONCE = 100


class Asked(NamedTuple):
    """The filters of the address."""

    kind: str = ""
    due: str = ""
    number: str = ""

    def __bool__(self) -> bool:
        """Whether anything is filtered at all."""
        return any(self)

    def takes(self, row: Row) -> bool:
        """Whether a row is asked for."""
        return (
            self.kind in ("", row.task.kind)
            and self.due in ("", urgency(row.task.due_at, row.now))
            and self.number.strip().upper() in row.task.number
        )


class Row(NamedTuple):
    """A task on one line, with its contract and what that contract's clock shows."""

    task: MemberTask
    summary: ContractSummary
    now: datetime

    @property
    def title(self) -> str:
        """What the line is about: the task, and the contract where the task does not name it."""
        named = self.summary.title in self.task.title
        return self.task.title if named else f"{self.task.title} · {self.summary.title}"


@dataclass(frozen=True)
class TabSeen:
    """A tab with its count."""

    label: str
    count: str
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
    number: Annotated[str, Query(max_length=40)] = "",
    page: Annotated[int, Query(ge=1, le=10_000)] = 1,
) -> Response:
    """Show one tab."""
    asked = Asked(kind, due, number)
    rows = list(_rows(visit, tab, asked, page))
    filters = {"tab": tab.value, **{key: text for key, text in asked._asdict().items() if text}}
    return visit.show(
        "inbox.html",
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
    )


@router.get("/tasks.xlsx")
def exported(
    visit: Here,
    tab: Tab = Tab.TODO,
    kind: Annotated[str, Query(max_length=40)] = "",
    due: Annotated[str, Query(max_length=10)] = "",
    number: Annotated[str, Query(max_length=40)] = "",
) -> Response:
    """Hand out the same list as a workbook."""
    say = visit.say
    head = (say("事项"), say("所属合同"), say("合同名称"), say("委托方"), say("预算（元）"), say("单位"), say("期限"))
    rows = [
        (
            row.task.title,
            row.task.number,
            row.summary.title,
            visit.name(row.summary.client),
            row.summary.value_fen,
            visit.name(row.task.company),
            row.task.due_at,
        )
        for row in _all_rows(visit, tab, Asked(kind, due, number))
    ]
    return workbook(say("任务"), head, rows, money=(4,))


@router.post("/tasks/bulk")
async def several(
    visit: Here,
    verb: Annotated[str, Form(pattern="^(remind|transfer)$")],
    task: Annotated[list[str], Form(max_length=MOST_AT_ONCE)],
    to: Annotated[str, Form(max_length=40)] = "",
    reason: Annotated[str, Form(max_length=200)] = "",
    back: Annotated[str, Form(max_length=200)] = "/tasks",
) -> Response:
    """Urge or hand over several tasks; what is refused for one does not stop the others."""
    fields = {"to": to, "reason": reason.strip() or visit.say("批量转交")} if verb == "transfer" else {}
    results = [await _tried(visit, verb, each, fields) for each in task]
    refused = [each for each in results if each]
    if not refused:
        path = local_path(back).partition("?")[0]
        return RedirectResponse(f"{path}?done={verb}", 303)
    return visit.show("bulk.html", 409, done=len(task) - len(refused), refused=refused)


async def _tried(visit: Visit, verb: str, task: str, fields: dict[str, str]) -> tuple[str, AllianceError] | None:
    try:
        await visit.acts.act(verb, task, **fields)
    except AllianceError as error:
        return task, error
    return None


def _rows(visit: Visit, tab: Tab, asked: Asked, page: int) -> Iterator[Row]:
    """The rows of a page, and one more where there is one."""
    if asked:
        found = _all_rows(visit, tab, asked)
        yield from found[(page - 1) * A_PAGE : page * A_PAGE + 1]
        return
    tasks = visit.scope.tasks(tab, limit=A_PAGE + 1, offset=(page - 1) * A_PAGE)
    visit.expect([task.number for task in tasks])
    yield from _soonest_first([_row(visit, task) for task in tasks])


def _all_rows(visit: Visit, tab: Tab, asked: Asked) -> list[Row]:
    tasks = visit.scope.tasks(tab, limit=MOST_FILTERED)
    visit.expect([task.number for task in tasks])
    rows = (_row(visit, task) for task in tasks)
    return _soonest_first([row for row in rows if asked.takes(row)])


def _soonest_first(rows: list[Row]) -> list[Row]:
    """What is open before what is done; in each, the soonest due first."""
    return sorted(rows, key=lambda row: (not row.task.is_open, row.task.due_at is None, row.task.due_at or row.now))


def _row(visit: Visit, task: MemberTask) -> Row:
    return Row(task, visit.summary(task.number), visit.now(task.number))


def _tabs(visit: Visit, at: Tab) -> list[TabSeen]:
    say = visit.say
    labels = {Tab.TODO: say("待办"), Tab.DONE: say("已办"), Tab.STARTED: say("我发起的"), Tab.ALL: say("全部")}
    return [TabSeen(label, _count(visit, tab), f"/tasks?tab={tab}", tab is at) for tab, label in labels.items()]


def _count(visit: Visit, tab: Tab) -> str:
    count = visit.scope.count(tab, MOST_COUNTED + 1)
    return f"{MOST_COUNTED}+" if count > MOST_COUNTED else str(count)

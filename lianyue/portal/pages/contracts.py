"""All contracts that concern the reader: as a list, on a board by stage, as a workbook."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, NamedTuple
from urllib.parse import urlencode

from fastapi import APIRouter, Query
from starlette.responses import Response

from contracts.service_contract import Stage
from contracts.task import MemberTask
from lianyue.portal.pages.visit import PATH, Here, PageRoute, Visit
from lianyue.portal.workbooks import workbook
from lianyue.records.kept import ContractSummary
from lianyue.story import term

router = APIRouter(route_class=PageRoute, include_in_schema=False)
A_PAGE = 50
A_COLUMN = 20
MOST = 5_000


class Asked(NamedTuple):
    """The filters of the address."""

    stage: Stage | None
    category: str

    def found(self, visit: Visit) -> tuple[ContractSummary, ...]:
        """Return the contracts asked for."""
        return visit.scope.contracts(stage=self.stage, category=self.category or None, limit=MOST)


class Ticket(NamedTuple):
    """A contract on the board with its nearest deadline."""

    summary: ContractSummary
    due_at: datetime | None
    now: datetime


@dataclass(frozen=True)
class Column:
    """A stage of the board."""

    stage: Stage
    count: int
    sum_fen: int
    tickets: list[Ticket]


@router.get("/contracts")
def listed(
    visit: Here,
    stage: Annotated[str, Query(max_length=20)] = "",
    category: Annotated[str, Query(max_length=40)] = "",
    page: Annotated[int, Query(ge=1, le=10_000)] = 1,
) -> Response:
    """Show the list."""
    asked = _asked(visit, stage, category)
    found = asked.found(visit)
    first = (page - 1) * A_PAGE
    filters = {"stage": asked.stage or "", "category": asked.category}
    return visit.show(
        "contracts.html",
        live="contracts",
        may_start=visit.viewer.coordinates,
        rows=found[first : first + A_PAGE],
        total=len(found),
        page=page,
        more=len(found) > first + A_PAGE,
        asked=asked,
        every_stage=list(Stage),
        every_category=visit.scope.categories(),
        link=f"/contracts?{urlencode(filters)}&page=",
        export=f"/contracts.xlsx?{urlencode(filters)}",
    )


@router.get("/contracts.xlsx")
def exported(
    visit: Here,
    stage: Annotated[str, Query(max_length=20)] = "",
    category: Annotated[str, Query(max_length=40)] = "",
) -> Response:
    """Hand out the same list as a workbook."""
    say = visit.say
    titles = (
        say("编号"),
        say("合同名称"),
        say("委托方"),
        say("类别"),
        say("阶段"),
        say("预算（元）"),
        say("合同额（元）"),
    )
    rows = [
        (
            each.number,
            each.title,
            visit.name(each.client),
            visit.category(each.category),
            term("stage", each.stage, visit.language),
            each.value_fen,
            each.total_fen or None,
        )
        for each in _asked(visit, stage, category).found(visit)
    ]
    return workbook(say("合同"), titles, rows, money=(5, 6))


@router.get("/board")
def board(visit: Here) -> Response:
    """Show the board; it is for looking at, since the workflow alone moves a contract on."""
    dues = _nearest(visit.scope.tasks(open_only=True, limit=MOST))
    by_stage: dict[Stage, list[ContractSummary]] = {stage: [] for stage in PATH}
    for each in visit.scope.contracts(limit=MOST):
        by_stage.setdefault(each.stage, []).append(each)
    columns = [_column(visit, stage, by_stage[stage], dues) for stage in PATH if stage is not Stage.REVIEWED]
    columns = columns if any(column.count for column in columns) or by_stage[Stage.REVIEWED] else []
    return visit.show("board.html", live="contracts", columns=columns)


def _column(visit: Visit, stage: Stage, found: list[ContractSummary], dues: dict[str, datetime]) -> Column:
    pressing = sorted(found, key=lambda each: (each.number not in dues, str(dues.get(each.number, "")), each.number))
    tickets = [Ticket(each, dues.get(each.number), visit.now(each.number)) for each in pressing[:A_COLUMN]]
    return Column(stage, len(found), sum(each.total_fen or each.value_fen for each in found), tickets)


def _nearest(tasks: tuple[MemberTask, ...]) -> dict[str, datetime]:
    """The nearest deadline of each contract, by number."""
    found: dict[str, datetime] = {}
    for task in tasks:
        if task.is_open and task.due_at is not None:
            found[task.number] = min(task.due_at, found.get(task.number, task.due_at))
    return found


def _asked(visit: Visit, stage: str, category: str) -> Asked:
    """What the address asks for; what there is not is not asked for."""
    known = category if category in visit.scope.categories() else ""
    return Asked(Stage(stage) if stage in list(Stage) else None, known)

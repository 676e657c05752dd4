"""What a contract leaves behind: its document with the signatures, deliveries and their money, reviews."""

from __future__ import annotations

from typing import Annotated, NamedTuple

from fastapi import APIRouter, Query
from starlette.responses import Response

from contracts.agreement import AgreementState
from contracts.delivery import SettlementLine
from contracts.task import MemberTask, TaskKind
from lianyue.portal.pages.visit import Here, PageRoute, Visit
from lianyue.portal.visitors import service_of

router = APIRouter(route_class=PageRoute, include_in_schema=False)


class Cell(NamedTuple):
    """An instalment or a claw-back with what became of it."""

    member: str
    title: str
    due_day: int | None
    agreed_fen: int
    line: SettlementLine | None


@router.get("/contracts/{number}/agreement")
def agreement(visit: Here, number: str) -> Response:
    """Show the versions of the document, the last first."""
    say = visit.say
    states = {
        AgreementState.DRAWN_UP: say("已起草"),
        AgreementState.IN_FORCE: say("已生效"),
        AgreementState.VOIDED: say("已作废"),
        AgreementState.REPLACED: say("已替换"),
    }
    found = tuple(reversed(visit.scope.agreements(number)))
    titles = visit.milestones(number)
    return visit.show(
        "agreement.html",
        summary=visit.summary(number),
        agreements=found,
        states=states,
        milestone=lambda code: titles.get(code, code),
        waiting=_signing(visit, number),
    )


@router.get("/contracts/{number}/agreement.pdf")
def document(visit: Here, number: str, version: Annotated[int, Query(ge=1, le=20)] = 1) -> Response:
    """Hand out a version of the document: with the signatures, once it is being signed."""
    pdf = service_of(visit.request).signed(visit.viewer, number, version)
    if pdf is None:
        pdf = visit.scope.document(number, version).pdf
    headers = {"Content-Disposition": f'attachment; filename="{number}-v{version}.pdf"'}
    return Response(pdf, media_type="application/pdf", headers=headers)


@router.get("/contracts/{number}/delivery")
def delivery(visit: Here, number: str) -> Response:
    """Show every instalment with its acceptance and its money."""
    rows, lines = _cells(visit, number), visit.scope.settlements(number)
    return visit.show(
        "delivery.html",
        live=number,
        summary=visit.summary(number),
        rows=rows,
        agreed_fen=sum(row.agreed_fen for row in rows),
        settled_fen=sum(line.agreed_fen for line in lines),
        deducted_fen=sum(line.deduction_fen for line in lines),
        payable_fen=sum(line.payable.gross_fen for line in lines),
    )


@router.get("/contracts/{number}/reviews")
def reviews(visit: Here, number: str) -> Response:
    """Show how the members were rated."""
    summary = visit.summary(number)
    pack = visit.scope.category(summary.category).pack
    kpis = {each.code: visit.titled(each) for each in pack.kpis}
    lines = {each.code: visit.titled(each) for each in pack.red_lines}
    return visit.show(
        "reviews.html",
        summary=summary,
        reviews=visit.scope.reviews(number),
        kpi=lambda code: kpis.get(code, code),
        red_line=lambda code: lines.get(code, code),
    )


def _signing(visit: Visit, number: str) -> list[tuple[MemberTask, bool]]:
    """The open tasks of signing, with whether the reader may sign."""
    waiting = [task for task in visit.scope.contract(number).open_tasks if task.kind is TaskKind.SIGN]
    return [(task, "submit" in visit.scope.task_page(task.id).may) for task in waiting]


def _cells(visit: Visit, number: str) -> list[Cell]:
    """The plan in force with the lines that were settled; a line that no plan names stands alone."""
    titles = visit.milestones(number)
    lines = {(line.member, line.milestone): line for line in visit.scope.settlements(number)}
    agreements = [each for each in visit.scope.agreements(number) if each.state == AgreementState.IN_FORCE]
    cells = []
    for cell in agreements[-1].agreement.instalments if agreements else ():
        if visit.viewer.oversees or visit.viewer.company in (cell.member, agreements[-1].agreement.client):
            line = lines.pop((cell.member, cell.milestone), None)
            title = titles.get(cell.milestone, cell.title)
            cells.append(Cell(cell.member, title, cell.due_day, cell.amount_fen, line))
    rest = [
        Cell(line.member, titles.get(line.milestone, line.milestone), line.due_day, line.agreed_fen, line)
        for line in lines.values()
    ]
    return sorted(cells, key=lambda cell: (cell.due_day or 0, cell.member)) + rest

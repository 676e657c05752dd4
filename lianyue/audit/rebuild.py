"""`records rebuild` and `records check --histories`: the read model out of the histories, held against the live one."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING

from temporalio.client import Client, WorkflowHistory

from activities.ports import ClosedHistory
from activities.reviewing import Finalised
from contracts.portfolio import PortfolioOrder
from lianyue.audit.acts import moment_of
from lianyue.audit.checks import Check
from lianyue.audit.evidence import activities_done
from lianyue.audit.exporting import archived_tree
from lianyue.audit.views import Told, told_by
from lianyue.histories import ServerHistories, unpacked
from lianyue.records.engine import Database
from lianyue.records.rebuilding import (
    AFTERWARDS,
    COPIED,
    Effect,
    copy_opening_standings,
    copy_sources,
    differing_rows,
    rebuild,
)

if TYPE_CHECKING:
    from lianyue.wiring import Wiring


async def rebuilt(wiring: Wiring, target: Database, client: Client | None = None) -> list[str]:
    """
    Write into *target*, a migrated database without rows, what the histories say, and copy what is a source itself.

    Contracts that still run are read from the server of *client*. Returns the numbers of those of which there is no
    history to be had.
    """
    trees: dict[str, Told] = {}
    histories: dict[str, list[ClosedHistory]] = {}
    without: list[str] = []
    async for number, kept, closed in _trees(wiring, client):
        if not kept:
            without.append(number)
            continue
        trees[number] = told_by([unpacked(each.workflow_id, each.zlibbed, each.digest) for each in kept])
        histories[number] = kept if closed else []
    copy_sources(wiring.database, target, COPIED)
    copy_opening_standings(wiring.database, target, _moved(trees.values()))
    orders = [told.order for told in trees.values()]
    effects = [effect for told in trees.values() for effect in _effects(told.histories)]
    async for portfolio, history in _portfolios(wiring, client):
        if history is None:
            without.append(portfolio.id)
            continue
        effects += _effects([unpacked(history.workflow_id, history.zlibbed, history.digest)])
        if portfolio.number in histories and wiring.portfolios.histories(portfolio.id):
            histories[portfolio.number].append(history)
    rebuild(target, orders, effects, histories, wiring.database)
    copy_sources(wiring.database, target, AFTERWARDS if not without else ())
    return without


def compared(live: Database, other: Database) -> list[Check]:
    """Compare the read models row by row, in both directions; one check a table."""
    return [
        Check(name=f"rows {table}", ok=not wrong, detail=first or f"{rows} rows alike")
        for table, (rows, wrong, first) in differing_rows(live, other).items()
    ]


async def _trees(wiring: Wiring, client: Client | None) -> AsyncIterator[tuple[str, list[ClosedHistory], bool]]:
    """The histories of every contract: those of the archive, or of the server while it runs."""
    for summary in wiring.reading.contracts():
        number = summary.number
        kept = archived_tree(wiring, number)
        if kept:
            yield number, kept, True
        else:
            yield number, list(await ServerHistories(client).so_far(number)) if client else [], False


async def _portfolios(
    wiring: Wiring, client: Client | None
) -> AsyncIterator[tuple[PortfolioOrder, ClosedHistory | None]]:
    """The history of every portfolio: that of the archive, or of the server while it runs."""
    for order in wiring.portfolios.orders():
        kept = wiring.portfolios.histories(order.id)
        if kept:
            yield order, ClosedHistory(**kept[0].model_dump(exclude={"number"}))
        else:
            yield order, await ServerHistories(client).portfolio(order.id) if client else None


def _moved(trees: Iterable[Told]) -> set[str]:
    """The standings that reviews have moved, as they are kept."""
    finals = [each.answered(Finalised) for told in trees for each in told.done if each.name == "finalise"]
    return {standing.model_dump_json() for final in finals for standing in final.standings}


def _effects(histories: Iterable[WorkflowHistory]) -> Iterator[Effect]:
    for history in histories:
        known = {event.event_id: moment_of(event) for event in history.events}
        for done in activities_done(history):
            at = datetime.fromisoformat(known[done.event])
            yield Effect(step=done.name, request=done.request, answer=done.answer, at=at)

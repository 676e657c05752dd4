"""Batches: every row is started for itself, or all that can be are started to be awarded together."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from contracts.errors import AllianceError
from contracts.service_contract import ServiceContract
from lianyue.cli.session import answered
from lianyue.desk.desk import Desk
from lianyue.desk.starting import Started
from lianyue.remote import RemoteDesk
from lianyue.strict_files import DocumentProblems, Row
from lianyue.telling import error_document
from rules.problems import RuleProblems
from rules.source import Source

Result = dict[str, Any]


async def started_alone(desk: Desk | RemoteDesk, rows: Sequence[Row], user: str) -> list[Result]:
    """Start every row as a contract that is decided by itself; what is wrong with one is its result."""
    return [await _result(row, lambda contract: desk.start(contract, user)) for row in rows]


async def started_together(desk: Desk, rows: Sequence[Row], rules: Source, user: str) -> list[Result]:
    """
    Start every row that can be, to be awarded by the Portfolio in *rules*.

    All are registered before the portfolio begins, and it begins before any of them.

    Raises:
        DocumentProblems: If the Portfolio has problems; then nothing is started.
    """
    try:
        portfolio = desk.portfolios.checked(rules)
    except RuleProblems as found:
        raise DocumentProblems(found) from None
    name = portfolio.metadata.name
    results = [await _result(row, lambda contract: desk.register(contract, user, name)) for row in rows]
    numbers = [result["number"] for result in results if result["error"] is None]
    for begun in desk.begun_together(portfolio, numbers, user):
        await answered(begun)
    return results


async def started_together_elsewhere(desk: RemoteDesk, rows: Sequence[Row], rules: Source) -> list[Result]:
    """Start together, at the desk of an instance elsewhere, every row that says what a contract must say."""
    results: dict[int, Result] = {}
    contracts: dict[int, ServiceContract] = {}
    for row in rows:
        try:
            contracts[row.number] = row.read_as(ServiceContract)
        except AllianceError as error:
            results[row.number] = _failed(row, error)
    told = await desk.start_together(list(contracts.values()), rules.text) if contracts else []
    results |= {number: {**each, "row": number} for number, each in zip(contracts, told, strict=True)}
    return [results[row.number] for row in rows]


async def _result(row: Row, start: Callable[[ServiceContract], Awaitable[Started]]) -> Result:
    try:
        started = await answered(start(row.read_as(ServiceContract)))
    except AllianceError as error:
        return _failed(row, error)
    return {"row": row.number, "number": started.number, "first": started.first, "error": None}


def _failed(row: Row, error: AllianceError) -> Result:
    error.where = error.where or row.place
    return {"row": row.number, "number": row.name, "first": None, **error_document(error)}

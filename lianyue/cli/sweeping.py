"""The nightly sweep: a bundle of every contract, also of those that run for years, kept outside the installation."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import NamedTuple

from contracts.errors import UnknownName, Unreachable
from lianyue.audit.exporting import exported, running
from lianyue.cli.checks_page import write_file
from lianyue.cli.session import connected, found, need_records
from lianyue.histories import ServerHistories
from lianyue.settings import Settings
from lianyue.side_by_side import side_by_side
from lianyue.wiring import Wiring

Told = Callable[[int, int], None]
"""Is told how many contracts are done, and how many there are."""


class Swept(NamedTuple):
    """What became of each contract, by number."""

    written: list[str]
    unchanged: list[str]
    missing: list[str]
    """Contracts that run while no server answers."""


def swept(settings: Settings, folder: Path, told: Told) -> Swept:
    """Write ``<number>.zip`` of every contract into *folder*, which is there; one that has not changed is left."""
    need_records(settings)
    reached = found(settings)
    numbers = [each.number for each in Wiring(reached).reading.contracts()]
    result = Swept([], [], [])
    for number, became in zip(numbers, side_by_side(partial(_lot, reached, folder), numbers), strict=True):
        getattr(result, became).append(number)
        told(sum(map(len, result)), len(numbers))
    return result


def _lot(settings: Settings, folder: Path, numbers: list[str]) -> list[str]:
    """Sweep some contracts; return what became of each: a field of Swept."""
    return asyncio.run(_each(settings, folder, numbers))


async def _each(settings: Settings, folder: Path, numbers: list[str]) -> list[str]:
    wiring = Wiring(settings)
    try:
        server = ServerHistories(await connected(settings))
    except Unreachable:
        server = None
    return [await _one(wiring, server, number, folder / f"{number}.zip") for number in numbers]


async def _one(wiring: Wiring, server: ServerHistories | None, number: str, file: Path) -> str:
    try:
        raw = exported(wiring, number, await running(wiring, number, server) if server else None)
    except UnknownName:
        return "missing"
    return _kept(file, raw)


def _kept(file: Path, raw: bytes) -> str:
    if file.exists() and file.read_bytes() == raw:
        return "unchanged"
    write_file(file, raw)
    return "written"

"""The nightly sweep: a bundle of every contract, also of those that run for years, kept outside the installation."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from contracts.errors import UnknownName, Unreachable
from lianyue.audit.exporting import exported, running
from lianyue.cli.checks_page import write_file
from lianyue.cli.session import connected, found, need_records
from lianyue.histories import ServerHistories
from lianyue.settings import Settings
from lianyue.wiring import Wiring


class Swept(NamedTuple):
    """What became of each contract, by number."""

    written: list[str]
    unchanged: list[str]
    missing: list[str]
    """Contracts that run while no server answers."""


async def swept(settings: Settings, folder: Path) -> Swept:
    """Write ``<number>.zip`` of every contract into *folder*, which is there; one that has not changed is left."""
    need_records(settings)
    wiring = Wiring(found(settings))
    try:
        server = ServerHistories(await connected(wiring.settings))
    except Unreachable:
        server = None
    result = Swept([], [], [])
    for summary in wiring.reading.contracts():
        number, file = summary.number, folder / f"{summary.number}.zip"
        try:
            raw = exported(wiring, number, await running(wiring, number, server) if server else None)
        except UnknownName:
            result.missing.append(number)
            continue
        if file.exists() and file.read_bytes() == raw:
            result.unchanged.append(number)
        else:
            write_file(file, raw)
            result.written.append(number)
    return result

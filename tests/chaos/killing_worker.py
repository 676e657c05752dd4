"""
A worker that dies by the plan and is there again at once: ``python -m tests.chaos.killing_worker <plan> <deaths>``.

Each life is a fork of a process that has imported everything, so that a death costs no more than a new connection.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel
from sqlmodel import Session
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions

from activities.ports import Writing
from contracts.journal import EffectRequest
from lianyue.dev_server import connect
from lianyue.records.engine import Database, Synchronous
from lianyue.records.sql import SqlRecords
from lianyue.settings import Settings
from lianyue.wiring import Wiring
from tests.chaos.kill_plan import KillPlan, Point
from workflows import timing
from workflows.registry import WORKFLOW_OPTIONS

Answer = TypeVar("Answer", bound=BaseModel)
Result = TypeVar("Result")
Seen = TypeVar("Seen")

PATIENCE = timedelta(seconds=1.2)
"""After so long the server gives a dead worker's activity to the next one; the product waits a minute."""


class DeadlyDatabase(Database):
    """A database whose archive is written with death at the writer's shoulder."""

    before_commit: Callable[[], None] = staticmethod(lambda: None)

    def write(self, work: Callable[[Session], Result]) -> Result:
        """Do *work*; in a worker only the archive is written this way, one history after the other."""

        def working(session: Session) -> Result:
            result = work(session)
            session.flush()
            self.before_commit()
            return result

        return super().write(working)


class DeadlyRecords(SqlRecords):
    """Records that kill their process where the plan says."""

    def __init__(self, database: DeadlyDatabase, plan: KillPlan) -> None:
        super().__init__(database)
        self._deadly = database
        self._plan = plan

    def once(self, request: EffectRequest, act: Callable[[Writing], Answer], answer: type[Answer]) -> Answer:
        """Have the effect, unless death comes before, or comes after before anybody is told."""
        self._plan.reach(request.number, request.step, Point.BEFORE)
        given = super().once(request, act, answer)
        self._plan.reach(request.number, request.step, Point.AFTER)
        return given

    def look(self, see: Callable[[Writing], Seen]) -> Seen:
        """Look, unless death comes first, or comes before anything is made of what was seen."""
        self._plan.reach("portfolio", "look", Point.BEFORE)
        seen = super().look(see)
        self._plan.reach("portfolio", "look", Point.AFTER)
        return seen

    def _have(self, session: Session, request: EffectRequest, act: Callable[[Writing], Answer]) -> Answer:
        given = super()._have(session, request, act)
        self._plan.reach(request.number, request.step, Point.INSIDE)
        return given

    def keep_history(
        self,
        workflow_id: str,
        run_id: str,
        number: str,
        events: int,
        zlibbed: bytes,
        digest: str,
        encoded_digest: str | None = None,
    ) -> None:
        """Keep one history of the tree, unless death comes first."""
        self._plan.reach(number, "archive", Point.BEFORE)
        self._deadly.before_commit = lambda: self._plan.reach(number, "archive", Point.INSIDE)
        super().keep_history(workflow_id, run_id, number, events, zlibbed, digest, encoded_digest)
        self._plan.reach(number, "archive", Point.AFTER)


class DeadlyWiring(Wiring):
    """The wiring of the product with the records that kill."""

    def __init__(self, settings: Settings, plan: KillPlan) -> None:
        super().__init__(settings)
        self._plan = plan

    @cached_property
    def records(self) -> SqlRecords:
        """The records that workflows write."""
        synchronous = Synchronous(self.settings.sqlite_synchronous)
        return DeadlyRecords(DeadlyDatabase(self.settings.records_url, synchronous), self._plan)


def hurry() -> None:
    """Shorten what only waits for the dead: the time limit of an activity, and the wait for a lost worker's cache."""
    for limits in (timing.WRITING, timing.ARCHIVING):
        limits["start_to_close_timeout"] = PATIENCE
    timing.ALLOCATING["heartbeat_timeout"] = 3 * PATIENCE
    ours = ("activities", "contracts", "rules", "workflows")
    shared = SandboxRestrictions.default.with_passthrough_modules(*ours)
    hurried: dict[str, Any] = {
        "workflow_runner": SandboxedWorkflowRunner(restrictions=shared),
        "sticky_queue_schedule_to_start_timeout": timedelta(seconds=0.5),
    }
    WORKFLOW_OPTIONS.update(hurried)


async def live(settings: Settings, plan: KillPlan) -> None:
    """Work until told to stop, or dead."""
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    async with DeadlyWiring(settings, plan).worker(await connect(settings)):
        await stop.wait()


def main(plan: Path, deaths: Path) -> None:
    """Live one life after the other until told to stop; each death is a line in the file *deaths*."""
    settings = Settings.from_environment(os.environ)
    hurry()
    while True:
        life = os.fork()
        if not life:
            asyncio.run(live(settings, KillPlan(plan)))
            os._exit(0)
        signal.signal(signal.SIGTERM, lambda *_, life=life: _pass_on(life))
        _, status = os.waitpid(life, 0)
        if os.waitstatus_to_exitcode(status) != -signal.SIGKILL:
            return
        with deaths.open("a") as book:
            book.write(f"{life}\n")


def _pass_on(life: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(life, signal.SIGTERM)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))

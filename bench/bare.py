"""Bare workflows: they play a script with plain Temporal calls and know nothing of contracts, tasks or rules."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from temporalio import workflow
from temporalio.workflow import ParentClosePolicy

with workflow.unsafe.imports_passed_through():
    from bench.scripts import SCRIPTS, Call, Move, Note, Tally, note

LONG = timedelta(days=5)


@workflow.defn
class BareWorkflow:
    """Plays the script its input names: the same updates, activities, timers and children, nothing in between."""

    @workflow.init
    def __init__(self, start: Note) -> None:
        self._script = SCRIPTS[start.script]
        self._is_kept = start.is_kept
        self._accepted = self._activities = self._started = self._closed = 0
        self._answered = 0
        self._timer: asyncio.Task[None] | None = None
        self._children: list[asyncio.Task[None]] = []

    @workflow.run
    async def run(self, start: Note) -> Note:  # noqa: ARG002 - the constructor has read it
        """Make one move after another, each once everything it needs has come in."""
        for move in self._script.moves:
            await self._wait_for(move.after)
            self._make(move)
        await self._wait_for(self._script.end)
        await workflow.wait_condition(workflow.all_handlers_finished)
        return note(self._script.result_bytes)

    @workflow.update
    async def act(self, asked: Note) -> Note:  # noqa: ARG002 - only its size matters
        """Answer when the script says so."""
        self._accepted += 1
        mine = self._accepted
        await workflow.wait_condition(lambda: self._answered >= mine)
        return note(self._script.update_answers[mine - 1])

    async def _wait_for(self, after: Tally) -> None:
        await workflow.wait_condition(
            lambda: (
                self._accepted >= after.updates
                and self._activities >= after.activities
                and self._started >= after.children_started
                and self._closed >= after.children_closed
            )
        )

    def _make(self, move: Move) -> None:
        self._answered = move.answers
        if move.cancels_timer and self._timer:
            self._timer.cancel()
        if move.starts_timer:
            self._timer = asyncio.create_task(asyncio.sleep(LONG.total_seconds()))
        for call in move.activities:
            self._do(call)
        for call in move.children:
            self._children.append(asyncio.create_task(self._child(call)))

    def _do(self, call: Call) -> None:
        asked = note(call.request_bytes, answer_bytes=call.answer_bytes)
        handle = workflow.start_activity(
            "keep" if self._is_kept else "answer",
            asked,
            result_type=Note,
            start_to_close_timeout=timedelta(seconds=60),
        )
        handle.add_done_callback(self._has_answered)

    def _has_answered(self, _: object) -> None:
        self._activities += 1

    async def _child(self, call: Call) -> None:
        tree = workflow.info().workflow_id.partition("/")[0]
        handle = await workflow.start_child_workflow(
            BareWorkflow.run,
            note(call.request_bytes, script=call.name, is_kept=self._is_kept),
            id=f"{tree}/{call.name}",
            parent_close_policy=ParentClosePolicy.ABANDON,
        )
        self._started += 1
        await handle
        self._closed += 1

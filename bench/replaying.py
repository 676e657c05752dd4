"""Replay: what an auditor's replay costs against bare histories, and whether a long history costs more an event."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from temporalio.api.enums.v1 import EventType
from temporalio.client import WorkflowHistory
from temporalio.worker import Replayer

from bench.bare import BareWorkflow
from bench.bare_worker import BARE_OPTIONS
from bench.measuring import Ratio, Stopwatch, ratio_of
from bench.playing import Place, numbered
from bench.rest import TreeWatch
from contracts.ids import contract_workflow, quoting_workflow
from contracts.service_contract import Cancellation
from contracts.task import Reminder
from lianyue.audit.replay import replayer
from lianyue.histories import ServerHistories
from workflows.registry import DATA_CONVERTER, WORKFLOW_OPTIONS

REPLAY_AIM = 1.30
FLAT_AIM = 1.20
SHORT, LONG = 500, 5_000
AT_ONCE = 8
_LONG_CONTRACT = 9_000


async def measure(histories: list[WorkflowHistory], bare_histories: list[WorkflowHistory], pairs: int) -> Ratio:
    """Replay both trees in turn, each history by itself; the first round warms up and is not counted."""
    ours: list[float] = []
    bare: list[float] = []
    for _ in range(pairs + 1):
        ours.append(await _us_per_event(replayer(WORKFLOW_OPTIONS), histories))
        bare.append(await _us_per_event(bare_replayer(), bare_histories))
    return ratio_of("replay / bare", "µs CPU/event", ours[1:], bare[1:], REPLAY_AIM, "the same tree, event by event")


async def measure_flatness(at: Place, pairs: int) -> Ratio:
    """Replay a history of some 5,000 events and its first 500 or so in turn."""
    whole = await long_history(at)
    begun = beginning(whole, SHORT)
    long: list[float] = []
    short: list[float] = []
    for _ in range(pairs + 1):
        long.append(await _us_per_event(replayer(WORKFLOW_OPTIONS), [whole]))
        short.append(await _us_per_event(replayer(WORKFLOW_OPTIONS), [begun]))
    note = f"{len(whole.events):,} events against {len(begun.events)}"
    return ratio_of("replay, long / short", "µs CPU/event", long[1:], short[1:], FLAT_AIM, note)


def bare_replayer() -> Replayer:
    """Return a replayer of bare workflows, under the options they were recorded with."""
    return Replayer(workflows=[BareWorkflow], data_converter=DATA_CONVERTER, **BARE_OPTIONS)


async def _us_per_event(with_: Replayer, histories: list[WorkflowHistory]) -> float:
    watch = Stopwatch()
    await with_.replay_workflows(_each(histories), raise_on_replay_failure=True)
    return watch.ms * 1_000 / sum(len(history.events) for history in histories)


async def _each(histories: list[WorkflowHistory]) -> AsyncIterator[WorkflowHistory]:
    for history in histories:
        yield history


async def long_history(at: Place) -> WorkflowHistory:
    """Return the history of a call for quotes in which the client has reminded a member again and again."""
    contract, _ = numbered(_LONG_CONTRACT)
    await at.desk.start(contract, "coordinator")
    await TreeWatch(at.client, contract_workflow(contract.number)).rest()
    board = at.client.get_workflow_handle(quoting_workflow(contract.number))
    task = min(task.id for task in at.desk.reading.tasks(number=contract.number))
    while (await board.describe()).history_length < LONG:
        await asyncio.gather(*(_remind(at, task) for _ in range(AT_ONCE * 4)))
    history = await ServerHistories(at.client).history(board.id)
    await at.desk.cancel(contract.number, "coordinator", Cancellation(reason="测量结束"))
    return history


_slots = asyncio.Semaphore(AT_ONCE)


async def _remind(at: Place, task: str) -> None:
    """The server lets ten updates of a workflow be under way at once."""
    async with _slots:
        await at.desk.act("remind", Reminder, task, "buyer", reason="请尽快报价")


def beginning(history: WorkflowHistory, events: int) -> WorkflowHistory:
    """Return the first *events* events or a few more, up to the end of a workflow task."""
    cut = next(
        event.event_id
        for event in history.events
        if event.event_id >= events and event.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_STARTED
    )
    return WorkflowHistory(workflow_id=history.workflow_id, events=history.events[:cut])

"""Live: the worker's CPU for one reference contract against that of bare workflows with the same events."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from temporalio.client import Client, WorkflowHistory

from bench.bare import BareWorkflow
from bench.bare_worker import QUEUE
from bench.measuring import Ratio, cpu_ms_of, ratio_of
from bench.playing import Place, Played, histories_of, numbered, play
from bench.rest import TreeWatch, closed
from bench.scripts import Play, learn, note, play_of
from lianyue.histories import ServerHistories
from lianyue.settings import Settings

LIVE_AIM = 1.25
KEPT_PAIRS = 3
"""The bare workflows with a database are there to tell what the database costs, not to be within an aim."""


@dataclass(frozen=True)
class Live:
    """The live figures, and what the other figures need of them: the contract and both kinds of histories."""

    ratios: tuple[Ratio, ...]
    played: Played
    histories: list[WorkflowHistory]
    bare_histories: list[WorkflowHistory]


async def measure(at: Place, pairs: int) -> Live:
    """
    Play the reference contract and its bare counterparts in turn; the first round warms up and is not counted.

    The bare activities are faster, so that now and then two of them end in one workflow task and three events are
    missing: what is compared is the CPU per event.
    """
    played = await play(at, *numbered(1))
    histories = await histories_of(at.client, played.number)
    tree = play_of(histories, played.number)
    learn(tree)
    ours: list[float] = []
    answering: list[float] = []
    keeping: list[float] = []
    with _bare_worker(at.settings, tree) as pid:
        for turn in range(2, pairs + 3):
            ours.append(await _engine_us(at, turn))
            answering.append(await _bare_us(at.client, pid, tree, f"bare-{turn}", is_kept=False))
            if len(keeping) <= KEPT_PAIRS:
                keeping.append(await _bare_us(at.client, pid, tree, f"kept-{turn}", is_kept=True))
        bare_histories = await bare_histories_of(at.client, tree, "bare-2")
    unit = "µs CPU/event"
    ratios = (
        ratio_of("worker, live / bare", unit, ours[1:], answering[1:], LIVE_AIM, "bare activities do nothing"),
        ratio_of(
            "worker, live / bare with SQLite",
            unit,
            ours[1 : len(keeping)],
            keeping[1:],
            0,
            "bare activities insert and commit",
        ),
    )
    return Live(ratios, played, histories, bare_histories)


async def _engine_us(at: Place, turn: int) -> float:
    """The worker's CPU for one event of the reference contract, its archiving included."""
    pid = at.instance.worker_pid
    before = cpu_ms_of(pid)
    played = await play(at, *numbered(turn))
    used = cpu_ms_of(pid) - before
    return used * 1_000 / sum(len(history.events) for history in await histories_of(at.client, played.number))


async def _bare_us(client: Client, pid: int, tree: Play, name: str, *, is_kept: bool) -> float:
    """The bare worker's CPU for one event of a bare tree."""
    before = cpu_ms_of(pid)
    await drive(client, tree, name, is_kept=is_kept)
    used = cpu_ms_of(pid) - before
    return used * 1_000 / sum(len(history.events) for history in await bare_histories_of(client, tree, name))


async def drive(client: Client, tree: Play, name: str, *, is_kept: bool) -> None:
    """Start the bare tree *name* and send it every update, each once the tree rests, as the people do."""
    root = tree.drive.root
    await client.start_workflow(
        BareWorkflow.run,
        note(root.request_bytes, script=root.name, is_kept=is_kept),
        id=f"{name}/{root.name}",
        task_queue=QUEUE,
    )
    watch = TreeWatch(client, f"{name}/{root.name}")
    for update in tree.drive.updates:
        await watch.rest()
        handle = client.get_workflow_handle_for(BareWorkflow.run, f"{name}/{update.name}")
        await handle.execute_update(BareWorkflow.act, note(update.request_bytes))
    for script in tree.scripts:
        await closed(client, f"{name}/{script}")


async def bare_histories_of(client: Client, tree: Play, name: str) -> list[WorkflowHistory]:
    """Return the histories of the bare tree *name*, in the order of its scripts."""
    return [await ServerHistories(client).history(f"{name}/{script}") for script in tree.scripts]


@contextmanager
def _bare_worker(settings: Settings, tree: Play) -> Iterator[int]:
    """Run a bare worker in a process of its own; yield its id."""
    plays = settings.data / "plays.json"
    plays.write_text(tree.model_dump_json(), encoding="utf-8")
    with (settings.data / "bare-worker.log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "bench.bare_worker", str(plays), str(settings.data / "kept.sqlite")],
            env={**os.environ, **settings.as_environment()},
            cwd=Path(__file__).parents[1],
            stdout=log,
            stderr=log,
        )
    try:
        yield process.pid
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=20)

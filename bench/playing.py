"""The reference contract, played by its people: one act at a time, each after everything before it has come to rest."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from temporalio.client import Client, WorkflowHistory

from bench.rest import TreeWatch, closed
from contracts.ids import archiving_workflow, contract_workflow, task_place
from contracts.service_contract import ServiceContract, Stage
from contracts.task import MemberTask, TaskKind
from lianyue.desk.desk import Desk
from lianyue.dev_server import connect, free_port
from lianyue.histories import ServerHistories
from lianyue.instance import Instance
from lianyue.settings import Settings
from lianyue.simulate.answers import answer, hand_over
from lianyue.simulate.example import load
from lianyue.simulate.script import Script

REFERENCE = load(Path(__file__).parent / "reference")
ORIGIN = "2025-07-01T09:00:00+08:00"


@dataclass(frozen=True)
class Act:
    """One completed task, and how many events its board and the whole tree had more once they rested again."""

    kind: TaskKind
    task: str
    board_events: int
    tree_events: int


@dataclass(frozen=True)
class Played:
    """One contract from its start to its archive."""

    number: str
    stage: Stage
    acts: tuple[Act, ...]
    lengths: dict[str, int]

    @property
    def events(self) -> int:
        """The events of the contract's tree."""
        return sum(self.lengths.values())


@dataclass(frozen=True)
class Place:
    """A running instance with its server, its desk and a client."""

    instance: Instance
    desk: Desk
    client: Client

    @property
    def settings(self) -> Settings:
        """The settings of the instance."""
        return self.instance.settings


@asynccontextmanager
async def place(data: Path) -> AsyncIterator[Place]:
    """Start an instance with the reference alliance on a free port; its clock is the real one, so nothing falls due."""
    settings = Settings(data=data, temporal_address=f"127.0.0.1:{free_port()}", clock_origin=ORIGIN)
    instance = Instance(settings)
    try:
        desk = await instance.start()
        instance.wiring.directory.load(REFERENCE.alliance)
        yield Place(instance, desk, await connect(settings))
    finally:
        instance.stop()


def numbered(place: int) -> tuple[ServiceContract, Script]:
    """Return the reference contract under its *place*-th number, with what its people do."""
    contract = REFERENCE.contracts[0]
    number = f"LY-2025-{place:04}"
    script = REFERENCE.script.model_copy(
        update={
            "quotes": {number: REFERENCE.script.quotes[contract.number]},
            "scores": {number: REFERENCE.script.scores[contract.number]},
        }
    )
    return contract.model_copy(update={"number": number}), script


async def play(at: Place, contract: ServiceContract, script: Script) -> Played:
    """Start *contract* and answer every task as expected, the tasks in order of their ids, until it is archived."""
    await at.desk.start(contract, "coordinator")
    watch = TreeWatch(at.client, contract_workflow(contract.number))
    await watch.rest()
    acts: list[Act] = []
    while not watch.is_closed:
        task = min(at.desk.reading.tasks(number=contract.number), key=lambda task: task.id)
        board, before = task_place(task.id)[0], dict(watch.lengths)
        await _act(at.desk, task, contract, script)
        after = await watch.rest()
        tree_events = sum(after.values()) - sum(before.values())
        acts.append(Act(task.kind, task.id, after[board] - before[board], tree_events))
    await closed(at.client, archiving_workflow(contract.number))
    stage = at.desk.reading.contract(contract.number).stage
    return Played(contract.number, stage, tuple(acts), dict(watch.lengths))


async def _act(desk: Desk, task: MemberTask, contract: ServiceContract, script: Script) -> None:
    category = desk.orders.category(contract)
    await hand_over(desk, task, _who(task))
    await desk.submit(task.id, _who(task), answer(task, contract, category, script, None))


def _who(task: MemberTask) -> str:
    """The one person of the reference alliance who may answer *task*."""
    return next(
        person.user
        for person in REFERENCE.alliance.people
        if person.company == task.company and task.role in person.roles
    )


async def histories_of(client: Client, number: str) -> list[WorkflowHistory]:
    """Return the histories of a contract's tree and of its archiving, from the server."""
    histories = ServerHistories(client)
    tree = await histories.tree(contract_workflow(number))
    return [await histories.history(workflow_id) for workflow_id in (*tree, archiving_workflow(number))]

"""`audit at`: a contract as it stood after any of its events, by replay."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from temporalio.api.enums.v1 import EventType
from temporalio.client import WorkflowHistory

from contracts.errors import Invalid
from contracts.service_contract import Stage
from contracts.task import MemberTask
from lianyue.access.permissions import Part, may_see_task
from lianyue.access.viewer import somebody_of
from lianyue.audit.acts import moment_of
from lianyue.audit.diverging import turns_of
from lianyue.audit.journey import Turn
from lianyue.audit.views import Told


class NoSuchEvent(Invalid):
    """Give a number between 1 and the number of the contract's events."""

    code = "no-such-event"


@dataclass(frozen=True)
class Place:
    """One event of a contract's tree: its number among all, and where it stands."""

    number: int
    workflow_id: str
    event: int
    at: str
    what: str


@dataclass(frozen=True)
class Standing:
    """How a contract stood after one event: each workflow's state, none before it had begun."""

    place: Place
    of: int
    states: dict[str, dict[str, Any]]
    read: Mapping[str, int]
    """The last event of each workflow that had happened by then."""
    diverged: tuple[str, ...] = ()
    """Where the replay of a workflow left the path: of what comes after, nothing is known."""

    @cached_property
    def tasks(self) -> list[MemberTask]:
        """Every task that there was, by id."""
        tasks = [each for state in self.states.values() for each in state.get("tasks", {}).values()]
        return sorted((MemberTask.model_validate(each) for each in tasks), key=lambda task: task.id)

    @cached_property
    def open_tasks(self) -> list[MemberTask]:
        """The tasks that were open, by id."""
        return [task for task in self.tasks if task.is_open]

    def stage_of(self, told: Told) -> Stage:
        """Return how far the contract had come."""
        return Stage(self.states.get(told.root.workflow_id, {}).get("stage", Stage.REGISTERED))


@dataclass(frozen=True)
class Journey:
    """The life of a contract, replayed once: from it follows how it stood after each of its events."""

    told: Told
    places: tuple[Place, ...]
    turns: tuple[Turn, ...]
    diverged: tuple[str, ...] = ()

    def stood(self, number: int) -> Standing:
        """
        Return how the contract stood after event *number* of its tree, counted from 1 in the order of time.

        Raises:
            NoSuchEvent: If the tree has fewer events.
        """
        count = len(self.places)
        if not 1 <= number <= count:
            raise NoSuchEvent(f"{self.told.number} has {count} events, none with the number {number}")
        read = {place.workflow_id: place.event for place in self.places[:number]}
        states = {
            history.workflow_id: state
            for history in self.told.histories
            if (state := state_after(history, self.turns, read.get(history.workflow_id, 0))) is not None
        }
        return Standing(self.places[number - 1], count, states, read, self.diverged)

    @cached_property
    def changes(self) -> tuple[int, ...]:
        """The events after which the stage or the open tasks were others than before, by number."""
        numbers = {(place.workflow_id, place.event): place.number for place in self.places}
        ended = [(numbers[turn.workflow_id, turn.read + 1], turn) for turn in self.turns if _ended(turn, numbers)]
        before: dict[str, Any] = {}
        found = []
        for number, turn in sorted(ended, key=lambda each: each[0]):
            if before.get(turn.workflow_id) != (now := _mark(turn.state)):
                before[turn.workflow_id] = now
                found.append(number)
        return tuple(found)


def _ended(turn: Turn, numbers: Mapping[tuple[str, int], int]) -> bool:
    return (turn.workflow_id, turn.read + 1) in numbers


def _mark(state: Mapping[str, Any]) -> tuple[Any, ...]:
    """What of a state somebody would notice."""
    tasks = (MemberTask.model_validate(each) for each in state.get("tasks", {}).values())
    return state.get("stage"), tuple(sorted((task.id, task.state, task.user) for task in tasks if task.is_open))


def places(histories: Sequence[WorkflowHistory]) -> list[Place]:
    """Return every event of the tree in the order of time; at the same moment a parent's go before its children's."""
    found = [
        (moment_of(event), history.workflow_id, event.event_id, EventType.Name(event.event_type))
        for history in histories
        for event in history.events
    ]
    return [
        Place(number, workflow_id, event, at, what.removeprefix("EVENT_TYPE_").lower())
        for number, (at, workflow_id, event, what) in enumerate(sorted(found), start=1)
    ]


async def journey_of(told: Told, only: Sequence[str] = ()) -> Journey:
    """Replay a contract; with *only*, states hold no more than what is so called."""
    turns, failures = await turns_of(told.histories, only)
    return Journey(told, tuple(places(told.histories)), tuple(turns), tuple(failures.values()))


async def stood(told: Told, number: int) -> Standing:
    """Return how the contract stood after event *number*; see `Journey.stood`."""
    return (await journey_of(told)).stood(number)


def state_after(history: WorkflowHistory, turns: Sequence[Turn], event: int) -> dict[str, Any] | None:
    """Return the state of the workflow after its own *event*: that of its last turn which had ended by then."""
    began = [
        each.event_id - 1
        for each in history.events[:event]
        if each.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED
    ]
    own = sorted((turn for turn in turns if turn.workflow_id == history.workflow_id), key=lambda turn: turn.read)
    at = bisect_right([turn.read for turn in own], began[-1]) if began else 0
    return own[at - 1].state if at else None


def seen_by(task: MemberTask, client: str, office: str, companies: Sequence[str]) -> list[str]:
    """Return which of the *companies* could look at *task*."""
    return [code for code in companies if may_see_task(somebody_of(code, office, client), task, client)]


def parts_then(told: Told, standing: Standing) -> dict[str, Part]:
    """Return what each company that knew of the contract had to do with it: the office and the client first."""
    order = told.order
    parties = {
        code
        for done, answer in told.answers("draw_up", "amend")
        if done.event <= standing.read.get(done.workflow_id, 0)
        for code in answer["agreement"]["parties"]
    }
    asked = {task.company for task in standing.tasks}
    known = {order.office: Part.OVERSEER, order.contract.client: Part.CLIENT}
    others = {code: Part.PARTY if code in parties else Part.ASKED for code in sorted(asked | parties)}
    return {**known, **{code: part for code, part in others.items() if code not in known}}


def standing_document(told: Told, standing: Standing) -> dict[str, Any]:
    """Return how the contract stood, as programs read it."""
    place, parts = standing.place, parts_then(told, standing)
    return {
        "number": told.number,
        "event": {
            "number": place.number,
            "of": standing.of,
            "at": place.at,
            "workflow_id": place.workflow_id,
            "event": place.event,
            "what": place.what,
        },
        "stage": standing.stage_of(told),
        "parts": parts,
        "open_tasks": [_task_document(task, told, list(parts)) for task in standing.open_tasks],
        "diverged": standing.diverged,
        "states": standing.states,
    }


def _task_document(task: MemberTask, told: Told, companies: Sequence[str]) -> dict[str, Any]:
    shown = {"id", "title", "kind", "company", "role", "user", "due_at"}
    seen = seen_by(task, told.order.contract.client, told.order.office, companies)
    return {**task.model_dump(mode="json", include=shown), "seen_by": seen}

"""`audit at`: a contract as it stood after any of its events, by replay."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from temporalio.api.enums.v1 import EventType
from temporalio.client import WorkflowHistory

from contracts.errors import Invalid
from contracts.task import MemberTask
from lianyue.access.permissions import may_see_task
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

    @property
    def open_tasks(self) -> list[MemberTask]:
        """The tasks that were open, by id."""
        tasks = [
            MemberTask.model_validate(each)
            for state in self.states.values()
            for each in state.get("tasks", {}).values()
        ]
        return sorted((task for task in tasks if task.is_open), key=lambda task: task.id)


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


async def stood(told: Told, number: int) -> Standing:
    """
    Return how the contract stood after event *number* of its tree, counted from 1 in the order of time.

    Raises:
        NoSuchEvent: If the tree has fewer events.
    """
    everything = places(told.histories)
    if not 1 <= number <= len(everything):
        raise NoSuchEvent(f"{told.number} has {len(everything)} events, none with the number {number}")
    turns, _ = await turns_of(told.histories)
    seen: dict[str, int] = {}
    for place in everything[:number]:
        seen[place.workflow_id] = place.event
    states = {
        history.workflow_id: state
        for history in told.histories
        if (state := state_after(history, turns, seen.get(history.workflow_id, 0))) is not None
    }
    return Standing(everything[number - 1], len(everything), states)


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

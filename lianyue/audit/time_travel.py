"""`audit at`: a contract as it stood after any of its events, by replay; and where a replay leaves the path."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from temporalio.api.enums.v1 import EventType
from temporalio.client import WorkflowHistory
from temporalio.worker import Replayer

from contracts.errors import Invalid
from contracts.task import MemberTask
from lianyue.access.permissions import may_see_task
from lianyue.access.viewer import somebody_of
from lianyue.audit.acts import moment_of
from lianyue.audit.journey import Turn, Watching
from lianyue.audit.replay import BUILD
from lianyue.audit.views import Told
from workflows.registry import DATA_CONVERTER, WORKFLOW_OPTIONS, WORKFLOWS


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


async def turns_of(histories: Sequence[WorkflowHistory]) -> tuple[list[Turn], dict[str, str]]:
    """Replay *histories* and return every turn, and of each replay that failed how."""
    watching = Watching()
    options = {**WORKFLOW_OPTIONS, "workflow_runner": watching}
    replayer = Replayer(workflows=WORKFLOWS, data_converter=DATA_CONVERTER, build_id=BUILD, **options)
    failures: dict[str, str] = {}
    for history in histories:
        result = await replayer.replay_workflow(history, raise_on_replay_failure=False)
        if result.replay_failure is not None:
            failures[history.workflow_id] = divergence(history, watching.turns) or str(result.replay_failure)
    return watching.turns, failures


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


def divergence(history: WorkflowHistory, turns: Sequence[Turn]) -> str:
    """Say, in words of the contract, at which turn the workflow would first do something else than history has."""
    for turn in turns:
        if turn.workflow_id != history.workflow_id:
            continue
        recorded = _recorded(history, turn.read)
        if recorded is not None and recorded != list(turn.asked):
            event, expected, actual = turn.read, _words(recorded), _words(list(turn.asked))
            return f"{history.workflow_id}@{event}: then it {expected}; today's code {actual}"
    return ""


def _recorded(history: WorkflowHistory, began: int) -> list[str] | None:
    """What the turn that began with event *began* asked for, as history has it; none where the turn failed."""
    if began >= len(history.events) or history.events[began].event_type != EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED:
        return None
    asked = []
    for event in history.events[began + 1 :]:
        word = _event_asked(event)
        if word is None:
            break
        asked.append(word)
    return [each for each in asked if each]


def _event_asked(event: Any) -> str | None:
    """What an event that follows a turn says was asked for; none where it belongs to no turn."""
    match event.event_type:
        case EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED:
            return f"activity {event.activity_task_scheduled_event_attributes.activity_type.name}"
        case EventType.EVENT_TYPE_TIMER_STARTED:
            return "timer"
        case EventType.EVENT_TYPE_START_CHILD_WORKFLOW_EXECUTION_INITIATED:
            return f"child {event.start_child_workflow_execution_initiated_event_attributes.workflow_id}"
        case EventType.EVENT_TYPE_SIGNAL_EXTERNAL_WORKFLOW_EXECUTION_INITIATED:
            return f"signal {event.signal_external_workflow_execution_initiated_event_attributes.signal_name}"
        case EventType.EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED:
            return "end"
        case EventType.EVENT_TYPE_WORKFLOW_EXECUTION_FAILED:
            return "failure"
        case EventType.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED:
            return "taken in"
        case EventType.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_COMPLETED:
            return "answer"
        case EventType.EVENT_TYPE_TIMER_CANCELED:
            return ""
    return None


_SAID = {
    "screen": "asked the rules who may quote",
    "open_quotes": "had the quotes opened",
    "decide": "had the rules decide",
    "release": "gave reserved capacity back",
    "allocate": "had the portfolio decided",
    "let_go": "took reservations of the portfolio back",
    "take_up": "took up what its portfolio had decided",
    "tell": "spoke to its portfolio",
    "draw_up": "had the agreement drawn up",
    "amend": "had an amendment drawn up",
    "certify": "had the document certified",
    "sign": "had a party sign",
    "conclude": "put the agreement into force",
    "void": "made a version void",
    "settle": "settled an instalment",
    "draft": "drafted the reviews",
    "finalise": "made the reviews final",
    "write_down": "wrote down what had happened",
    "archive": "archived the histories",
}


def _words(asked: list[str]) -> str:
    return ", ".join(_word(each) for each in asked) or "asked for nothing"


def _word(asked: str) -> str:
    kind, _, name = asked.partition(" ")
    if kind == "activity":
        return _SAID.get(name, f"did {name}")
    if kind == "child":
        return f"began {name}"
    if kind == "signal":
        return f"sent {name}"
    return {"timer": "set a deadline", "end": "ended", "failure": "failed", "taken": "took a request in"}.get(
        kind, "answered a request"
    )

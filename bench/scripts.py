"""What a recorded history made its workflow do, with all meaning taken out: the script of a bare workflow."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict
from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import WorkflowHistory


class _Plain(BaseModel):
    model_config = ConfigDict(frozen=True)


class Note(_Plain):
    """A payload of a wanted size; ``script`` names what its receiver plays, ``answer_bytes`` how long the answer is."""

    padding: str = ""
    script: str = ""
    answer_bytes: int = 0
    is_kept: bool = False


class Tally(_Plain):
    """How much has come in so far."""

    updates: int = 0
    activities: int = 0
    children_started: int = 0
    children_closed: int = 0


class Call(_Plain):
    """An activity or a child by the sizes of its request and its answer; a child also by its name."""

    name: str = ""
    request_bytes: int
    answer_bytes: int = 0


class Move(_Plain):
    """What one workflow task decided once *after* had come in."""

    after: Tally
    activities: tuple[Call, ...] = ()
    children: tuple[Call, ...] = ()
    starts_timer: bool = False
    cancels_timer: bool = False
    answers: int = 0
    """So many updates have been answered when this move is over."""


class Script(_Plain):
    """Everything a bare workflow does, in order."""

    name: str
    moves: tuple[Move, ...]
    end: Tally
    """What must have come in before it closes."""
    update_answers: tuple[int, ...]
    result_bytes: int


class Drive(_Plain):
    """Everything that is done to a tree from outside: how it is started, and each update in order."""

    root: Call
    updates: tuple[Call, ...]


class Play(_Plain):
    """A whole tree: its scripts by name, and its drive."""

    scripts: dict[str, Script]
    drive: Drive


SCRIPTS: dict[str, Script] = {}
"""The scripts of this process; workflows find theirs by name, so that it is no part of their input."""


def learn(play: Play) -> None:
    """Make the scripts of *play* known to the bare workflows of this process."""
    SCRIPTS.update(play.scripts)


def learn_from(file: Path) -> None:
    """Make the scripts that were written to *file* known."""
    learn(Play.model_validate_json(file.read_text(encoding="utf-8")))


def play_of(histories: Iterable[WorkflowHistory], number: str) -> Play:
    """Return the play of a tree, recorded under contract *number*; the root's history comes first."""
    recorded = list(histories)
    scripts = {_name(history.workflow_id, number): _script(history, number) for history in recorded}
    updates = sorted(
        (
            (event.event_time.ToNanoseconds(), _name(history.workflow_id, number), event)
            for history in recorded
            for event in history.events
            if event.event_type == EventType.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED
        ),
        key=lambda found: found[:2],
    )
    started = recorded[0].events[0].workflow_execution_started_event_attributes
    return Play(
        scripts=scripts,
        drive=Drive(
            root=Call(name=_name(recorded[0].workflow_id, number), request_bytes=_bytes(started.input)),
            updates=tuple(Call(name=name, request_bytes=_asked_bytes(event)) for _, name, event in updates),
        ),
    )


def _name(workflow_id: str, number: str) -> str:
    """The id without the number: the same for every contract."""
    return workflow_id.replace(f"/{number}", "")


def _asked_bytes(event: HistoryEvent) -> int:
    return _bytes(event.workflow_execution_update_accepted_event_attributes.accepted_request.input.args)


def _bytes(payloads: Any) -> int:
    return sum(len(payload.data) for payload in payloads.payloads)


def _script(history: WorkflowHistory, number: str) -> Script:
    events = list(history.events)
    answers = [
        _bytes(event.workflow_execution_update_completed_event_attributes.outcome.success)
        for event in events
        if event.event_type == EventType.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_COMPLETED
    ]
    result = events[-1].workflow_execution_completed_event_attributes.result
    return Script(
        name=_name(history.workflow_id, number),
        moves=tuple(_moves(events, number)),
        end=_end(events),
        update_answers=tuple(answers),
        result_bytes=_bytes(result),
    )


def _moves(events: list[HistoryEvent], number: str) -> Iterator[Move]:
    """Yield a move for every workflow task that decided something."""
    tally, answered = Tally(), 0
    sizes = _answer_sizes(events)
    for place, event in enumerate(events):
        tally = _counted(tally, event)
        if event.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED:
            decided = list(_decided(events[place + 1 :], event.event_id))
            for each in decided:
                answered += each.event_type == EventType.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_COMPLETED
            updates = sum(each.event_type == _ACCEPTED for each in decided)
            after = tally.model_copy(update={"updates": tally.updates + updates})
            move = _move(after, decided, answered, sizes, number)
            if decided and any(each.event_type != _ACCEPTED for each in decided):
                yield move


_ACCEPTED = EventType.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED

_COUNTED = {
    _ACCEPTED: "updates",
    EventType.EVENT_TYPE_ACTIVITY_TASK_COMPLETED: "activities",
    EventType.EVENT_TYPE_CHILD_WORKFLOW_EXECUTION_STARTED: "children_started",
    EventType.EVENT_TYPE_CHILD_WORKFLOW_EXECUTION_COMPLETED: "children_closed",
}

_DECISIONS = {
    EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED: "activity_task_scheduled_event_attributes",
    EventType.EVENT_TYPE_TIMER_STARTED: "timer_started_event_attributes",
    EventType.EVENT_TYPE_TIMER_CANCELED: "timer_canceled_event_attributes",
    EventType.EVENT_TYPE_START_CHILD_WORKFLOW_EXECUTION_INITIATED: (
        "start_child_workflow_execution_initiated_event_attributes"
    ),
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_COMPLETED: "",
    _ACCEPTED: "",
}


def _end(events: Iterable[HistoryEvent]) -> Tally:
    tally = Tally()
    for event in events:
        tally = _counted(tally, event)
    return tally


def _counted(tally: Tally, event: HistoryEvent) -> Tally:
    name = _COUNTED.get(event.event_type)
    return tally if name is None else tally.model_copy(update={name: getattr(tally, name) + 1})


def _decided(following: Iterable[HistoryEvent], task: int) -> Iterator[HistoryEvent]:
    """The events right after workflow task *task* that it decided."""
    for event in following:
        if event.event_type not in _DECISIONS:
            return
        name = _DECISIONS[event.event_type]
        if name and getattr(event, name).workflow_task_completed_event_id != task:
            return
        yield event


def _answer_sizes(events: Iterable[HistoryEvent]) -> dict[int, int]:
    """The size of each activity's answer, by the event that scheduled it."""
    return {
        event.activity_task_completed_event_attributes.scheduled_event_id: _bytes(
            event.activity_task_completed_event_attributes.result
        )
        for event in events
        if event.event_type == EventType.EVENT_TYPE_ACTIVITY_TASK_COMPLETED
    }


def _move(after: Tally, decided: list[HistoryEvent], answers: int, sizes: dict[int, int], number: str) -> Move:
    kinds = [event.event_type for event in decided]
    return Move(
        after=after,
        activities=tuple(
            Call(
                request_bytes=_bytes(event.activity_task_scheduled_event_attributes.input),
                answer_bytes=sizes.get(event.event_id, 0),
            )
            for event in decided
            if event.event_type == EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED
        ),
        children=tuple(
            Call(
                name=_name(event.start_child_workflow_execution_initiated_event_attributes.workflow_id, number),
                request_bytes=_bytes(event.start_child_workflow_execution_initiated_event_attributes.input),
            )
            for event in decided
            if event.event_type == EventType.EVENT_TYPE_START_CHILD_WORKFLOW_EXECUTION_INITIATED
        ),
        starts_timer=EventType.EVENT_TYPE_TIMER_STARTED in kinds,
        cancels_timer=EventType.EVENT_TYPE_TIMER_CANCELED in kinds,
        answers=answers,
    )


_EMPTY_BYTES = len(Note().model_dump_json())


def note(size: int, script: str = "", answer_bytes: int = 0, is_kept: bool = False) -> Note:
    """Return a note whose JSON has about *size* bytes, or as few as its other fields need."""
    padding = "x" * max(0, size - _EMPTY_BYTES - len(script))
    return Note(padding=padding, script=script, answer_bytes=answer_bytes, is_kept=is_kept)

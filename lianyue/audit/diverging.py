"""Where a replay leaves the path: the first turn at which today's code would do something else, in contract words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from temporalio.api.enums.v1 import EventType
from temporalio.client import WorkflowHistory
from temporalio.worker import Replayer, UnsandboxedWorkflowRunner

from lianyue.audit.journey import Turn, Watching
from workflows.registry import DATA_CONVERTER, WORKFLOW_OPTIONS, WORKFLOWS

AUDITING: dict[str, Any] = {
    **WORKFLOW_OPTIONS,
    "workflow_runner": UnsandboxedWorkflowRunner(),
    # Named, because the library would read every loaded module to find a name of its own.
    "build_id": "audit",
}
"""
The options of the workers, without a sandbox.

The sandbox guards against code that is not deterministic, not against histories. Tests replay every kept history within
it; to load the workflows anew for each history would cost an auditor more than all the rest of a replay.
"""


async def turns_of(histories: Sequence[WorkflowHistory], only: Sequence[str] = ()) -> tuple[list[Turn], dict[str, str]]:
    """
    Replay *histories* and return every turn, and of each replay that failed how.

    With *only*, a turn holds no more of a workflow's state than what is so called.
    """
    watching = Watching(only, AUDITING["workflow_runner"])
    options = {**AUDITING, "workflow_runner": watching}
    replayer = Replayer(workflows=WORKFLOWS, data_converter=DATA_CONVERTER, **options)
    failures: dict[str, str] = {}
    for history in histories:
        result = await replayer.replay_workflow(history, raise_on_replay_failure=False)
        if result.replay_failure is not None:
            failures[history.workflow_id] = divergence(history, watching.turns) or str(result.replay_failure)
    return watching.turns, failures


async def explained(history: WorkflowHistory, failure: Exception) -> str:
    """Say how the replay of *history* ended in *failure*: in contract words, where a turn went another way."""
    _, failures = await turns_of([history], only=("stage",))
    return failures.get(history.workflow_id) or str(failure)


def divergence(history: WorkflowHistory, turns: Sequence[Turn]) -> str:
    """
    Say, in words of the contract, at which turn the workflow would first do something else than history has.

    Expected is what history has, actual what today's code does; nothing, if no turn differs.
    """
    for turn in turns:
        if turn.workflow_id != history.workflow_id:
            continue
        recorded = _recorded(history, turn.read)
        if recorded is not None and recorded != list(turn.asked):
            stage = f", {turn.state['stage']}" if turn.state.get("stage") else ""
            expected, actual = _words(recorded), _words(list(turn.asked))
            return f"{history.workflow_id}@{turn.read}{stage}: expected: {expected}; actual: {actual}"
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

"""
A workflow's journey: what it held in mind after each of its turns, and what it then asked for.

The states are read off the workflow itself, by a runner that looks after every turn. It can look at a replay or at a
worker at work, and must see the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum
from typing import Any

from pydantic import BaseModel
from temporalio import workflow
from temporalio.worker import ExecuteWorkflowInput, WorkflowInboundInterceptor, WorkflowRunner

from workflows.registry import WORKFLOW_OPTIONS

HIDDEN = ("_order", "_writing", "_in_flight", "_batches")
"""What a workflow is given, and how it keeps its batches apart: none of it says how far the contract has come."""


@dataclass(frozen=True)
class Turn:
    """One turn: the history it had read, the state it left, and what it asked for, in words of the protocol."""

    workflow_id: str
    read: int
    """The number of the event with which the turn began."""
    state: dict[str, Any]
    asked: tuple[str, ...]


class Watching(WorkflowRunner):
    """
    Runs workflows as the registry says, or as *runner* does, and writes down every turn.

    Of the state only that is kept which *only* names, if it names any.
    """

    def __init__(self, only: Sequence[str] = (), runner: WorkflowRunner | None = None) -> None:
        self.turns: list[Turn] = []
        self._runner: WorkflowRunner = runner or WORKFLOW_OPTIONS["workflow_runner"]
        self._only = tuple(only)

    def prepare_workflow(self, defn: Any) -> None:
        """Prepare as the runner does."""
        self._runner.prepare_workflow(defn)

    def set_worker_level_failure_exception_types(self, types: Sequence[type[BaseException]]) -> None:
        """Tell the runner."""
        self._runner.set_worker_level_failure_exception_types(types)

    def create_instance(self, det: Any) -> Any:
        """Return an instance that is looked at after every turn."""
        held: list[Any] = []

        class Catching(WorkflowInboundInterceptor):
            """Gets hold of the workflow when it begins."""

            async def execute_workflow(self, input: ExecuteWorkflowInput) -> Any:  # noqa: A002
                held.append(workflow.instance())
                return await super().execute_workflow(input)

        watched = replace(det, interceptor_classes=[*det.interceptor_classes, Catching])
        instance = self._runner.create_instance(watched)
        activate = instance.activate

        def looked_at(act: Any) -> Any:
            completion = activate(act)
            if held and not any(job.HasField("remove_from_cache") for job in act.jobs):
                asked = tuple(_asked(command) for command in completion.successful.commands)
                state = state_of(held[0], self._only)
                self.turns.append(Turn(det.info.workflow_id, act.history_length, state, tuple(filter(None, asked))))
            return completion

        vars(instance)["activate"] = looked_at
        return instance


def state_of(held: object, only: Sequence[str] = ()) -> dict[str, Any]:
    """Return what a workflow holds in mind, or *only* what is so called, as JSON; a lock and the like are left out."""
    kept = {name.lstrip("_"): value for name, value in sorted(vars(held).items()) if name not in HIDDEN}
    found = {name: _shown(value) for name, value in kept.items() if not only or name in only}
    return {name: value for name, value in found.items() if value is not _NO_VALUE}


_NO_VALUE = object()


def _shown(value: Any) -> Any:
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    if isinstance(value, Enum):
        return value.value
    if value is None or isinstance(value, str | int | bool):
        return value
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(name): _shown(each) if _is_value(each) else "…" for name, each in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        shown = [_shown(each) for each in value if _is_value(each)]
        return sorted(shown) if isinstance(value, set | frozenset) else shown
    return _NO_VALUE


def _is_value(value: Any) -> bool:
    return _shown(value) is not _NO_VALUE


def _asked(command: Any) -> str:
    """What a command asks for, so that it can be compared with the events that history has of it."""
    match command.WhichOneof("variant"):
        case "schedule_activity":
            return f"activity {command.schedule_activity.activity_type}"
        case "start_timer":
            return "timer"
        case "start_child_workflow_execution":
            return f"child {command.start_child_workflow_execution.workflow_id}"
        case "signal_external_workflow_execution":
            return f"signal {command.signal_external_workflow_execution.signal_name}"
        case "complete_workflow_execution":
            return "end"
        case "fail_workflow_execution":
            return "failure"
        case "update_response":
            response = command.update_response.WhichOneof("response")
            return "taken in" if response == "accepted" else "answer"
    return ""

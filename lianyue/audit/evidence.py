"""What a contract's histories prove: each activity's request and answer, out of the recorded events."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import BaseModel
from temporalio.api.common.v1 import Payload
from temporalio.api.enums.v1 import EventType
from temporalio.client import WorkflowHistory

Model = TypeVar("Model", bound=BaseModel)


@dataclass(frozen=True)
class Done:
    """One activity that was asked for and answered: JSON of request and answer as history keeps them."""

    workflow_id: str
    event: int
    name: str
    request: bytes
    answer: bytes

    def asked(self, model: type[Model]) -> Model:
        """Return the request as *model*."""
        return model.model_validate_json(self.request)

    def answered(self, model: type[Model]) -> Model:
        """Return the answer as *model*."""
        return model.model_validate_json(self.answer)

    def request_json(self) -> dict[str, Any]:
        """Return the request field by field."""
        found: dict[str, Any] = json.loads(self.request)
        return found


def activities_done(history: WorkflowHistory) -> Iterator[Done]:
    """Yield every completed activity of *history*, in the order of completion."""
    asked = {
        event.event_id: event.activity_task_scheduled_event_attributes
        for event in history.events
        if event.event_type == EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED
    }
    for event in history.events:
        if event.event_type == EventType.EVENT_TYPE_ACTIVITY_TASK_COMPLETED:
            completed = event.activity_task_completed_event_attributes
            scheduled = asked[completed.scheduled_event_id]
            yield Done(
                workflow_id=history.workflow_id,
                event=event.event_id,
                name=scheduled.activity_type.name,
                request=_first(scheduled.input.payloads),
                answer=_first(completed.result.payloads),
            )


def started_with(history: WorkflowHistory, model: type[Model]) -> Model:
    """Return what the workflow of *history* was started with, as *model*."""
    begun = history.events[0].workflow_execution_started_event_attributes
    return model.model_validate_json(_first(begun.input.payloads))


def _first(payloads: object) -> bytes:
    found: list[Payload] = list(payloads)  # type: ignore[call-overload]
    return found[0].data if found else b"null"

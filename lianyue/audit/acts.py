"""What people did, out of the recorded events: each update with who sent it and what became of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from temporalio.api.enums.v1 import EventType
from temporalio.client import WorkflowHistory


@dataclass(frozen=True)
class Act:
    """One update that a workflow took in: the request as it came, and how it ended."""

    workflow_id: str
    event: int
    """The event with which it was taken in."""
    at: str
    """When, as the server has it: ISO 8601 in UTC."""
    request_id: str
    verb: str
    request: dict[str, Any]
    refusal: str = ""
    """Why it was refused, if it was."""
    answered: bool = True

    @property
    def actor(self) -> dict[str, Any]:
        """Who acted, as the desk has told the workflow."""
        found: dict[str, Any] = self.request.get("actor") or {}
        return found

    @property
    def task(self) -> str:
        """The task that was acted on; none where it was an order for the whole contract."""
        return str(self.request.get("task", ""))


def acts_of(history: WorkflowHistory) -> Iterator[Act]:
    """Yield every update that the workflow of *history* took in, in order."""
    ended = _ends(history)
    for event in history.events:
        if event.event_type != EventType.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED:
            continue
        asked = event.workflow_execution_update_accepted_event_attributes.accepted_request
        payloads = list(asked.input.args.payloads)
        yield Act(
            workflow_id=history.workflow_id,
            event=event.event_id,
            at=moment_of(event),
            request_id=asked.meta.update_id,
            verb=asked.input.name,
            request=json.loads(payloads[0].data) if payloads else {},
            refusal=ended.get(event.event_id) or "",
            answered=event.event_id in ended,
        )


def moment_of(event: Any) -> str:
    """Return when *event* was, in UTC to the microsecond."""
    return str(event.event_time.ToDatetime().isoformat(timespec="microseconds")) + "Z"


def _ends(history: WorkflowHistory) -> dict[int, str]:
    """Why each answered update was refused, by the event that took it in; nothing where it was done."""
    ends = {}
    for event in history.events:
        if event.event_type == EventType.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_COMPLETED:
            completed = event.workflow_execution_update_completed_event_attributes
            failed = completed.outcome.HasField("failure")
            ends[completed.accepted_event_id] = completed.outcome.failure.message if failed else ""
    return ends

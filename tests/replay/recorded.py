"""The kept histories: where they lie, how they are read, and what they tell."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from temporalio.client import WorkflowHistory

from contracts.ids import contract_workflow
from lianyue.audit.evidence import Done, activities_done
from lianyue.histories import unpacked
from tests.replay.stories import NUMBER

FOLDER = Path(__file__).parent
SUMMARY = "story.json"
PORTFOLIO = "portfolio.json"
"""What the records hold of a story's portfolio: its order, and each decision with the document it follows from."""
AUTHORITY = "authority.pem"
"""The certificates, without keys, of the authority whose test keys signed in the story, and of its root."""
DOCUMENT = "document.pdf"
"""Of one story, the document that was signed."""
DOCUMENTED = "witnessed_and_handed_in"


@dataclass(frozen=True)
class Recording:
    """One kept history."""

    story: str
    workflow_id: str
    digest: str

    @property
    def file(self) -> Path:
        """Where it lies, as it is archived: zlib protobuf."""
        return file_of(self.story, self.workflow_id)

    def history(self) -> WorkflowHistory:
        """Return it, checked against its digest."""
        return unpacked(self.workflow_id, self.file.read_bytes(), self.digest)

    def __str__(self) -> str:
        return f"{self.story}/{self.workflow_id}"


def file_of(story: str, workflow_id: str) -> Path:
    """Return where the history of *workflow_id* lies."""
    return FOLDER / story / f"{workflow_id.replace('/', '_')}.pb.z"


def summary_of(story: str) -> dict[str, Any]:
    """Return what can be read about a story."""
    found: dict[str, Any] = json.loads((FOLDER / story / SUMMARY).read_text(encoding="utf-8"))
    return found


@cache
def recordings() -> tuple[Recording, ...]:
    """Return every kept history, by story, each story in the order of its tree."""
    found: list[Recording] = []
    for summary in sorted(FOLDER.glob(f"*/{SUMMARY}")):
        story = summary.parent.name
        kept = summary_of(story)["histories"]
        found.extend(Recording(story, each["workflow_id"], each["digest"]) for each in kept)
    return tuple(found)


def recording(story: str, path: str) -> Recording:
    """Return the one history of *story* that lies at *path* under the contract; without one, that of the root."""
    wanted = contract_workflow(NUMBER) + path
    (found,) = [each for each in recordings() if (each.story, each.workflow_id) == (story, wanted)]
    return found


def workflow_type(history: WorkflowHistory) -> str:
    """Return the name of the workflow that the history is of."""
    return history.events[0].workflow_execution_started_event_attributes.workflow_type.name


def done_in(history: WorkflowHistory) -> list[Done]:
    """Return the activities of *history* that take part in the records."""
    return [done for done in activities_done(history) if done.name not in ("archive", "tell")]


def verbs_told(history: WorkflowHistory) -> Iterator[tuple[str, str, str]]:
    """Yield verb, user and task of everything that the history wrote down."""
    for done in done_in(history):
        for happening in json.loads(done.request)["journal"]["happenings"]:
            yield happening["verb"], happening["user"], happening["task"]


def outline(history: WorkflowHistory) -> list[str]:
    """Return the events of *history* as short lines, without those of the workflow tasks, which say nothing."""
    lines = (_line(event) for event in history.to_json_dict()["events"])
    return [line for line in lines if "WORKFLOW_TASK" not in line]


def _line(event: dict[str, Any]) -> str:
    kind = event["eventType"].removeprefix("EVENT_TYPE_")
    facts = next((value for name, value in event.items() if name.endswith("EventAttributes")), {})
    told = (_word(facts, *path) for path in _TOLD)
    return " ".join([event["eventId"], kind, *(word for word in told if word)])


_TOLD = (
    ("workflowType", "name"),
    ("activityType", "name"),
    ("signalName",),
    ("acceptedRequest", "input", "name"),
    ("startToFireTimeout",),
    ("workflowExecution", "workflowId"),
)


def _word(facts: Any, *path: str) -> str:
    for step in path:
        facts = facts.get(step, {}) if isinstance(facts, dict) else {}
    return facts if isinstance(facts, str) else ""


def with_answer(history: WorkflowHistory, event: int, answer: Any) -> WorkflowHistory:
    """Return a copy of *history* in which the activity completed by *event* has answered *answer*."""
    events = [type(each).FromString(each.SerializeToString()) for each in history.events]
    result = events[event - 1].activity_task_completed_event_attributes.result
    result.payloads[0].data = json.dumps(answer, ensure_ascii=False).encode()
    return WorkflowHistory(workflow_id=history.workflow_id, events=events)

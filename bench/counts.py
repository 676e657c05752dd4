"""Exact counts: how many events a person's step and a whole contract take, and how many bytes their archive."""

from __future__ import annotations

from collections.abc import Iterable

from pydantic import BaseModel, ConfigDict
from temporalio.client import WorkflowHistory

from bench.playing import Act, Played
from contracts.task import TaskKind
from lianyue.histories import packed

STEP_AIM = 20
TREE_AIM = 2_600
"""For a contract of seventeen members; the reference contract has three."""


class StepCount(BaseModel):
    """
    The events that completed tasks of one kind added.

    ``step_events`` is what the task's own board wrote for each task on average, rounded up; ``most_tree_events`` the
    most that any one of them set off in the whole tree: the last of a phase starts the next.
    """

    model_config = ConfigDict(frozen=True)

    kind: TaskKind
    tasks: int
    step_events: int
    most_tree_events: int


class Counts(BaseModel):
    """The counts of one played contract; the archive's bytes are those of the tree, packed as it is kept."""

    model_config = ConfigDict(frozen=True)

    steps: tuple[StepCount, ...]
    workflows: dict[str, int]
    events: int
    archive_bytes: int
    protobuf_bytes: int


def counts_of(played: Played, histories: Iterable[WorkflowHistory]) -> Counts:
    """Count what *played* left in *histories*; the archivist's own history is not part of the tree."""
    tree = [history for history in histories if history.workflow_id in played.lengths]
    return Counts(
        steps=tuple(steps_of(played.acts)),
        workflows={history.workflow_id: len(history.events) for history in tree},
        events=sum(len(history.events) for history in tree),
        archive_bytes=sum(len(packed(history, "").zlibbed) for history in tree),
        protobuf_bytes=sum(event.ByteSize() for history in tree for event in history.events),
    )


def steps_of(acts: Iterable[Act]) -> list[StepCount]:
    """Return the counts by kind, in the order in which the kinds first come."""
    by_kind: dict[TaskKind, list[Act]] = {}
    for act in acts:
        by_kind.setdefault(act.kind, []).append(act)
    return [
        StepCount(
            kind=kind,
            tasks=len(done),
            step_events=-(-sum(act.board_events for act in done) // len(done)),
            most_tree_events=max(act.tree_events for act in done),
        )
        for kind, done in by_kind.items()
    ]

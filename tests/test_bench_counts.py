"""The exact counts of the bench: how many events a person's step and the reference contract take."""

from __future__ import annotations

import asyncio

import pytest

from bench.counts import STEP_AIM, Counts, counts_of
from bench.playing import histories_of, numbered, place, play
from contracts.task import TaskKind

TREE = {
    "": 124,
    "/quote": 58,
    "/sign/v1": 118,
    "/deliver/MA": 115,
    "/deliver/MB": 115,
    "/deliver/MC": 115,
    "/review": 82,
}
"""Events by workflow; whoever changes a number says in the commit why."""


@pytest.fixture(scope="module")
def counts(tmp_path_factory: pytest.TempPathFactory) -> Counts:
    """The counts of the reference contract, played once on a real server."""

    async def counted() -> Counts:
        async with place(tmp_path_factory.mktemp("bench")) as at:
            played = await play(at, *numbered(1))
            return counts_of(played, await histories_of(at.client, played.number))

    return asyncio.run(counted())


@pytest.mark.slow
def test_every_kind_of_step_is_counted(counts: Counts) -> None:
    """The reference contract has every task of an undisturbed contract, and nothing else."""
    expected = {"quote": 3, "approve": 2, "sign": 5, "deliver": 12, "accept": 12, "rate": 2, "reply": 3}

    assert expected == {step.kind.value: step.tasks for step in counts.steps}


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["quote", "approve", "sign", "deliver", "accept", "rate", "reply"])
def test_a_step_is_short(counts: Counts, kind: str) -> None:
    """No kind of task costs its board more than twenty events; a signature one more, as it is told once it stands."""
    step = next(step for step in counts.steps if step.kind is TaskKind(kind))

    assert step.step_events <= (STEP_AIM + 1 if kind == "sign" else STEP_AIM)


@pytest.mark.slow
def test_the_tree_has_so_many_events(counts: Counts) -> None:
    """The reference contract takes exactly these events: played one act at a time, it is always the same."""
    assert TREE == {workflow.partition("0001")[2]: events for workflow, events in counts.workflows.items()}


@pytest.mark.slow
def test_the_archive_is_small(counts: Counts) -> None:
    """An archived event takes less than a hundred and ten bytes, a tenth of them for who vouches for whom."""
    assert counts.archive_bytes < 110 * counts.events

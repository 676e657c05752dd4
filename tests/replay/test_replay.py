"""The kept histories: every one replays, every decision in them is decided again alike, and no change goes unnoticed."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from temporalio.client import WorkflowHistory
from temporalio.worker import Replayer, WorkflowReplayResult

from activities.deciding import DecisionRecord
from activities.quoting import OpenedQuotes
from contracts.agreement import AgreementVersion
from lianyue.audit.evidence import Done
from lianyue.audit.replay import Check, decided_again, replayer
from lianyue.books import publish
from lianyue.histories import unpacked
from lianyue.settings import Settings
from lianyue.story import SENTENCES
from lianyue.wiring import Wiring
from tests.replay.recorded import (
    AUTHORITY,
    FOLDER,
    Recording,
    done_in,
    recording,
    recordings,
    summary_of,
    verbs_told,
    with_answer,
    workflow_type,
)
from tests.replay.stories import STORIES
from tests.replay.variants import VARIANTS
from workflows.registry import DATA_CONVERTER, WORKFLOW_OPTIONS, WORKFLOWS

LARGEST_BYTES = 1_500_000
WHOLE_LIFE = "divided_whole_life"
DECIDING = ("screen", "decide", "open_quotes", "draw_up", "sign")


async def replayed(with_: Replayer, history: WorkflowHistory) -> WorkflowReplayResult:
    return await with_.replay_workflow(history, raise_on_replay_failure=False)


def without(option: str) -> Replayer:
    """A replayer that lacks one of the registry's options."""
    options = {"data_converter": DATA_CONVERTER, **WORKFLOW_OPTIONS}
    return Replayer(workflows=WORKFLOWS, **{name: value for name, value in options.items() if name != option})


@pytest.fixture(scope="module")
def books(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Fresh records that hold nothing but the shipped books and packs."""
    place = tmp_path_factory.mktemp("books")
    (place / "records.sqlite").write_bytes(sqlite_template.read_bytes())
    wiring = Wiring(Settings(data=place, sqlite_synchronous="OFF"))
    publish(wiring.records, None, wiring.categories)
    wiring.database.close()
    yield place


def auditor(books: Path, story: str, place: Path) -> Wiring:
    """An auditor's parts: the shipped rules, and the certificate under which the story was signed."""
    keys = place / "keys" / "authority"
    keys.mkdir(parents=True, exist_ok=True)
    (keys / AUTHORITY).write_bytes((FOLDER / story / AUTHORITY).read_bytes())
    return Wiring(Settings(data=place, database_url=f"sqlite:///{books / 'records.sqlite'}"))


def checks_of(wiring: Wiring, done: list[Done]) -> list[Check]:
    checks = decided_again(wiring, done)
    wiring.database.close()
    return checks


# --- what is kept -----------------------------------------------------------------------------------------------


def test_every_story_is_kept() -> None:
    """What is told in stories.py lies here as histories, and nothing else does."""
    assert set(STORIES) == {each.story for each in recordings()}


def test_every_file_belongs_to_a_history() -> None:
    """No file lies about that no test reads."""
    assert {each.file for each in recordings()} == set(FOLDER.glob("*/*.pb.z"))


def test_every_workflow_is_kept() -> None:
    """Each workflow of the registry has at least one history."""
    assert {each.__name__ for each in WORKFLOWS} == {workflow_type(each.history()) for each in recordings()}


def test_every_turn_is_kept() -> None:
    """Whatever can happen to a contract happens in one of the stories."""
    told = {sign for each in recordings() for sign in verbs_told(each.history())}
    keys = {verb for verb, _, _ in told} | {f"{verb} by" for verb, user, _ in told if user}
    keys |= {f"{verb} task" for verb, _, task in told if task}

    assert set() == set(SENTENCES) - keys - {"registered"}


def test_the_histories_are_small() -> None:
    """All together they take less than one and a half megabytes."""
    assert sum(file.stat().st_size for file in FOLDER.glob("*/*")) < LARGEST_BYTES


def test_no_key_is_kept() -> None:
    """A certificate lies beside each story; the keys are gone."""
    certificates = {(FOLDER / story / AUTHORITY).read_bytes() for story in STORIES}

    assert {True} == {b"BEGIN CERTIFICATE" in each and b"PRIVATE" not in each for each in certificates}


@pytest.mark.parametrize("story", STORIES)
def test_a_story_can_be_read(story: str) -> None:
    """Beside the histories stands what happened, in sentences, and every event in a line."""
    summary = summary_of(story)

    assert STORIES[story].__doc__ == summary["story"]
    assert all(summary["told"])
    assert all(each["events"] >= len(each["outline"]) > 0 for each in summary["histories"])


# --- replay -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("recorded", recordings(), ids=str)
async def test_a_history_replays(recorded: Recording) -> None:
    """Under the options of the registry today's workflows do what they did then."""
    result = await replayed(replayer(), recorded.history())

    assert result.replay_failure is None


@pytest.mark.parametrize("variant", VARIANTS, ids=lambda variant: variant.__name__)
async def test_a_changed_workflow_is_caught(variant: type) -> None:
    """A step more, a step less, another order, a timer more or none: the replay stops at the difference."""
    history = recording(WHOLE_LIFE, VARIANTS[variant]).history()
    changed = Replayer(workflows=[variant], data_converter=DATA_CONVERTER, **WORKFLOW_OPTIONS)

    result = await replayed(changed, history)

    assert result.replay_failure is not None
    assert "Nondeterminism" in f"{type(result.replay_failure).__name__} {result.replay_failure}"


@pytest.mark.parametrize(
    ("option", "path", "said"),
    [
        ("data_converter", "/quote", "Failed decoding arguments"),
        ("workflow_runner", "", ""),
        ("workflow_failure_exception_types", "/quote", ""),
    ],
)
async def test_without_an_option_of_the_registry(option: str, path: str, said: str) -> None:
    """Explore."""
    result = await replayed(without(option), recording("passed_between_colleagues", path).history())
    print(option, repr(result.replay_failure))

"""The kept histories: all replay, every decision in them is decided again alike, and no change goes unnoticed."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from temporalio.client import WorkflowHistory
from temporalio.worker import Replayer, WorkflowReplayResult

from contracts.errors import ArchiveDamaged
from contracts.portfolio import PortfolioOrder
from lianyue.audit.evidence import Done
from lianyue.audit.replay import Check, complete, decided_again, documents_again, money_adds_up, replayer
from lianyue.books import publish
from lianyue.document_store import FolderStore
from lianyue.histories import unpacked
from lianyue.records.tables import PortfolioDecisionRow
from lianyue.settings import Settings
from lianyue.story import SENTENCES
from lianyue.wiring import Wiring
from tests.replay.recorded import (
    AUTHORITY,
    DOCUMENT,
    DOCUMENTED,
    FOLDER,
    PORTFOLIO,
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
EXCEPTED = "excepted_and_passed_on"
DECIDING = ("screen", "decide", "open_quotes", "draw_up", "sign", "amend", "allocate", "take_up")
TOGETHER = "awarded_together"
CHILD = re.compile("contract/[^/]+/")


async def replayed(with_: Replayer, history: WorkflowHistory) -> WorkflowReplayResult:
    """How a replay went."""
    return await with_.replay_workflow(history, raise_on_replay_failure=False)


def without(option: str) -> Replayer:
    """A replayer that lacks one of the registry's options."""
    options = {"data_converter": DATA_CONVERTER, **WORKFLOW_OPTIONS}
    return Replayer(workflows=WORKFLOWS, **{name: value for name, value in options.items() if name != option})


@pytest.fixture(scope="module")
def books(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Fresh records that hold nothing but the shipped books and packs, and what was decided together."""
    place = tmp_path_factory.mktemp("books")
    (place / "records.sqlite").write_bytes(sqlite_template.read_bytes())
    wiring = Wiring(Settings(data=place, sqlite_synchronous="OFF"))
    publish(wiring.records, None, wiring.categories)
    for kept in FOLDER.glob(f"*/{PORTFOLIO}"):
        take_in(wiring, json.loads(kept.read_text(encoding="utf-8")))
    wiring.database.close()
    return place


def take_in(wiring: Wiring, portfolio: Any) -> None:
    """Put what the records held of a portfolio into *wiring*'s."""
    order = PortfolioOrder.model_validate(portfolio["order"])
    wiring.door.register_portfolio(order, "sha256:" + "0" * 64, datetime(2025, 7, 1, tzinfo=UTC))
    for each in portfolio["decisions"]:
        row = PortfolioDecisionRow.model_validate(each)
        wiring.database.write(lambda session, row=row: session.add(row))


def auditor(books: Path, story: str, place: Path) -> Wiring:
    """An auditor's parts: the shipped rules, and the certificate under which the story was signed."""
    keys = place / "keys" / "authority"
    keys.mkdir(parents=True, exist_ok=True)
    certificates = (FOLDER / story / AUTHORITY).read_bytes()
    (keys / AUTHORITY).write_bytes(certificates)
    (keys / "root.pem").write_bytes(certificates)
    if (FOLDER / story / DOCUMENT).is_file():
        FolderStore(place / "documents").keep((FOLDER / story / DOCUMENT).read_bytes())
    return Wiring(Settings(data=place, database_url=f"sqlite:///{books / 'records.sqlite'}"))


def checks_of(wiring: Wiring, done: list[Done]) -> list[Check]:
    """What the auditor finds."""
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
    result = await replayed(replayer(WORKFLOW_OPTIONS), recorded.history())

    assert result.replay_failure is None


@pytest.mark.parametrize("variant", VARIANTS, ids=lambda variant: variant.__name__)
async def test_a_changed_workflow_is_caught(variant: type) -> None:
    """A step more, a step less, another order, a timer more or none: the replay stops at the difference."""
    history = recording(WHOLE_LIFE, VARIANTS[variant]).history()
    changed = Replayer(workflows=[variant], data_converter=DATA_CONVERTER, **WORKFLOW_OPTIONS)

    result = await replayed(changed, history)

    assert result.replay_failure is not None
    assert "Nondeterminism" in f"{type(result.replay_failure).__name__} {result.replay_failure}"


async def test_without_its_failure_types_a_refusal_ends_the_replay() -> None:
    """A refused act fails the request; where refusals are not known as such, it fails the replay."""
    history = recording("passed_between_colleagues", "/quote").history()

    with_them = await replayed(replayer(WORKFLOW_OPTIONS), history)
    without_them = await replayed(without("workflow_failure_exception_types"), history)

    assert with_them.replay_failure is None
    assert "LY-2025-0001/quote:quote-NORTH-1 is for NORTH, not for LAKE" in str(without_them.replay_failure)


async def test_without_its_sandbox_nothing_is_replayed() -> None:
    """The rules' engine cannot be loaded anew for each workflow: a sandbox that does not let it through refuses."""
    history = recording(WHOLE_LIFE, "/quote").history()

    with pytest.raises(RuntimeError, match=r"^Failed validating workflow ServiceContractWorkflow$"):
        await replayed(without("workflow_runner"), history)


# --- the decisions ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("story", STORIES)
def test_every_decision_is_decided_again_alike(story: str, books: Path, tmp_path: Path) -> None:
    """Screenings, openings, awards, documents and signatures follow again from what the histories hold."""
    done = [each for recorded in recordings() if recorded.story == story for each in done_in(recorded.history())]
    wanted = [each.name for each in done if each.name in DECIDING]

    checks = checks_of(auditor(books, story, tmp_path), done)

    assert wanted == [check.name.partition(" ")[0] for check in checks]
    assert [] == [f"{check.name}: {check.detail}" for check in checks if not check.ok]


def test_each_kind_of_decision_is_kept() -> None:
    """The stories hold every kind of decision that is decided again."""
    assert set(DECIDING) <= {done.name for recorded in recordings() for done in done_in(recorded.history())}


def altered(path: str, name: str, change: Any, story: str = WHOLE_LIFE) -> list[Done]:
    """The activities of the *story*'s history *path*, after *change* was made to the first answer of *name*."""
    history = recording(story, path).history()
    first = next(done for done in done_in(history) if done.name == name)
    answer = json.loads(first.answer)
    change(answer)
    return [each for each in done_in(with_answer(history, first.event, answer)) if each.name == name]


def failed(books: Path, place: Path, done: list[Done], story: str = WHOLE_LIFE) -> list[str]:
    """What the auditor of the *story* finds wrong."""
    checks = checks_of(auditor(books, story, place), done)
    return [check.detail for check in checks if not check.ok]


def test_an_unaltered_copy_passes(books: Path, tmp_path: Path) -> None:
    """Copying a history and writing the same answer anew is no difference."""
    assert [] == failed(books, tmp_path, altered("", "decide", lambda _: None))


def test_altered_facts_of_an_award_are_caught(books: Path, tmp_path: Path) -> None:
    """A price that was changed afterwards no longer leads to the recorded decision."""

    def change(answer: Any) -> None:
        answer["facts"]["candidates"][0]["quote"]["price_fen"] -= 1_000_000

    (detail,) = failed(books, tmp_path, altered("", "decide", change))

    assert detail.startswith("decided again, these differ: facts_digest, ")


def test_an_altered_award_is_caught(books: Path, tmp_path: Path) -> None:
    """A fen that moved from one share to another is not what the rules say."""

    def change(answer: Any) -> None:
        first, second = answer["decision"]["shares"][:2]
        first["amount_fen"], second["amount_fen"] = first["amount_fen"] - 1, second["amount_fen"] + 1

    assert ["decided again, these differ: shares"] == failed(books, tmp_path, altered("", "decide", change))


@pytest.mark.parametrize(
    ("field", "change"),
    [
        ("needs", lambda plan: plan["needs"].pop()),
        ("timeouts", lambda plan: plan["timeouts"].clear()),
        ("recused", lambda plan: plan["signers"][0].update(related=["HARBOUR"])),
        ("starter", lambda plan: plan.update(starter="money")),
    ],
)
def test_altered_approvals_are_caught(books: Path, tmp_path: Path, field: str, change: Any) -> None:
    """The authority matrix is asked again too: who must, who may not, and what silence leads to."""
    done = altered("", "decide", lambda answer: change(answer["approvals"]))

    assert [f"approvals planned again, these differ: {field}"] == failed(books, tmp_path, done)


def _longer(answer: Any) -> None:
    answer["facts"]["exceptions"][0]["to_day"] += 1


def _other_text(answer: Any) -> None:
    answer["exceptions"][0]["text"] = answer["exceptions"][0]["text"].replace("NORTH", "LAKE")


def _not_revoked(answer: Any) -> None:
    for signed in answer["exceptions"]:
        signed["revocations"] = []


@pytest.mark.parametrize("change", [_longer, _other_text, _not_revoked])
@pytest.mark.parametrize(("path", "name"), [("/quote", "screen"), ("", "decide")])
def test_an_altered_exception_is_caught(books: Path, tmp_path: Path, change: Any, path: str, name: str) -> None:
    """What the facts say of an exception is what the office signed, and its revocations count."""
    done = altered(path, name, change, EXCEPTED)

    (detail,) = failed(books, tmp_path, done, EXCEPTED)

    assert detail.startswith("the facts say of exceptions what was not signed: ")


def test_an_altered_price_of_what_was_taken_up_is_caught(books: Path, tmp_path: Path) -> None:
    """A portfolio was decided on the quotes of its contracts, and on no others."""

    def change(answer: Any) -> None:
        answer["facts"]["candidates"][0]["quote"]["price_fen"] -= 1

    (detail,) = failed(books, tmp_path, altered("", "take_up", change, TOGETHER), TOGETHER)

    assert detail == "portfolio ceremony was decided on other quotes than those of LY-2025-0001"


def test_another_answer_than_the_announced_is_caught(books: Path, tmp_path: Path) -> None:
    """What a contract took up is what its portfolio has announced."""

    def change(answer: Any) -> None:
        answer["decision"]["amount_fen"] -= 1

    (detail,) = failed(books, tmp_path, altered("", "take_up", change, TOGETHER), TOGETHER)

    assert detail == "portfolio ceremony has announced another decision for LY-2025-0001"


def test_altered_facts_of_a_screening_are_caught(books: Path, tmp_path: Path) -> None:
    """A member that had lost its categories would not have been asked."""

    def change(answer: Any) -> None:
        answer["facts"]["candidates"][0]["member"]["categories"] = []

    (detail,) = failed(books, tmp_path, altered("/quote", "screen", change))

    assert detail.startswith("decided again, these differ: ")


def test_an_opened_price_other_than_the_sealed_is_caught(books: Path, tmp_path: Path) -> None:
    """The commitment was made before anybody's price was known."""

    def change(answer: Any) -> None:
        answer["quotes"][0]["content"]["price_fen"] -= 1

    (detail,) = failed(books, tmp_path, altered("/quote", "open_quotes", change))

    assert detail.endswith("is not the one that was sealed")


def test_an_altered_document_is_caught(books: Path, tmp_path: Path) -> None:
    """What was signed has the digest of every word of it."""

    def change(answer: Any) -> None:
        answer["agreement"]["terms"]["scope"] = "绿地养护与清扫"

    assert ["the document does not have the digest that was signed"] == failed(
        books, tmp_path, altered("", "draw_up", change)
    )


def documents_of(wiring: Wiring, done: list[Done]) -> list[str]:
    """What the auditor finds of the documents; nothing where they hold."""
    checks = documents_again(wiring, done)
    wiring.database.close()
    return [check.detail for check in checks]


def documented() -> list[Done]:
    """The activities of the story whose document is kept."""
    return [each for path in ("", "/sign/v1") for each in done_in(recording(DOCUMENTED, path).history())]


def test_the_signed_document_holds_again(books: Path, tmp_path: Path) -> None:
    """Its bytes are those that the histories name, and every party has signed them under the authority."""
    assert [""] == documents_of(auditor(books, DOCUMENTED, tmp_path), documented())


def test_a_document_of_another_authority_is_not_believed(books: Path, tmp_path: Path) -> None:
    """Who signed is certified by the authority the auditor knows, not by any."""
    wiring = auditor(books, DOCUMENTED, tmp_path)
    (tmp_path / "keys/authority/root.pem").write_bytes((FOLDER / "refused_and_cascaded" / AUTHORITY).read_bytes())

    assert ["cannot_tell, unknown-authority PLATFORM"] == documents_of(wiring, documented())


def test_a_document_that_is_gone_is_missed(books: Path, tmp_path: Path) -> None:
    """Without the document nothing is proved."""
    (detail,) = documents_of(auditor(books, "refused_and_cascaded", tmp_path), documented())

    assert detail.startswith("no document is kept under sha256:")


def test_a_signature_that_the_history_does_not_know_is_caught(books: Path, tmp_path: Path) -> None:
    """Each revision of the document is one that was recorded."""
    done = [each for each in documented() if each.name != "sign" or b'"company":"LAKE"' not in each.answer]

    (detail,) = documents_of(auditor(books, DOCUMENTED, tmp_path), done)

    assert detail.endswith("does not follow on the one before it")


@pytest.mark.parametrize(("step", "ok"), [(0, True), (-1, False)])
def test_a_claw_back_other_than_the_signed_one_is_caught(step: int, ok: bool) -> None:
    """What a member pays back is what the amendment that all have signed says, to the fen."""
    done: list[Done] = []
    for recorded in [each for each in recordings() if each.story == "changed_and_amended"]:
        history = recorded.history()
        for concluded in [each for each in done_in(history) if each.name == "conclude"]:
            answer = json.loads(concluded.answer)
            for line in answer["claw_backs"]:
                line["agreed_fen"] += step
                line["payable"]["gross_fen"] += step
            history = with_answer(history, concluded.event, answer)
        done += done_in(history)

    assert "claw-back-v3" in str(done)
    assert [ok] == [check.ok for check in money_adds_up(done)]


# --- the archive ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("permille", [0, 1, 10, 250, 500, 750, 999])
def test_a_flipped_byte_is_refused(permille: int) -> None:
    """Wherever a byte of an archived history is changed, it is not read as a history."""
    recorded = recording(WHOLE_LIFE, "")
    kept = bytearray(recorded.file.read_bytes())
    kept[len(kept) * permille // 1_000] ^= 0xFF

    with pytest.raises(ArchiveDamaged):
        unpacked(recorded.workflow_id, bytes(kept), recorded.digest)


@pytest.mark.parametrize("story", sorted({recording.story for recording in recordings()}))
def test_a_tree_without_one_of_its_workflows_is_not_complete(story: str) -> None:
    """The histories name the workflows they started: whichever child is left out is missed."""
    tree = [recording.history() for recording in recordings() if recording.story == story]

    assert complete(tree).ok
    for left_out in [history for history in tree if CHILD.match(history.workflow_id)]:
        rest = [history for history in tree if history.workflow_id != left_out.workflow_id]
        assert f"missing: {left_out.workflow_id}" == complete(rest).detail


def test_another_history_is_refused() -> None:
    """A history that is whole in itself, but not the one whose digest was recorded, is refused by name."""
    whole, other = recording(WHOLE_LIFE, "/quote"), recording("too_few_quotes", "/quote")

    with pytest.raises(
        ArchiveDamaged,
        match=r"^the archived history of contract/LY-2025-0001/quote is not the one whose digest was recorded$",
    ):
        unpacked(whole.workflow_id, other.file.read_bytes(), whole.digest)

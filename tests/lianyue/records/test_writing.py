"""Agreements, signatures, money, reviews and rule texts, as activities keep them."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import Any

import pytest

from contracts.agreement import AgreementState, AgreementVersion
from contracts.delivery import SettlementKind
from contracts.errors import EffectConflict, Invalid, OverThePlan, StaleRevision, UnknownName, WrongState
from contracts.money import taxed
from contracts.quote import Quote
from contracts.review import Band, Review, Standing
from contracts.signed_document import DocumentRevision, RevisionKind
from lianyue.records.engine import Database
from lianyue.records.kept import Edition, KeptAgreement, KeptHistory
from lianyue.records.reading import Reading
from lianyue.records.sql import SqlRecords
from lianyue.records.tables import AgreementRow
from tests.lianyue.records.samples import AT, DAY, DIGEST, NUMBER, agreement, line, write

OTHER = "sha256:" + "1" * 64


@pytest.fixture
def signed(records: SqlRecords, alliance: Database) -> Database:
    """Records in which LGWY has 1,000 fen and LGNY 500 in force."""
    put_into_force(alliance, agreement(LGWY=1_000, LGNY=500))
    return alliance


def put_into_force(database: Database, version: AgreementVersion) -> None:
    """Draw *version* up and put it into force."""
    write(database, lambda writing: writing.keep_agreement(version))
    set_state(database, version.agreement.version, AgreementState.IN_FORCE)


def set_state(database: Database, version: int, state: AgreementState, reason: str = "") -> None:
    """Say what became of *version*."""
    write(database, lambda writing: writing.set_agreement_state(NUMBER, version, state, reason))


def review(score_bp: int, *, is_final: bool = False) -> Review:
    """A review of LGWY."""
    return Review(
        number=NUMBER, member="LGWY", category="property", score_bp=score_bp, kpis={}, is_final=is_final, day=DAY
    )


def revision(ordinal: int, company: str | None = None, **changes: Any) -> DocumentRevision:
    """Revision *ordinal* of a document, by which *company* signs."""
    told = {
        "number": NUMBER,
        "version": 1,
        "ordinal": ordinal,
        "kind": RevisionKind.SIGNED if company else RevisionKind.CERTIFIED if ordinal == 0 else RevisionKind.CLOSED,
        "digest": f"sha256:{ordinal:064x}",
        "previous": f"sha256:{ordinal - 1:064x}" if ordinal else None,
        "size": 100 + ordinal,
        "at": AT + timedelta(microseconds=1),
        "company": company,
    }
    return DocumentRevision(**{**told, **changes})


def test_document_is_kept_in_the_bytes_that_are_signed(signed: Database) -> None:
    """The SHA-256 of the text in the records is the digest everybody signs."""
    with signed.reading() as session:
        row = session.get_one(AgreementRow, (NUMBER, 1))

    assert row.digest == "sha256:" + hashlib.sha256(row.agreement_json.encode()).hexdigest()
    assert agreement(LGWY=1_000, LGNY=500) == write(signed, lambda writing: writing.agreement(NUMBER, 1))


def test_newer_version_replaces_the_one_in_force(signed: Database, reading: Reading) -> None:
    """With an amendment in force, the older version is replaced and the contract's total follows."""
    put_into_force(signed, agreement(2, LGWY=1_200, LGNY=500))

    states = [(kept.version.agreement.version, kept.state) for kept in reading.agreements(NUMBER)]
    assert [(1, AgreementState.REPLACED), (2, AgreementState.IN_FORCE)] == states
    assert 2 == write(signed, lambda writing: writing.plan_in_force(NUMBER)).version  # type: ignore[attr-defined]
    assert 1_700 == reading.contract(NUMBER).total_fen


def test_void_version_has_no_plan(signed: Database, reading: Reading) -> None:
    """A version that was made void is no longer in force, says why, and agrees on nothing."""
    set_state(signed, 1, AgreementState.VOIDED, "取消")

    expected = KeptAgreement(version=agreement(LGWY=1_000, LGNY=500), state=AgreementState.VOIDED, reason="取消")
    assert (expected,) == reading.agreements(NUMBER)
    assert 0 == reading.contract(NUMBER).total_fen
    with pytest.raises(WrongState) as refusal:
        write(signed, lambda writing: writing.plan_in_force(NUMBER))
    assert f"no agreement is in force for {NUMBER}" == str(refusal.value)


def test_void_version_does_not_come_back(signed: Database) -> None:
    """What was made void is drawn up anew, not revived."""
    set_state(signed, 1, AgreementState.VOIDED, "取消")

    with pytest.raises(WrongState) as refusal:
        set_state(signed, 1, AgreementState.IN_FORCE)

    assert f"version 1 of the agreement for {NUMBER} is voided" == str(refusal.value)


def test_unknown_version_is_refused(signed: Database) -> None:
    """Nobody signs a version that was not drawn up."""
    with pytest.raises(UnknownName) as refusal:
        write(signed, lambda writing: writing.agreement(NUMBER, 7))

    assert f"there is no version 7 of the agreement for {NUMBER}" == str(refusal.value)


def test_a_document_grows_revision_by_revision(signed: Database, reading: Reading) -> None:
    """Revisions come in their order, signatures by company."""
    revisions = (revision(0), revision(1, "LGWY"), revision(2, "LGCY"), revision(3))
    for each in revisions:
        write(signed, lambda writing, each=each: writing.keep_revision(each))

    assert revisions == reading.revisions(NUMBER, 1)
    assert (revisions[2], revisions[1]) == reading.signatures(NUMBER, 1)


@pytest.mark.parametrize(
    "late",
    [
        revision(1, "LGCY"),
        revision(2, "LGCY", previous=f"sha256:{0:064x}"),
        revision(3, "LGCY"),
        revision(0),
    ],
)
def test_what_does_not_follow_on_the_last_revision_is_refused(signed: Database, late: DocumentRevision) -> None:
    """Of two that were made on the same revision, the second is refused, and so is a gap."""
    for each in (revision(0), revision(1, "LGWY")):
        write(signed, lambda writing, each=each: writing.keep_revision(each))

    with pytest.raises(StaleRevision) as refusal:
        write(signed, lambda writing: writing.keep_revision(late))

    assert f"revision {late.ordinal} does not follow on the last of {NUMBER}" == str(refusal.value)


def test_company_signs_a_version_once(signed: Database) -> None:
    """A second signature of the same company is refused."""
    for each in (revision(0), revision(1, "LGWY")):
        write(signed, lambda writing, each=each: writing.keep_revision(each))

    with pytest.raises(StaleRevision) as refusal:
        write(signed, lambda writing: writing.keep_revision(revision(2, "LGWY")))

    assert f"LGWY is in the document of version 1 of {NUMBER} already" == str(refusal.value)


def test_share_is_settled_to_the_fen_and_not_beyond(signed: Database, reading: Reading) -> None:
    """Lines up to the share are kept; one fen more is over the plan."""
    write(signed, lambda writing: writing.keep_settlement(line("first", 600)))
    with pytest.raises(OverThePlan) as refusal:
        write(signed, lambda writing: writing.keep_settlement(line("final", 401)))
    write(signed, lambda writing: writing.keep_settlement(line("final", 400)))

    expected = f"{NUMBER}: with 'final', LGWY would settle 1001 fen of a share of 1000 fen"
    assert expected == str(refusal.value)
    assert (line("final", 400), line("first", 600)) == reading.settlements(NUMBER)


def test_a_claw_back_makes_room_in_the_share(signed: Database, reading: Reading) -> None:
    """A negative line is kept beside the instalments, and counts against what the member may still settle."""
    back = line("claw-back-v2", -400).model_copy(update={"kind": SettlementKind.CLAW_BACK, "payable": taxed(-400, 600)})
    write(signed, lambda writing: writing.keep_settlement(line("first", 1_000)))
    write(signed, lambda writing: writing.keep_settlement(back))
    write(signed, lambda writing: writing.keep_settlement(line("final", 400)))

    assert [-400, 400, 1_000] == [kept.agreed_fen for kept in reading.settlements(NUMBER)]


def test_instalment_is_settled_once(signed: Database) -> None:
    """A second line for one instalment is over the plan, even if there is money left."""
    write(signed, lambda writing: writing.keep_settlement(line("first", 100)))

    with pytest.raises(OverThePlan) as refusal:
        write(signed, lambda writing: writing.keep_settlement(line("first", 100)))

    assert f"{NUMBER}: LGWY's instalment 'first' is settled already" == str(refusal.value)


def test_stranger_is_not_paid(signed: Database) -> None:
    """A company without a share in the plan has nothing to settle."""
    with pytest.raises(OverThePlan):
        write(signed, lambda writing: writing.keep_settlement(line("first", 1, "LGFW")))


def test_draft_gives_way_to_final(records: SqlRecords, alliance: Database, reading: Reading) -> None:
    """A draft is replaced; a final review stays."""
    write(alliance, lambda writing: writing.keep_review(review(8_000)))
    write(alliance, lambda writing: writing.keep_review(review(8_500, is_final=True)))

    with pytest.raises(WrongState) as refusal:
        write(alliance, lambda writing: writing.keep_review(review(9_000)))

    assert f"the review of LGWY for {NUMBER} is final" == str(refusal.value)
    assert (review(8_500, is_final=True),) == reading.reviews(NUMBER)


def test_latest_standing_counts(alliance: Database, reading: Reading) -> None:
    """A new standing is kept beside the older ones and is the one that counts."""
    moved = Standing(member="LGWY", category="property", score_bp=8_500, band=Band.B, reviews=2, from_day=DAY)
    write(alliance, lambda writing: writing.keep_standing(moved))

    assert moved == write(alliance, lambda writing: writing.standing("LGWY", "property"))
    assert write(alliance, lambda writing: writing.standing("LGNY", "property")) is None
    assert (moved,) == reading.standings("property")


def test_quotes_opened_again_are_kept_once(records: SqlRecords, alliance: Database, reading: Reading) -> None:
    """A member has one opened quote a round, however often it was opened."""
    opened = Quote(
        member="LGWY", round=1, price_fen=90_000, commitment=DIGEST, nonce="n", order=0, content={"price_fen": 90_000}
    )
    for _ in range(2):
        write(alliance, lambda writing: writing.keep_quotes(NUMBER, (opened,)))

    assert (opened,) == reading.quotes(NUMBER)


def test_text_is_found_by_digest(records: SqlRecords) -> None:
    """A text comes back as it was published; publishing it again changes nothing."""
    for _ in range(2):
        records.publish("AllocationPolicy", "fair-share", "2025-07-01", DAY, None, "名: 公平\n", DIGEST)

    assert "名: 公平\n" == records.text(DIGEST)
    assert (
        Edition(
            digest=DIGEST,
            kind="AllocationPolicy",
            name="fair-share",
            edition="2025-07-01",
            effective_from_day=DAY,
            effective_to_day=None,
        ),
    ) == records.editions()
    with pytest.raises(UnknownName) as refusal:
        records.text(OTHER)
    assert f"nothing was published under {OTHER}" == str(refusal.value)


def test_edition_is_never_edited(records: SqlRecords) -> None:
    """Other content under a published edition is refused."""
    records.publish("AllocationPolicy", "fair-share", "2025-07-01", DAY, None, "a", DIGEST)

    with pytest.raises(Invalid) as refusal:
        records.publish("AllocationPolicy", "fair-share", "2025-07-01", DAY, None, "b", OTHER)

    message = "was published with other content; an edition is never edited: write the next one"
    assert f"AllocationPolicy fair-share 2025-07-01 {message}" == str(refusal.value)


def test_edition_in_force_is_that_of_the_day(records: SqlRecords) -> None:
    """An edition is in force from its first day, until the next one begins or its end, exclusive."""
    records.publish("AllocationPolicy", "fair-share", "1", DAY, None, "a", DIGEST)
    records.publish("AllocationPolicy", "fair-share", "2", DAY + 10, DAY + 20, "b", OTHER)

    days = (DAY - 1, DAY, DAY + 9, DAY + 10, DAY + 19, DAY + 20)
    found = [records.edition_in_force("AllocationPolicy", "fair-share", day) for day in days]
    assert [None, DIGEST, DIGEST, OTHER, OTHER, DIGEST] == found
    with pytest.raises(UnknownName):
        records.needed_edition("AllocationPolicy", "fair-share", DAY - 1)


def test_half_a_tree_is_no_archive(records: SqlRecords, reading: Reading) -> None:
    """Until the root's history is kept, which comes last, there is no archive to audit."""
    records.keep_history(f"contract/{NUMBER}/quote", "run-1", NUMBER, 57, b"\0zlib", DIGEST)
    before = reading.histories(NUMBER)
    records.keep_history(f"contract/{NUMBER}", "run-1", NUMBER, 99, b"\0zlib", OTHER)

    assert () == before
    assert [f"contract/{NUMBER}", f"contract/{NUMBER}/quote"] == [
        kept.workflow_id for kept in reading.histories(NUMBER)
    ]


def test_history_is_kept_once(records: SqlRecords, reading: Reading) -> None:
    """Keeping a history twice is keeping it once; a run that was reset has its own beside it."""
    root = f"contract/{NUMBER}"
    for _ in range(2):
        records.keep_history(root, "run-1", NUMBER, 57, b"\0zlib", DIGEST)
    records.keep_history(root, "run-2", NUMBER, 60, b"\1zlib", OTHER)

    first = KeptHistory(workflow_id=root, run_id="run-1", number=NUMBER, events=57, digest=DIGEST, zlibbed=b"\0zlib")
    assert first == reading.histories(NUMBER)[0]
    assert 2 == len(reading.histories(NUMBER))
    with pytest.raises(EffectConflict):
        records.keep_history(root, "run-1", NUMBER, 57, b"\0zlib", OTHER)

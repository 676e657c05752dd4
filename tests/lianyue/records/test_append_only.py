"""What the databases themselves refuse, also to somebody with a shell."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from activities.recording import Written
from contracts.agreement import AgreementState
from contracts.approval import Revocation
from contracts.decision import ShadowDecision
from contracts.errors import UnknownName
from contracts.facts import ContractFacts, Facts
from lianyue.log.note import Checkpoint, Signer
from lianyue.records.append_only import APPEND_ONLY
from lianyue.records.door import Door
from lianyue.records.engine import Database
from lianyue.records.evidence import EvidenceRows, KeptEvidence
from lianyue.records.grants import Grants
from lianyue.records.log import LogBook
from lianyue.records.sql import SqlRecords
from lianyue.records.tables import NoticeRow, PortfolioContractRow
from lianyue.records.writing import SqlWriting
from lianyue.testing import exception_text
from rules.exceptions import exception_in
from tests.lianyue.records.samples import (
    AT,
    COORDINATOR,
    COPY,
    DAY,
    DIGEST,
    MANDATE,
    NUMBER,
    PORTFOLIO,
    PREPARED,
    REVISION,
    SIGNATURE,
    agreement,
    decision,
    happening,
    line,
    request,
)

KEY = Ed25519PrivateKey.from_private_bytes(b"k" * 32)
NOTICE = {"key": "n", "number": NUMBER, "task": "", "event": "ended", "company": "", "role": "", "user": "", "at": AT}
EVIDENCE = KeptEvidence(
    number=NUMBER,
    company="LGWY",
    sha256="0" * 64,
    name="a.pdf",
    size=1,
    media_type="application/pdf",
    milestone="final",
    user="han.mei",
    at=AT,
)
COLUMNS = {
    "copy": "given_by",
    "edition": "name",
    "log_checkpoint": "size",
    "log_cosignature": "line",
    "log_node": "hash",
    "mandate": "delegate",
    "policy_exception": "name",
    "portfolio": "title",
    "portfolio_decision": "digest",
    "refused_attempt": "code",
    "revocation": "target",
    "standing": "member",
}
"""A column that a table has where it has no number."""


def leave_rows(writing: SqlWriting) -> Written:
    """Write one row into each table that an activity adds to."""
    facts = Facts(
        decision_day="2025-07-01",
        contract=ContractFacts(
            number=NUMBER,
            category="property",
            client="LGCY",
            park="fengxian",
            value_fen=1,
            quantity=1,
            starts_day=DAY,
            ends_day=DAY,
        ),
        candidates=(),
    )
    writing.keep_decision(NUMBER, 1, facts, decision(LGWY=100))
    writing.keep_shadow(NUMBER, 1, ShadowDecision(policy="fair-share", digest=DIGEST, failure="no queue"))
    writing.keep_portfolio_decision("ceremony", 1, COPY, DIGEST)
    writing.keep_agreement(agreement(LGWY=100))
    writing.keep_revision(REVISION)
    writing.set_agreement_state(NUMBER, 1, AgreementState.IN_FORCE, "")
    writing.keep_settlement(line("final", 100))
    return Written(key="left")


@pytest.fixture
def connection(records: SqlRecords, alliance: Database) -> Iterator[Connection]:
    """A connection to a database with a row in every append-only table."""
    Door(alliance).register_portfolio(PORTFOLIO, DIGEST, AT)
    alliance.write(lambda session: session.add(PortfolioContractRow(number=NUMBER, portfolio="ceremony")))
    records.once(request(happenings=(happening("opened"),), copies=(COPY,)), leave_rows, Written)
    records.keep_history(f"contract/{NUMBER}", "run", NUMBER, 3, b"zlib", DIGEST)
    records.keep_prepared(PREPARED, "{}")
    records.publish("CategoryPack", "property", "1", 0, None, "{}", DIGEST)
    Door(alliance).keep_envelope(NUMBER, "LGWY", DIGEST, b"sealed", AT)
    grants = Grants(alliance)
    grants.keep_exception(exception_in(exception_text())[0], exception_text(), SIGNATURE, AT)
    grants.keep_mandate(MANDATE, AT)
    grants.revoke_mandate(Revocation(target=DIGEST, from_day=DAY, reason="返岗", user="han.mei"), AT)
    alliance.write(lambda session: session.add(NoticeRow(**NOTICE)))
    EvidenceRows(alliance).keep(EVIDENCE)
    Door(alliance).refuse(AT, COORDINATOR, "sign", NUMBER, UnknownName("no"))
    LogBook(alliance).keep_checkpoint(*checkpoint_over(1, Signer("log", KEY)), AT)
    LogBook(alliance).keep_cosignatures(1, [("witness", "— witness AAAA")], AT)
    with alliance.writing() as session:
        yield session.connection()


def checkpoint_over(size: int, signer: Signer) -> tuple[Checkpoint, str]:
    """A checkpoint and its note."""
    checkpoint = Checkpoint(signer.name, size, b"\0" * 32)
    return checkpoint, f"{checkpoint.text}\n{signer.sign(checkpoint.text)}\n"


def refusing(connection: Connection, statement: str) -> tuple[str, ...]:
    """The append-only tables whose guard refuses *statement*, which names a table and one of its columns."""
    return tuple(table for table in APPEND_ONLY if refused(connection, table, statement))


def refused(connection: Connection, table: str, statement: str) -> bool:
    """Whether *statement* is refused by the guard of *table*."""
    column = COLUMNS.get(table, "number")
    attempt = connection.begin_nested()
    try:
        connection.execute(text(statement.format(table=table, column=column)))
    except DBAPIError as refusal:
        return f"rows of {table} are only added" in str(refusal)
    finally:
        attempt.rollback()
    return False


def test_rows_are_not_changed(connection: Connection) -> None:
    """An append-only row cannot be updated."""
    assert APPEND_ONLY == refusing(connection, "UPDATE {table} SET {column} = {column}")


def test_rows_are_not_deleted(connection: Connection) -> None:
    """An append-only row cannot be deleted."""
    assert APPEND_ONLY == refusing(connection, "DELETE FROM {table}")


def test_rows_are_not_replaced(connection: Connection) -> None:
    """Neither INSERT OR REPLACE nor TRUNCATE goes around that, whatever program opens the file."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("PRAGMA recursive_triggers = OFF")
        connection.exec_driver_sql("BEGIN")
        assert {} == {table: rows for table in APPEND_ONLY if (rows := replaced(connection, table))}
        connection.exec_driver_sql("PRAGMA recursive_triggers = ON")
    else:
        # CASCADE reaches `happening` through `effect`; every refusal names the first guard it meets.
        assert APPEND_ONLY == refusing(connection, "TRUNCATE {table} CASCADE")


def replaced(connection: Connection, table: str) -> int:
    """How many rows of *table* another program could put in the place of those that are there."""
    before = connection.exec_driver_sql("SELECT total_changes()").scalar_one()
    refused(connection, table, "INSERT OR REPLACE INTO {table} SELECT * FROM {table}")
    return int(connection.exec_driver_sql("SELECT total_changes()").scalar_one() - before)


def test_effect_is_answered_once(connection: Connection) -> None:
    """An answer is added to its effect in one transaction, and never again."""
    assert refused(connection, "effect", "UPDATE effect SET answer_json = '{{}}'")

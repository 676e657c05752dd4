"""What is stored comes back the same, and what would not is refused alike by both databases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from contracts.errors import Invalid
from lianyue.records.directory import Directory
from lianyue.records.door import Door
from lianyue.records.engine import Database
from lianyue.records.insert import inserted
from lianyue.records.tables import ContractRow, RequestRow
from lianyue.records.text import normal, quoted
from tests.lianyue.records.samples import ALLIANCE, AT, DIGEST, order


def keep(database: Database, **changes: object) -> None:
    """Insert a contract row with *changes*."""
    values = {
        "number": "LY-2025-0002",
        "title": "t",
        "category": "c",
        "client": "LGCY",
        "park": "p",
        "value_fen": 1,
        "total_fen": 0,
        "quantity": 1,
        "stage": "registered",
        "is_suspended": False,
        "body_hash": DIGEST,
        "order_json": "{}",
        "started_by": "han.mei",
        "started_at": AT,
        **changes,
    }
    database.write(lambda session: inserted(session, ContractRow, values))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"value_fen": 1.0}, "1.0 is not a whole number"),
        ({"value_fen": True}, "True is not a whole number"),
        ({"value_fen": "abc"}, "'abc' is not a whole number"),
        ({"quantity": 2**63}, "a number is outside the range of int64"),
        ({"title": "x" * 201}, "201 characters are more than the 200 that fit"),
        ({"title": "a\0b"}, "the text holds a NUL character"),
        ({"title": "a\ud800"}, "the text holds the lone surrogate U+D800"),
        ({"title": 5}, "5 is not text"),
        ({"is_suspended": 1}, "1 is neither true nor false"),
        (
            {"started_at": AT.replace(tzinfo=None)},
            "datetime.datetime(2025, 7, 1, 1, 30) is not a moment with its time zone",
        ),
    ],
)
def test_bent_value_is_refused(alliance: Database, changes: dict[str, object], message: str) -> None:
    """A value that one of the databases would bend or refuse is refused before either sees it."""
    with pytest.raises(Invalid) as refusal:
        keep(alliance, **changes)

    assert message == str(refusal.value)


@pytest.mark.parametrize(
    "changes",
    [
        {"value_fen": 10**15 + 1},
        {"value_fen": 0},
        {"total_fen": -(10**15) - 1},
        {"stage": "lost"},
        {"client": "NOBODY"},
    ],
)
def test_impossible_row_is_refused(alliance: Database, changes: dict[str, object]) -> None:
    """Money out of bounds, an unknown stage, an unknown company: the database refuses the row."""
    with pytest.raises(DBAPIError):
        keep(alliance, **changes)


@pytest.mark.parametrize("assignment", ["value_fen = 'abc'", "title = {long}", "is_suspended = 'maybe'"])
def test_raw_statement_is_refused(alliance: Database, assignment: str) -> None:
    """The tables are strict also where our column types are not asked."""
    keep(alliance)
    long = "printf('%300d', 1)" if alliance.url.get_backend_name() == "sqlite" else "repeat('x', 300)"

    with alliance.writing() as session, pytest.raises(DBAPIError):
        session.connection().execute(text(f"UPDATE service_contract SET {assignment.format(long=long)}"))


def test_sqlite_stores_no_fraction_as_money(sqlite_url: str) -> None:
    """A STRICT table refuses a fraction of a fen, which a plain one would store."""
    with Database(sqlite_url) as database:
        Directory(database).load(ALLIANCE)
        keep(database)

        with database.writing() as session, pytest.raises(DBAPIError):
            session.connection().execute(text("UPDATE service_contract SET value_fen = 1.5"))


@pytest.mark.parametrize("amount", [10**15, 9_007_199_254_740_993 // 10, 1])
def test_money_comes_back_to_the_fen(alliance: Database, amount: int) -> None:
    """Amounts beyond what a double holds exactly come back as they went."""
    keep(alliance, value_fen=amount)

    with alliance.reading() as session:
        assert amount == session.get_one(ContractRow, "LY-2025-0002").value_fen


def test_moment_comes_back_in_utc(alliance: Database) -> None:
    """A moment given in Shanghai time comes back as the same moment, aware."""
    shanghai = datetime(2025, 7, 1, 9, 30, tzinfo=timezone(timedelta(hours=8)))
    Door(alliance).remember_request("r-1", "li.lei", "sign", DIGEST, shanghai)

    with alliance.reading() as session:
        kept = session.get_one(RequestRow, "r-1").at
    assert (AT, UTC) == (kept, kept.tzinfo)


def test_normal_brings_text_into_one_form() -> None:
    """Decomposed text is composed, in keys and lists too; numbers stay."""
    assert {"\u00e9": ["\u00e9", 1, None]} == normal({"e\u0301": ["e\u0301", 1, None]})


def test_order_in_another_form_is_refused(alliance: Database) -> None:
    """The desk composes text before it makes an order; the records would otherwise differ from the workflow's."""
    with pytest.raises(Invalid) as refusal:
        Door(alliance).register(order(title="Cafe\u0301"), DIGEST, AT)

    assert "a text of the order is not in Unicode normal form C" == str(refusal.value)


def test_quoted_makes_hostile_text_storable() -> None:
    """What cannot be stored is replaced, what is too long is cut."""
    assert "a\ufffdb\ufffdc" == quoted("a\0b\ud800cd", 5)

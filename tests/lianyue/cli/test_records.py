"""`records` and `alliance`: made, checked, copied, put back, and read without a server."""

from __future__ import annotations

import fcntl
import json
import os
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from lianyue.lifelines import WORKER


def test_loading_makes_records(lianyue: Any, place: Path, alliance_text: str) -> None:
    """The first load makes the records; the answer counts what was loaded."""
    (place / "alliance.yaml").write_text(alliance_text, encoding="utf-8")

    ran = lianyue("alliance", "load", "alliance.yaml", "--json")

    assert (0, {"office": "LGFW", "companies": 3, "people": 2}, "") == (ran.code, ran.document, ran.err)
    assert (place / ".lianyue" / "records.sqlite").exists()


def test_the_directory_is_shown(lianyue: Any, loaded: Path) -> None:
    """`alliance show` answers with companies and people, ordered by name."""
    ran = lianyue("alliance", "show", "--json")

    assert ["LGCY", "LGFW", "LGWY"] == [each["code"] for each in ran.document["companies"]]
    assert ["han.mei", "li.lei"] == [each["user"] for each in ran.document["people"]]
    assert "LGFW" == ran.document["office"]


def test_chinese_columns_stand_below_one_another(lianyue: Any, loaded: Path) -> None:
    """A table counts terminal cells: what follows a Chinese name begins in one column."""
    ran = lianyue("alliance", "show")

    rows = [line for line in ran.out.splitlines() if " client" in line or " office" in line]
    cells = [
        sum(2 if ord(sign) > 0x2E80 else 1 for sign in row[: row.index(kind)])
        for row, kind in zip(rows, ("client", "office"), strict=True)
    ]
    assert cells[0] == cells[1]


def test_records_that_are_not_there_are_told(lianyue: Any) -> None:
    """Reading from a folder without records ends with 2, and makes none."""
    ran = lianyue("contract", "list", "--data", "elsewhere", "--json")

    advice = "Check --data (LIANYUE_DATA) for a slip; `lianyue up` or `lianyue records upgrade` makes new records."
    error = {"code": "no-records", "message": "there are no records in elsewhere", "where": "elsewhere"}
    assert (2, {"error": {**error, "advice": advice}}) == (ran.code, ran.document)
    assert not Path("elsewhere").exists()


def test_outdated_records_are_refused(lianyue: Any, loaded: Path) -> None:
    """Records of another schema are not read; the advice is to upgrade."""
    with sqlite3.connect(loaded / ".lianyue" / "records.sqlite") as connection:
        connection.execute("DELETE FROM alembic_version")
    connection.close()

    ran = lianyue("contract", "list", "--json")

    assert (3, "outdated-records") == (ran.code, ran.document["error"]["code"])
    assert "Make a backup, then run `lianyue records upgrade`." == ran.document["error"]["advice"]


def test_upgrading_twice_changes_nothing(lianyue: Any) -> None:
    """`records upgrade` makes current records, and leaves current records alone."""
    first, second = lianyue("records", "upgrade", "--json"), lianyue("records", "upgrade", "--json")

    assert (0, True) == (first.code, first.document["is_current"])
    assert first == second


def test_sound_records_pass_the_check(lianyue: Any, loaded: Path) -> None:
    """`records check` looks at schema, pages, references, notices and evidence."""
    ran = lianyue("records", "check", "--json")

    assert (0, True) == (ran.code, ran.document["ok"])
    names = [each["name"] for each in ran.document["checks"]]
    assert ["schema", "integrity", "references", "notices", "evidence"] == names


def test_a_dangling_row_fails_the_check(lianyue: Any, loaded: Path) -> None:
    """A row that refers to nothing ends the check with 1."""
    with sqlite3.connect(loaded / ".lianyue" / "records.sqlite") as connection:
        connection.execute("UPDATE person SET company = 'GONE' WHERE user = 'li.lei'")
    connection.close()

    ran = lianyue("records", "check", "--json")

    failed = [each for each in ran.document["checks"] if not each["ok"]]
    assert (1, [{"name": "references", "ok": False, "detail": "1 rows refer to nothing"}]) == (ran.code, failed)


def test_a_backup_comes_back(lianyue: Any, loaded: Path) -> None:
    """What was copied is what is shown after it was put back into another folder."""
    before = lianyue("alliance", "show", "--json").document

    copied = lianyue("records", "backup", "copy.sqlite", "--json")
    restored = lianyue("records", "restore", "copy.sqlite", "--data", "other", "--json")

    assert (0, (loaded / "copy.sqlite").stat().st_size) == (copied.code, copied.document["bytes"])
    assert (0, {"file": "copy.sqlite", "kept": None}) == (restored.code, restored.document)
    assert before == lianyue("alliance", "show", "--data", "other", "--json").document


def test_a_backup_replaces_no_file(lianyue: Any, loaded: Path) -> None:
    """A file of that name is left alone."""
    (loaded / "copy.sqlite").write_text("mine", encoding="utf-8")

    ran = lianyue("records", "backup", "copy.sqlite", "--json")

    assert (2, "file-taken", "mine") == (ran.code, ran.document["error"]["code"], Path("copy.sqlite").read_text())


def test_records_are_replaced_only_on_demand(lianyue: Any, loaded: Path) -> None:
    """Without --replace records stay; with it they are kept beside the restored ones."""
    lianyue("records", "backup", "copy.sqlite")

    refused = lianyue("records", "restore", "copy.sqlite", "--json")
    replaced = lianyue("records", "restore", "copy.sqlite", "--replace", "--json")

    assert (3, "records-in-the-way") == (refused.code, refused.document["error"]["code"])
    assert 0 == replaced.code
    assert Path(replaced.document["kept"]).exists()


def test_something_else_is_no_backup(lianyue: Any, loaded: Path) -> None:
    """A file that holds no records of ours is not put in their place."""
    sqlite3.connect(loaded / "empty.sqlite").close()

    text = lianyue("records", "restore", "alliance.yaml", "--data", "other", "--json")
    empty = lianyue("records", "restore", "empty.sqlite", "--data", "other", "--json")

    assert (2, "alliance.yaml is no SQLite database: file is not a database") == (
        text.code,
        text.document["error"]["message"],
    )
    assert (2, "empty.sqlite is no whole copy of records: our tables are missing") == (
        empty.code,
        empty.document["error"]["message"],
    )
    assert not (loaded / "other").exists()


def test_nothing_is_put_under_a_running_instance(lianyue: Any, loaded: Path) -> None:
    """While an instance works on the records they are not replaced."""
    lianyue("records", "backup", "copy.sqlite")
    (loaded / ".lianyue" / "instance.json").write_text(json.dumps({"pid": os.getpid()}), encoding="utf-8")

    ran = lianyue("records", "restore", "copy.sqlite", "--replace", "--json")

    message = f"an instance (process {os.getpid()}) works on .lianyue"
    assert (3, message) == (ran.code, ran.document["error"]["message"])


def test_nothing_is_restored_under_a_worker_that_outlived_its_instance(lianyue: Any, loaded: Path) -> None:
    """After a kill a worker may still write: as long as it holds its lifeline, the records stay as they are."""
    lianyue("records", "backup", "copy.sqlite")
    lifeline = (loaded / ".lianyue" / WORKER).open("w")
    fcntl.flock(lifeline, fcntl.LOCK_EX)

    ran = lianyue("records", "restore", "copy.sqlite", "--replace", "--json")

    lifeline.close()
    assert (3, "instance-running") == (ran.code, ran.document["error"]["code"])


@pytest.mark.parametrize("verb", ["backup", "restore"])
def test_postgresql_has_its_own_tools(lianyue: Any, monkeypatch: pytest.MonkeyPatch, verb: str) -> None:
    """On PostgreSQL the advice is pg_dump, said before anything is tried."""
    monkeypatch.setenv("LIANYUE_DATABASE_URL", "postgresql://nowhere/records")

    ran = lianyue("records", verb, "copy.sqlite", "--json")

    advice = "Use pg_dump and pg_restore, which know how to copy a PostgreSQL database while it works."
    assert (3, "on-postgresql", advice) == (ran.code, ran.document["error"]["code"], ran.document["error"]["advice"])

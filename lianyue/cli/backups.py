"""Copies of the records: made while work goes on, checked before they are trusted, put back while nothing runs."""

from __future__ import annotations

import json
import os
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from contracts.errors import Invalid, Refused
from lianyue.cli.session import NoRecords
from lianyue.content_folder import ContentFolder
from lianyue.document_store import FolderStore
from lianyue.lifelines import KEEPER, PORTAL, SERVER, WORKER, is_held
from lianyue.records.documents import newest_revisions
from lianyue.records.engine import Database
from lianyue.records.evidence import EvidenceRows
from lianyue.records.outbox import Outbox
from lianyue.records.schema import is_current
from lianyue.settings import Settings
from lianyue.strict_files import UnreadableFile


class OnPostgresql(Refused):
    """Use pg_dump and pg_restore, which know how to copy a PostgreSQL database while it works."""

    code = "on-postgresql"


class NotABackup(Invalid):
    """Give a file that `lianyue records backup` made; nothing was changed."""

    code = "not-a-backup"


class FileTaken(Invalid):
    """Choose another name, or move the file away first; nothing was changed."""

    code = "file-taken"


class RecordsInTheWay(Refused):
    """Add --replace; what is there now is kept beside the restored records."""

    code = "records-in-the-way"


class InstanceRunning(Refused):
    """Stop the instance (Ctrl-C at `lianyue up`), then repeat."""

    code = "instance-running"


class Check(NamedTuple):
    """One thing that was checked."""

    name: str
    ok: bool
    detail: str


def checks_of(settings: Settings) -> tuple[Check, ...]:
    """
    Check the records: their schema, and on SQLite every page and every reference.

    Raises:
        NoRecords: If there are none.
    """
    place = _file(settings)
    if place is not None and not place.exists():
        raise NoRecords(f"there are no records at {place}", where=str(place))
    current = is_current(settings.records_url)
    schema = Check("schema", current, "of this release" if current else "run `lianyue records upgrade`")
    notices = (_notices(settings),) if current else ()
    if current:
        notices = (*notices, _evidence(settings), _documents(settings))
    if place is None:
        return (schema, Check("integrity", True, "left to PostgreSQL (pg_amcheck)"), *notices)
    return (schema, *_integrity(place), *notices)


def _notices(settings: Settings) -> Check:
    """Whether every notice got where it was to go, or still may."""
    with Database(settings.records_url) as database:
        dead = Outbox(database).dead_letters()
    told = [f"{each.notice} to {each.recipient} by {each.channel}: {each.error}" for each in dead]
    return Check("notices", not dead, f"{len(dead)} given up: {'; '.join(told)}" if dead else "none was given up")


def _evidence(settings: Settings) -> Check:
    """Whether every file that was handed over is there, as it was."""
    files = ContentFolder(settings.evidence_folder)
    with Database(settings.records_url) as database:
        kept = {each.sha256: each for each in EvidenceRows(database).all()}
    faults = {sha256: files.fault(sha256, each.size) for sha256, each in kept.items()}
    told = [f"{kept[sha256].number} {kept[sha256].name} is {fault}" for sha256, fault in faults.items() if fault]
    return Check("evidence", not told, "; ".join(told[:10]) or f"{len(kept)} files as they were handed over")


def _documents(settings: Settings) -> Check:
    """Whether the newest revision of every document is there, as it was; what was closed meanwhile has a newer one."""
    store = FolderStore(settings.documents_folder)
    with Database(settings.records_url) as database:
        kept = newest_revisions(database)
        faults = {each.digest: fault for each in kept if (fault := store.fault(each.digest, each.size))}
        newest = newest_revisions(database) if faults else ()
    told = [
        f"{each.number} version {each.version} is {faults[each.digest]}" for each in newest if each.digest in faults
    ]
    return Check("documents", not told, "; ".join(told[:10]) or f"{len(kept)} documents as they were signed")


def back_up(settings: Settings, file: Path) -> int:
    """
    Copy the records into *file*, which appears only when it is whole; return its size in bytes.

    Raises:
        OnPostgresql: If the records are no SQLite file.
        NoRecords: If there are none.
        FileTaken: If the file is there already.
    """
    place = _sqlite_file(settings)
    if not place.exists():
        raise NoRecords(f"there are no records at {place}", where=str(place))
    if file.exists():
        raise FileTaken(f"{file} is there already", where=str(file))
    _copied(place, file)
    return file.stat().st_size


def put_back(settings: Settings, file: Path, *, replace: bool) -> Path | None:
    """
    Make the backup in *file* the records; return where those that were there are kept.

    Raises:
        OnPostgresql: If the records are no SQLite file.
        UnreadableFile, NotABackup: If the file is not there, or is no whole copy of records.
        InstanceRunning: If somebody works on the records.
        RecordsInTheWay: If there are records and *replace* is not given.
    """
    place = _sqlite_file(settings)
    _need_backup(file)
    _refuse_running(settings)
    if place.exists() and not replace:
        raise RecordsInTheWay(f"there are records at {place}", where=str(place))
    kept = place.with_name(f"{place.name}.replaced-{datetime.now(UTC):%Y%m%dT%H%M%S%f}") if place.exists() else None
    if kept is not None:
        _copied(place, kept)
    place.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(file)) as source, closing(sqlite3.connect(place)) as target:
        source.backup(target)
    return kept


def _copied(source: Path, target: Path) -> None:
    """Copy by SQLite's own means, check the copy, and only then give it its name."""
    unfinished = target.with_name(f"{target.name}.unfinished")
    unfinished.unlink(missing_ok=True)
    try:
        with closing(sqlite3.connect(source)) as here, closing(sqlite3.connect(unfinished)) as there:
            here.backup(there)
            there.execute("PRAGMA journal_mode = DELETE")  # one file, nothing beside it
    except (OSError, sqlite3.Error) as error:
        raise UnreadableFile(f"{target} cannot be written: {error}", where=str(target)) from None
    faults = [check for check in _integrity(unfinished) if not check.ok]
    if faults:
        raise NotABackup(f"the copy of {source} is not whole: {faults[0].detail}", where=str(unfinished))
    unfinished.replace(target)


def _integrity(file: Path) -> tuple[Check, Check]:
    with closing(sqlite3.connect(file)) as connection:
        pages = str(connection.execute("PRAGMA integrity_check").fetchone()[0])
        dangling = connection.execute("PRAGMA foreign_key_check").fetchall()
    return (
        Check("integrity", pages == "ok", pages),
        Check("references", not dangling, f"{len(dangling)} rows refer to nothing" if dangling else "ok"),
    )


def _need_backup(file: Path) -> None:
    if not file.is_file():
        raise UnreadableFile(f"{file} cannot be read: no such file", where=str(file))
    try:
        faults = [check.detail for check in _integrity(file) if not check.ok]
        with Database(f"sqlite:///{file.resolve()}") as database, database.reading() as session:
            tables = session.connection().exec_driver_sql("SELECT name FROM sqlite_master WHERE name = 'effect'").all()
    except sqlite3.Error as error:
        raise NotABackup(f"{file} is no SQLite database: {error}", where=str(file)) from None
    if faults or not tables:
        raise NotABackup(
            f"{file} is no whole copy of records: {', '.join(faults) or 'our tables are missing'}", str(file)
        )


def _refuse_running(settings: Settings) -> None:
    """A note without its process was left by one that was killed; what that one left running still writes."""
    for lifeline in (KEEPER, WORKER, SERVER, PORTAL):
        if is_held(settings.data / lifeline):
            raise InstanceRunning(f"a process holds {settings.data / lifeline}", where=str(settings.data))
    try:
        pid = int(json.loads((settings.data / "instance.json").read_text(encoding="utf-8"))["pid"])
        os.kill(pid, 0)
    except (OSError, ValueError, KeyError, TypeError):
        return
    raise InstanceRunning(f"an instance (process {pid}) works on {settings.data}", where=str(settings.data))


def _sqlite_file(settings: Settings) -> Path:
    place = _file(settings)
    if place is None:
        raise OnPostgresql("the records are in PostgreSQL, which brings its own tools for copies")
    return place


def _file(settings: Settings) -> Path | None:
    """The file of the records; None on PostgreSQL."""
    with Database(settings.records_url) as database:
        is_sqlite = database.url.get_backend_name() == "sqlite"
        return Path(str(database.url.database)) if is_sqlite else None

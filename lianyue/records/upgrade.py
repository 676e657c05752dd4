"""Bringing a database to the schema of this release."""

from __future__ import annotations

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from contracts.errors import WrongState
from lianyue.records.engine import Database
from lianyue.records.row_security import admit_reader
from lianyue.records.schema import MIGRATIONS, schema_of


def upgrade(url: str, reader: str = "") -> None:
    """
    Migrate the database at *url* to this release, all steps or none; on one that is current nothing happens.

    On PostgreSQL the role *reader*, if one is named, may then read what has a policy, and nothing else.

    Raises:
        WrongState: If the database was written by a newer release.
        Unreachable: If it does not answer.
    """
    with Database(url) as database, database.changing() as connection:
        _refuse_newer(connection)
        command.upgrade(_config(connection), "head")
        if reader:
            admit_reader(connection, reader)


def _refuse_newer(connection: Connection) -> None:
    present = schema_of(connection)
    if present is not None and present not in [step.revision for step in _script().walk_revisions()]:
        raise WrongState(
            f"the records have schema {present!r}, which this release does not know; use the newer release"
        )


def _script() -> ScriptDirectory:
    return ScriptDirectory(str(MIGRATIONS))


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config

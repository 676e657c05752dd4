"""Tables to which rows are only added: the databases themselves refuse to change or delete one."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, MetaData

APPEND_ONLY = (
    "copy",
    "decision",
    "document_revision",
    "edition",
    "effect",
    "envelope",
    "evidence",
    "happening",
    "history",
    "mandate",
    "notice",
    "policy_exception",
    "portfolio",
    "portfolio_contract",
    "portfolio_decision",
    "prepared_signature",
    "refused_attempt",
    "revocation",
    "settlement",
    "shadow_decision",
    "standing",
)

MAY_CHANGE = {
    "copy": (
        "OLD.read_at IS NULL AND NEW.read_at IS NOT NULL AND NEW.number = OLD.number AND NEW.task = OLD.task "
        'AND NEW."user" = OLD."user" AND NEW.given_by = OLD.given_by AND NEW.at = OLD.at'
    ),
    "effect": "OLD.answer_json IS NULL AND NEW.key = OLD.key AND NEW.request_hash = OLD.request_hash",
}
"""The one change allowed: an effect is answered in the transaction that had it, and a copy is read once."""

REFUSING_FUNCTION = (
    "CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
    "RAISE EXCEPTION USING MESSAGE = 'rows of ' || TG_TABLE_NAME || ' are only added'; END $$"
)


def guards(dialect: str) -> tuple[str, ...]:
    """Return the statements that make the tables append-only on *dialect*."""
    if dialect == "sqlite":
        return tuple(statement for table in APPEND_ONLY for statement in _on_sqlite(table))
    return (REFUSING_FUNCTION, *(statement for table in APPEND_ONLY for statement in _on_postgresql(table)))


def guard_tables(_: MetaData, connection: Connection, **__: Any) -> None:
    """Make freshly created tables append-only."""
    for statement in guards(connection.dialect.name):
        connection.exec_driver_sql(statement)


def _on_sqlite(table: str) -> tuple[str, str]:
    refusal = f"BEGIN SELECT RAISE(ABORT, 'rows of {table} are only added'); END"
    when = f"WHEN NOT ({MAY_CHANGE[table]}) " if table in MAY_CHANGE else ""
    return (
        f"CREATE TRIGGER {table}_keeps BEFORE UPDATE ON {table} {when}{refusal}",
        f"CREATE TRIGGER {table}_stays BEFORE DELETE ON {table} {refusal}",
    )


def _on_postgresql(table: str) -> tuple[str, str, str]:
    refusal = "EXECUTE FUNCTION refuse_change()"
    when = f"WHEN (NOT ({MAY_CHANGE[table]})) " if table in MAY_CHANGE else ""
    return (
        f"CREATE TRIGGER {table}_keeps BEFORE UPDATE ON {table} FOR EACH ROW {when}{refusal}",
        f"CREATE TRIGGER {table}_stays BEFORE DELETE ON {table} FOR EACH ROW {refusal}",
        f"CREATE TRIGGER {table}_lasts BEFORE TRUNCATE ON {table} {refusal}",
    )

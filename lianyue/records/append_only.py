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
    "log_checkpoint",
    "log_cosignature",
    "log_entry",
    "log_node",
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

KEYS: dict[str, tuple[tuple[str, ...], ...]] = {
    "copy": (("number", "task", "user"),),
    "decision": (("number", "occurrence"),),
    "document_revision": (
        ("number", "version", "ordinal"),
        ("number", "version", "company"),
        ("number", "version", "previous"),
    ),
    "edition": (("digest",), ("kind", "name", "edition")),
    "effect": (("key",), ("workflow_id", "step", "occurrence")),
    "envelope": (("commitment",),),
    "evidence": (("number", "company", "sha256"),),
    "happening": (("id",), ("effect_key", "position")),
    "history": (("workflow_id", "run_id"),),
    "log_checkpoint": (("size",),),
    "log_cosignature": (("size", "witness"),),
    "log_entry": (("position",), ("number", "sequence")),
    "log_node": (("level", "place"),),
    "mandate": (("digest",),),
    "notice": (("id",), ("key",)),
    "policy_exception": (("digest",),),
    "portfolio": (("id",),),
    "portfolio_contract": (("number",),),
    "portfolio_decision": (("portfolio", "occurrence"),),
    "prepared_signature": (("id",),),
    "refused_attempt": (("id",),),
    "revocation": (("digest",),),
    "settlement": (("number", "member", "milestone"),),
    "shadow_decision": (("number", "occurrence"),),
    "standing": (("id",),),
}
"""
By what rows are told apart. SQLite replaces a row (INSERT OR REPLACE) without asking the guard of deletions unless the
connection wants it; whoever opens the file with another program does not. A guard of insertions is always asked.
"""

ADDED_BLINDLY = (
    *("decision", "happening", "log_entry", "log_node", "portfolio_decision"),
    *("refused_attempt", "shadow_decision", "standing"),
)
"""Tables in which a second row of the same key is a defect; in the others it is passed over, as the records want it."""

REFUSING_FUNCTION = (
    "CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
    "RAISE EXCEPTION USING MESSAGE = 'rows of ' || TG_TABLE_NAME || ' are only added'; END $$"
)


def guards(dialect: str) -> tuple[str, ...]:
    """Return the statements that make the tables append-only on *dialect*."""
    if dialect == "sqlite":
        return tuple(statement for table in APPEND_ONLY for statement in (*_on_sqlite(table), *_held(table)))
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


def _held(table: str) -> tuple[str, ...]:
    """The guard of insertions: a row that is there stays, whatever comes in its place."""
    keys = KEYS.get(table, ())
    if not keys:
        return ()
    same = (" AND ".join(f'"{column}" = NEW."{column}"' for column in key) for key in keys)
    there = " OR ".join(f"EXISTS (SELECT 1 FROM {table} WHERE {each})" for each in same)  # noqa: S608
    refusal = f"RAISE(ABORT, 'rows of {table} are only added')" if table in ADDED_BLINDLY else "RAISE(IGNORE)"
    return (f"CREATE TRIGGER {table}_holds BEFORE INSERT ON {table} WHEN {there} BEGIN SELECT {refusal}; END",)


def _on_postgresql(table: str) -> tuple[str, str, str]:
    refusal = "EXECUTE FUNCTION refuse_change()"
    when = f"WHEN (NOT ({MAY_CHANGE[table]})) " if table in MAY_CHANGE else ""
    return (
        f"CREATE TRIGGER {table}_keeps BEFORE UPDATE ON {table} FOR EACH ROW {when}{refusal}",
        f"CREATE TRIGGER {table}_stays BEFORE DELETE ON {table} FOR EACH ROW {refusal}",
        f"CREATE TRIGGER {table}_lasts BEFORE TRUNCATE ON {table} {refusal}",
    )

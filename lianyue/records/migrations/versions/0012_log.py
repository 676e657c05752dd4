"""The log with its checkpoints and who signed these, and SQLite's guard of insertions."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"

ADDED = sa.MetaData(
    naming_convention={
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    }
)
DOCUMENT, MOMENT = 4_000_000, 27
NEW = ("log_checkpoint", "log_cosignature", "log_entry", "log_node")
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
ADDED_BLINDLY = (
    *("decision", "happening", "log_entry", "log_node", "portfolio_decision"),
    *("refused_attempt", "shadow_decision", "standing"),
)


def words(name: str, length: int, *args: Any, **options: Any) -> sa.Column[str]:
    options = {"nullable": False, **options, "info": {"check": f'length("{name}") <= {length}'}}
    return sa.Column(name, sa.String(length).with_variant(sa.Text(), "sqlite"), *args, **options)


def whole(name: str, *args: Any, **options: Any) -> sa.Column[int]:
    kind = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    return sa.Column(name, kind, *args, **{"nullable": False, "autoincrement": False, **options})


def moment(name: str) -> sa.Column[str]:
    kind = sa.String(MOMENT).with_variant(sa.Text(), "sqlite")
    return sa.Column(name, kind, nullable=False, info={"check": f'length("{name}") = {MOMENT}'})


def table(name: str, *parts: Any) -> None:
    columns = [part for part in parts if isinstance(part, sa.Column) and "check" in part.info]
    checks = [sa.CheckConstraint(column.info["check"], name=f"{column.name}_fits") for column in columns]
    sa.Table(name, ADDED, *parts, *checks, sqlite_strict=True)


table(
    "log_entry",
    whole("position", primary_key=True),
    words("number", 24),
    whole("sequence"),
    words("kind", 64),
    words("subject", 240),
    words("leaf", 71),
    words("entry_json", DOCUMENT),
    sa.UniqueConstraint("number", "sequence"),
    sa.CheckConstraint("position >= 0", name="position_counts"),
    sa.CheckConstraint("sequence >= 1", name="sequence_counts"),
)
table(
    "log_node",
    whole("level", primary_key=True),
    whole("place", primary_key=True),
    words("hash", 71),
    sa.CheckConstraint("level >= 1", name="level_counts"),
)
table(
    "log_checkpoint",
    whole("size", primary_key=True),
    words("note", DOCUMENT),
    moment("at"),
)
table(
    "log_cosignature",
    whole("size", sa.ForeignKey("log_checkpoint.size"), primary_key=True),
    words("witness", 200, primary_key=True),
    words("line", 1_000),
    moment("at"),
)


def upgrade() -> None:
    """Make the tables, and guard them; on SQLite also guard the older ones against replacing insertions."""
    connection = op.get_bind()
    ADDED.create_all(connection, checkfirst=False)
    if connection.dialect.name == "sqlite":
        statements = [*(each for name in NEW for each in guard_sqlite(name)), *map(hold_sqlite, KEYS)]
    else:
        statements = [each for name in NEW for each in guard_postgresql(name)]
    for statement in statements:
        connection.exec_driver_sql(statement)


def downgrade() -> None:
    """Records are not unmade: restore a backup instead."""
    raise NotImplementedError("there is no way back but a backup")


def guard_sqlite(name: str) -> list[str]:
    refusal = f"BEGIN SELECT RAISE(ABORT, 'rows of {name} are only added'); END"
    return [
        f"CREATE TRIGGER {name}_keeps BEFORE UPDATE ON {name} {refusal}",
        f"CREATE TRIGGER {name}_stays BEFORE DELETE ON {name} {refusal}",
    ]


def hold_sqlite(name: str) -> str:
    same = (" AND ".join(f'"{column}" = NEW."{column}"' for column in key) for key in KEYS[name])
    there = " OR ".join(f"EXISTS (SELECT 1 FROM {name} WHERE {each})" for each in same)  # noqa: S608
    refusal = f"RAISE(ABORT, 'rows of {name} are only added')" if name in ADDED_BLINDLY else "RAISE(IGNORE)"
    return f"CREATE TRIGGER {name}_holds BEFORE INSERT ON {name} WHEN {there} BEGIN SELECT {refusal}; END"


def guard_postgresql(name: str) -> list[str]:
    refusal = "EXECUTE FUNCTION refuse_change()"
    return [
        f"ALTER TABLE {name} ENABLE ROW LEVEL SECURITY",
        f"CREATE TRIGGER {name}_keeps BEFORE UPDATE ON {name} FOR EACH ROW {refusal}",
        f"CREATE TRIGGER {name}_stays BEFORE DELETE ON {name} FOR EACH ROW {refusal}",
        f"CREATE TRIGGER {name}_lasts BEFORE TRUNCATE ON {name} {refusal}",
    ]

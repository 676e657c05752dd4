"""The revisions of signed documents in place of detached signatures, and signatures prepared for keys outside."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from lianyue.records.row_security import lay_down

revision = "0011"
down_revision = "0010"

ADDED = sa.MetaData(
    naming_convention={
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    }
)
APPEND_ONLY = ("document_revision", "prepared_signature")
KINDS = "'certified', 'signed', 'closed'"
DOCUMENT, MOMENT = 4_000_000, 27


def words(name: str, length: int, *args: Any, **options: Any) -> sa.Column[str]:
    kind = sa.String(length).with_variant(sa.Text(), "sqlite")
    check = f'length("{name}") <= {length}'
    return sa.Column(name, kind, *args, **{"nullable": False, **options, "info": {"check": check}})


def whole(name: str, **options: Any) -> sa.Column[int]:
    kind = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    return sa.Column(name, kind, **{"nullable": False, "autoincrement": False, **options})


def moment(name: str) -> sa.Column[str]:
    kind = sa.String(MOMENT).with_variant(sa.Text(), "sqlite")
    return sa.Column(name, kind, nullable=False, info={"check": f'length("{name}") = {MOMENT}'})


def table(name: str, *parts: Any) -> None:
    columns = [part for part in parts if isinstance(part, sa.Column)]
    checks = [
        sa.CheckConstraint(column.info["check"], name=f"{column.name}_fits")
        for column in columns
        if "check" in column.info
    ]
    sa.Table(name, ADDED, *parts, *checks, sqlite_strict=True)


# Named, so that the new tables may refer to them.
sa.Table("company", ADDED, sa.Column("code", sa.String(12), primary_key=True))
sa.Table(
    "agreement",
    ADDED,
    sa.Column("number", sa.String(24), primary_key=True),
    sa.Column("version", sa.BigInteger(), primary_key=True),
)
table(
    "document_revision",
    words("number", 24, primary_key=True),
    whole("version", primary_key=True),
    whole("ordinal", primary_key=True),
    words("kind", 16),
    words("company", 12, sa.ForeignKey("company.code"), nullable=True),
    words("digest", 71),
    words("previous", 71, nullable=True),
    words("revision_json", DOCUMENT),
    sa.ForeignKeyConstraint(["number", "version"], ["agreement.number", "agreement.version"]),
    sa.UniqueConstraint("number", "version", "company"),
    sa.UniqueConstraint("number", "version", "previous", name="uq_document_revision_previous"),
    sa.CheckConstraint(f"kind IN ({KINDS})", name="kind_known"),
    sa.CheckConstraint("(company IS NULL) = (kind <> 'signed')", name="signed_by_somebody"),
    sa.CheckConstraint("(previous IS NULL) = (ordinal = 0)", name="follows"),
    sa.CheckConstraint("(kind = 'certified') = (ordinal = 0)", name="begins_certified"),
)
table(
    "prepared_signature",
    words("id", 71, primary_key=True),
    words("number", 24),
    whole("version"),
    words("company", 12, sa.ForeignKey("company.code")),
    words("prepared_json", DOCUMENT),
    moment("expires_at"),
    sa.ForeignKeyConstraint(["number", "version"], ["agreement.number", "agreement.version"]),
)


def upgrade() -> None:
    """Make the tables, and say who sees them; of detached signatures no release has any."""
    connection = op.get_bind()
    made = [ADDED.tables[name] for name in APPEND_ONLY]
    ADDED.create_all(connection, tables=made, checkfirst=False)
    guard = guard_sqlite if connection.dialect.name == "sqlite" else guard_postgresql
    for name in APPEND_ONLY:
        for statement in guard(name):
            connection.exec_driver_sql(statement)
    op.drop_table("signature")
    lay_down(connection, "0011")


def downgrade() -> None:
    """Records are not unmade: restore a backup instead."""
    raise NotImplementedError("there is no way back but a backup")


def guard_sqlite(name: str) -> list[str]:
    refusal = f"BEGIN SELECT RAISE(ABORT, 'rows of {name} are only added'); END"
    return [
        f"CREATE TRIGGER {name}_keeps BEFORE UPDATE ON {name} {refusal}",
        f"CREATE TRIGGER {name}_stays BEFORE DELETE ON {name} {refusal}",
    ]


def guard_postgresql(name: str) -> list[str]:
    refusal = "EXECUTE FUNCTION refuse_change()"
    return [
        f"CREATE TRIGGER {name}_keeps BEFORE UPDATE ON {name} FOR EACH ROW {refusal}",
        f"CREATE TRIGGER {name}_stays BEFORE DELETE ON {name} FOR EACH ROW {refusal}",
        f"CREATE TRIGGER {name}_lasts BEFORE TRUNCATE ON {name} {refusal}",
    ]

"""The alliance's records as this product first kept them."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

RECORDS = sa.MetaData(
    naming_convention={
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    }
)
DOCUMENT, MOMENT, MOST_FEN = 4_000_000, 27, 10**15
APPEND_ONLY = (
    "decision",
    "edition",
    "effect",
    "envelope",
    "happening",
    "history",
    "refused_attempt",
    "settlement",
    "signature",
    "standing",
)
REFUSING_FUNCTION = (
    "CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
    "RAISE EXCEPTION USING MESSAGE = 'rows of ' || TG_TABLE_NAME || ' are only added'; END $$"
)
EFFECT_MAY_CHANGE = "OLD.answer_json IS NULL AND NEW.key = OLD.key AND NEW.request_hash = OLD.request_hash"


def words(name: str, length: int, *args: Any, **options: Any) -> sa.Column[str]:
    options = {"nullable": False, **options, "info": {"check": f'length("{name}") <= {length}'}}
    return sa.Column(name, sa.String(length).with_variant(sa.Text(), "sqlite"), *args, **options)


def document(name: str, **options: Any) -> sa.Column[str]:
    return words(name, DOCUMENT, **options)


def whole(name: str, *args: Any, **options: Any) -> sa.Column[int]:
    return sa.Column(
        name, sa.BigInteger().with_variant(sa.Integer(), "sqlite"), *args, **{"nullable": False, **options}
    )


def yes_no(name: str) -> sa.Column[bool]:
    check = f"CAST({name} AS INTEGER) IN (0, 1)"
    return sa.Column(name, sa.Boolean().with_variant(sa.Integer(), "sqlite"), nullable=False, info={"check": check})


def moment(name: str, nullable: bool = False) -> sa.Column[str]:
    check = f'length("{name}") = {MOMENT}'
    kind = sa.String(MOMENT).with_variant(sa.Text(), "sqlite")
    return sa.Column(name, kind, nullable=nullable, info={"check": check})


def content(name: str) -> sa.Column[bytes]:
    return sa.Column(name, sa.LargeBinary(), nullable=False)


def only_one(name: str, *columns: str, sqlite: str, postgresql: str) -> sa.Index:
    return sa.Index(name, *columns, unique=True, sqlite_where=sa.text(sqlite), postgresql_where=sa.text(postgresql))


def one_of(column: str, values: str) -> sa.CheckConstraint:
    listed = ", ".join(f"'{value}'" for value in values.split())
    return sa.CheckConstraint(f"{column} IN ({listed})", name=f"{column}_known")


def table(name: str, *items: Any) -> None:
    made = sa.Table(name, RECORDS, *items, sqlite_strict=True)
    for column in made.columns:
        check = column.info.get("check", "")
        if check:
            suffix = "is_truth" if check.startswith("CAST") else "fits"
            made.append_constraint(sa.CheckConstraint(check, name=f"{column.name}_{suffix}"))
        if column.name.endswith("_fen"):
            bounds = f"{column.name} BETWEEN {-MOST_FEN} AND {MOST_FEN}"
            made.append_constraint(sa.CheckConstraint(bounds, name=f"{column.name}_is_money"))


table(
    "company",
    words("code", 12, primary_key=True),
    words("kind", 16),
    yes_no("is_listed"),
    document("company_json"),
    one_of("kind", "member client office"),
)
table(
    "edition",
    words("digest", 71, primary_key=True),
    words("kind", 64),
    words("name", 64),
    words("edition", 64),
    whole("effective_from_day"),
    whole("effective_to_day", nullable=True),
    document("text"),
    sa.CheckConstraint("effective_to_day > effective_from_day", name="runs_forward"),
    sa.UniqueConstraint("kind", "name", "edition"),
)
table(
    "refused_attempt",
    whole("id", primary_key=True),
    moment("at"),
    words("user", 40),
    words("company", 12),
    words("verb", 64),
    words("target", 200, index=True),
    words("code", 64),
    words("message", 2000),
)
table(
    "request",
    words("request_id", 240, primary_key=True),
    words("user", 40),
    words("verb", 64),
    words("body_hash", 71),
    moment("at"),
)
table(
    "rotation_queue",
    words("name", 64, primary_key=True),
    document("queue_json"),
)
table(
    "alliance",
    whole("id", primary_key=True),
    words("name", 200),
    words("name_en", 200),
    words("office", 12, sa.ForeignKey("company.code")),
    sa.CheckConstraint("id = 1", name="only_one"),
)
table(
    "person",
    words("user", 40, primary_key=True),
    words("company", 12, sa.ForeignKey("company.code")),
    document("person_json"),
)
table(
    "service_contract",
    words("number", 24, primary_key=True),
    words("title", 200),
    words("category", 64, index=True),
    words("client", 12, sa.ForeignKey("company.code"), index=True),
    words("park", 64),
    whole("value_fen"),
    whole("total_fen"),
    whole("quantity"),
    words("stage", 16, index=True),
    moment("stage_at", nullable=True),
    yes_no("is_suspended"),
    moment("suspended_at", nullable=True),
    words("body_hash", 71),
    document("order_json"),
    words("started_by", 40),
    moment("started_at"),
    sa.CheckConstraint("quantity > 0", name="quantity_is_positive"),
    one_of("stage", "registered specified quoted allocated signed delivered reviewed cancelled failed"),
    sa.CheckConstraint("value_fen > 0", name="value_is_positive"),
)
table(
    "standing",
    whole("id", primary_key=True),
    words("member", 12, sa.ForeignKey("company.code")),
    words("category", 64),
    whole("score_bp"),
    words("band", 1),
    whole("from_day"),
    document("standing_json"),
    one_of("band", "A B C D E"),
    sa.CheckConstraint("score_bp BETWEEN 0 AND 10000", name="score_is_ratio"),
    sa.Index(None, "category", "member", "id"),
)
table(
    "agreement",
    words("number", 24, sa.ForeignKey("service_contract.number"), primary_key=True),
    whole("version", primary_key=True, autoincrement=False),
    words("state", 16),
    yes_no("was_in_force"),
    whole("total_fen"),
    words("digest", 71),
    document("agreement_json"),
    words("reason", 2000),
    one_of("state", "drawn_up in_force voided replaced"),
    only_one("uq_agreement_in_force", "number", sqlite="state = 'in_force'", postgresql="state = 'in_force'"),
)
table(
    "decision",
    words("number", 24, sa.ForeignKey("service_contract.number"), primary_key=True),
    whole("occurrence", primary_key=True, autoincrement=False),
    words("outcome", 32),
    whole("amount_fen"),
    document("facts_json"),
    document("decision_json"),
)
table(
    "effect",
    words("key", 240, primary_key=True),
    words("number", 24, sa.ForeignKey("service_contract.number"), index=True),
    words("workflow_id", 200),
    words("step", 64),
    whole("occurrence"),
    words("request_hash", 71),
    document("answer_json", nullable=True),
    moment("at"),
    sa.UniqueConstraint("workflow_id", "step", "occurrence"),
)
table(
    "envelope",
    words("commitment", 71, primary_key=True),
    words("number", 24, sa.ForeignKey("service_contract.number"), index=True),
    words("member", 12, sa.ForeignKey("company.code")),
    content("ciphertext"),
    moment("at"),
)
table(
    "history",
    words("workflow_id", 200, primary_key=True),
    words("run_id", 64, primary_key=True),
    words("number", 24, sa.ForeignKey("service_contract.number"), index=True),
    whole("events"),
    words("digest", 71),
    content("zlibbed"),
)
table(
    "member_task",
    words("id", 200, primary_key=True),
    words("number", 24, sa.ForeignKey("service_contract.number"), index=True),
    words("kind", 32),
    words("company", 12),
    words("role", 32),
    words("user", 40, nullable=True),
    words("owner", 40, nullable=True),
    words("co_signers", 2000),
    words("state", 16),
    yes_no("is_open"),
    whole("opened_day"),
    moment("due_at", nullable=True),
    whole("priority"),
    whole("revision"),
    document("task_json"),
    sa.CheckConstraint("revision >= 1", name="revision_counts"),
    one_of("state", "offered claimed delegated resolved completed refused expired cancelled"),
    sa.Index(None, "company", "is_open"),
)
table(
    "quote",
    words("number", 24, sa.ForeignKey("service_contract.number"), primary_key=True),
    words("member", 12, sa.ForeignKey("company.code"), primary_key=True),
    whole("round", primary_key=True, autoincrement=False),
    whole("price_fen"),
    document("quote_json"),
)
table(
    "reservation",
    whole("id", primary_key=True),
    words("number", 24, sa.ForeignKey("service_contract.number")),
    words("member", 12, sa.ForeignKey("company.code")),
    words("category", 64),
    whole("day"),
    whole("amount_fen"),
    document("needs_json"),
    yes_no("is_released"),
    sa.Index(None, "category", "day"),
    only_one("uq_reservation_in_force", "number", "member", sqlite="is_released = 0", postgresql="NOT is_released"),
)
table(
    "review",
    words("number", 24, sa.ForeignKey("service_contract.number"), primary_key=True),
    words("member", 12, sa.ForeignKey("company.code"), primary_key=True),
    yes_no("is_final"),
    document("review_json"),
)
table(
    "screening",
    whole("id", primary_key=True),
    words("number", 24, sa.ForeignKey("service_contract.number"), index=True),
    document("screening_json"),
)
table(
    "settlement",
    words("number", 24, sa.ForeignKey("service_contract.number"), primary_key=True),
    words("member", 12, sa.ForeignKey("company.code"), primary_key=True),
    words("milestone", 64, primary_key=True),
    whole("agreed_fen"),
    whole("deduction_fen"),
    whole("gross_fen"),
    document("line_json"),
    sa.CheckConstraint("deduction_fen >= 0", name="deduction_takes"),
    sa.CheckConstraint("gross_fen >= 0", name="gross_is_owed"),
    sa.CheckConstraint("gross_fen = agreed_fen - deduction_fen", name="gross_is_the_rest"),
)
table(
    "agreement_share",
    words("number", 24, primary_key=True),
    whole("version", primary_key=True, autoincrement=False),
    words("member", 12, sa.ForeignKey("company.code"), primary_key=True, index=True),
    whole("position"),
    whole("amount_fen"),
    sa.ForeignKeyConstraint(["number", "version"], ["agreement.number", "agreement.version"]),
)
table(
    "happening",
    whole("id", primary_key=True),
    words("effect_key", 240, sa.ForeignKey("effect.key")),
    whole("position"),
    words("number", 24, sa.ForeignKey("service_contract.number"), index=True),
    moment("at"),
    words("verb", 64),
    document("happening_json"),
    sa.UniqueConstraint("effect_key", "position"),
)
table(
    "signature",
    words("number", 24, primary_key=True),
    whole("version", primary_key=True, autoincrement=False),
    words("company", 12, sa.ForeignKey("company.code"), primary_key=True),
    document("signature_json"),
    sa.ForeignKeyConstraint(["number", "version"], ["agreement.number", "agreement.version"]),
)


def upgrade() -> None:
    """Make the tables, and make those append-only that are."""
    connection = op.get_bind()
    RECORDS.create_all(connection, checkfirst=False)
    guard = guard_sqlite if connection.dialect.name == "sqlite" else guard_postgresql
    for statement in guard():
        connection.exec_driver_sql(statement)


def downgrade() -> None:
    """Records are not unmade: restore a backup instead."""
    raise NotImplementedError("there is no way back from the first schema but a backup")


def guard_sqlite() -> list[str]:
    statements = []
    for name in APPEND_ONLY:
        when = f"WHEN NOT ({EFFECT_MAY_CHANGE}) " if name == "effect" else ""
        refusal = f"BEGIN SELECT RAISE(ABORT, 'rows of {name} are only added'); END"
        statements.append(f"CREATE TRIGGER {name}_keeps BEFORE UPDATE ON {name} {when}{refusal}")
        statements.append(f"CREATE TRIGGER {name}_stays BEFORE DELETE ON {name} {refusal}")
    return statements


def guard_postgresql() -> list[str]:
    statements = [REFUSING_FUNCTION]
    for name in APPEND_ONLY:
        when = f"WHEN (NOT ({EFFECT_MAY_CHANGE})) " if name == "effect" else ""
        refusal = "EXECUTE FUNCTION refuse_change()"
        statements.append(f"CREATE TRIGGER {name}_keeps BEFORE UPDATE ON {name} FOR EACH ROW {when}{refusal}")
        statements.append(f"CREATE TRIGGER {name}_stays BEFORE DELETE ON {name} FOR EACH ROW {refusal}")
        statements.append(f"CREATE TRIGGER {name}_lasts BEFORE TRUNCATE ON {name} {refusal}")
    return statements

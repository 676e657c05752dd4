"""Inboxes: what is overdue, who has acted on what, copies, drafts; and the notices that go out, each with its fate."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

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
READ_ONCE = (
    "OLD.read_at IS NULL AND NEW.read_at IS NOT NULL AND NEW.number = OLD.number AND NEW.task = OLD.task "
    'AND NEW."user" = OLD."user" AND NEW.given_by = OLD.given_by AND NEW.at = OLD.at'
)
APPEND_ONLY = {"copy": READ_ONCE, "notice": ""}
"""Tables to which rows are only added, each with the one change allowed."""

STATES = "'offered', 'claimed', 'delegated', 'resolved', 'completed', 'refused', 'expired', 'cancelled'"
OVERDUE = "task_json LIKE '%\"is_overdue\":true%'"
ACTS = "'submitted', 'declined', 'transferred', 'delegated', 'co_sign_asked', 'given_back', 'withdrawn'"


def words(name: str, length: int, *more: Any, **options: Any) -> sa.Column[str]:
    kind = sa.String(length).with_variant(sa.Text(), "sqlite")
    check = f'length("{name}") <= {length}'
    return sa.Column(name, kind, *more, **{"nullable": False, **options, "info": {"fits": check}})


def whole(name: str, *more: Any, **options: Any) -> sa.Column[int]:
    kind = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    return sa.Column(name, kind, *more, **{"nullable": False, **options})


def moment(name: str, **options: Any) -> sa.Column[str]:
    kind = sa.String(MOMENT).with_variant(sa.Text(), "sqlite")
    return sa.Column(name, kind, **{"nullable": False, **options, "info": {"fits": f'length("{name}") = {MOMENT}'}})


def yes_no(name: str) -> sa.Column[bool]:
    check = f"CAST({name} AS INTEGER) IN (0, 1)"
    return sa.Column(name, sa.Boolean().with_variant(sa.Integer(), "sqlite"), nullable=False, info={"is_truth": check})


def table(name: str, *parts: Any) -> sa.Table:
    checks = [
        sa.CheckConstraint(condition, name=f"{column.name}_{kind}")
        for column in parts
        if isinstance(column, sa.Column)
        for kind, condition in column.info.items()
    ]
    return sa.Table(name, ADDED, *parts, *checks, sqlite_strict=True)


def number(**options: Any) -> sa.Column[str]:
    return words("number", 24, sa.ForeignKey("service_contract.number"), **options)


sa.Table("service_contract", ADDED, words("number", 24, primary_key=True))
TASKS = table(
    "member_task",
    words("id", 200, primary_key=True),
    number(index=True),
    words("kind", 32),
    words("company", 12),
    words("role", 32),
    words("user", 40, nullable=True),
    words("owner", 40, nullable=True),
    words("co_signers", 2_000),
    words("state", 16),
    yes_no("is_open"),
    whole("opened_day"),
    moment("due_at", nullable=True),
    yes_no("is_overdue"),
    whole("priority"),
    whole("revision"),
    words("task_json", DOCUMENT),
    sa.CheckConstraint("revision >= 1", name="revision_counts"),
    sa.CheckConstraint(f"state IN ({STATES})", name="state_known"),
    sa.Index(None, "company", "is_open", "due_at"),
)
NEW = (
    table(
        "task_act",
        words("task", 200, primary_key=True),
        words("user", 40, primary_key=True),
        moment("at"),
        sa.Index(None, "user", "at"),
    ),
    table(
        "copy",
        number(primary_key=True),
        words("task", 200, primary_key=True),
        words("user", 40, primary_key=True),
        words("given_by", 40),
        moment("at"),
        moment("read_at", nullable=True),
        sa.Index(None, "user", "at"),
    ),
    table(
        "draft",
        words("task", 200, primary_key=True),
        words("user", 40, primary_key=True),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        moment("at"),
    ),
    table(
        "notice",
        whole("id", primary_key=True),
        words("key", 240, unique=True),
        number(index=True),
        words("task", 200),
        words("event", 32),
        words("company", 12),
        words("role", 32),
        words("user", 40),
        moment("at"),
    ),
    table(
        "notice_delivery",
        whole("id", primary_key=True),
        whole("notice", sa.ForeignKey("notice.id")),
        words("channel", 16),
        words("recipient", 40),
        whole("attempts"),
        moment("next_at"),
        moment("done_at", nullable=True),
        yes_no("is_dead"),
        words("error", 200),
        sa.UniqueConstraint("notice", "channel", "recipient"),
        sa.Index(None, "channel", "done_at", "is_dead"),
    ),
    table(
        "notice_channel",
        words("name", 16, primary_key=True),
        whole("taken_up_to"),
    ),
)


def upgrade() -> None:
    """Widen the tasks, and make the tables that go with them."""
    connection = op.get_bind()
    on_sqlite = connection.dialect.name == "sqlite"
    (widen_sqlite if on_sqlite else widen_postgresql)(connection)
    for new in NEW:
        new.create(connection)
    connection.exec_driver_sql("CREATE INDEX ix_service_contract_started_by ON service_contract (started_by)")
    connection.exec_driver_sql(who_acted("json_extract(happening_json, '$.{}')" if on_sqlite else POSTGRESQL_FIELD))
    guard = guard_sqlite if on_sqlite else guard_postgresql
    for name, change in APPEND_ONLY.items():
        for statement in guard(name, change):
            connection.exec_driver_sql(statement)


def downgrade() -> None:
    """Records are not unmade: restore a backup instead."""
    raise NotImplementedError("there is no way back but a backup")


POSTGRESQL_FIELD = "happening_json::json ->> '{}'"


def who_acted(field: str) -> str:
    """Who has acted on which task, out of what happened."""
    user, task = field.format("user"), field.format("task")
    return (
        f'INSERT INTO task_act (task, "user", at) SELECT {task}, {user}, max(at) FROM happening '  # noqa: S608
        f"WHERE verb IN ({ACTS}) AND {task} <> '' AND {user} <> '' GROUP BY {task}, {user}"
    )


def widen_sqlite(connection: sa.Connection) -> None:
    """SQLite puts a column with its checks in place by making the table anew; nothing refers to it."""
    older = [column.name for column in TASKS.columns if column.name != "is_overdue"]
    named = ", ".join(f'"{name}"' for name in older)
    connection.exec_driver_sql("CREATE TEMPORARY TABLE tasks AS SELECT * FROM member_task")
    connection.exec_driver_sql("DROP TABLE member_task")
    TASKS.create(connection)
    filled = f"INSERT INTO member_task ({named}, is_overdue) SELECT {named}, {OVERDUE} FROM tasks"  # noqa: S608
    connection.exec_driver_sql(filled)
    connection.exec_driver_sql("DROP TABLE tasks")


def widen_postgresql(connection: sa.Connection) -> None:
    check = "ck_member_task_is_overdue_is_truth CHECK (CAST(is_overdue AS INTEGER) IN (0, 1))"
    for statement in (
        "DROP INDEX ix_member_task_company_is_open",
        "ALTER TABLE member_task ADD COLUMN is_overdue BOOLEAN",
        f"UPDATE member_task SET is_overdue = {OVERDUE.replace('%', '%%')}",  # noqa: S608
        "ALTER TABLE member_task ALTER COLUMN is_overdue SET NOT NULL",
        f"ALTER TABLE member_task ADD CONSTRAINT {check}",
        "CREATE INDEX ix_member_task_company_is_open_due_at ON member_task (company, is_open, due_at)",
    ):
        connection.exec_driver_sql(statement)


def guard_sqlite(name: str, change: str) -> list[str]:
    when = f"WHEN NOT ({change}) " if change else ""
    refusal = f"BEGIN SELECT RAISE(ABORT, 'rows of {name} are only added'); END"
    return [
        f"CREATE TRIGGER {name}_keeps BEFORE UPDATE ON {name} {when}{refusal}",
        f"CREATE TRIGGER {name}_stays BEFORE DELETE ON {name} {refusal}",
    ]


def guard_postgresql(name: str, change: str) -> list[str]:
    when = f"WHEN (NOT ({change})) " if change else ""
    refusal = "EXECUTE FUNCTION refuse_change()"
    return [
        f"CREATE TRIGGER {name}_keeps BEFORE UPDATE ON {name} FOR EACH ROW {when}{refusal}",
        f"CREATE TRIGGER {name}_stays BEFORE DELETE ON {name} FOR EACH ROW {refusal}",
        f"CREATE TRIGGER {name}_lasts BEFORE TRUNCATE ON {name} {refusal}",
    ]

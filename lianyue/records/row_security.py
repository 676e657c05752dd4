"""Row-level security on PostgreSQL: the role that readers take, the policies it meets, and how they are laid down."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import Connection, MetaData, text

from contracts.errors import WrongState

STATEMENTS = Path(__file__).parent / "migrations" / "row_security"
RELEASED = ("0008", "0009")
"""The files of statements in the order in which migrations apply them."""

FENCED = text(
    "SELECT c.relname FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') "
    "AND c.relname <> 'alembic_version' AND NOT c.relrowsecurity ORDER BY c.relname"
)
OPEN_TO_READERS = text("SELECT tablename FROM pg_policies WHERE schemaname = 'public' ORDER BY tablename")
VIEWS = text("SELECT viewname FROM pg_views WHERE schemaname = 'seen' ORDER BY viewname")
RIGHTS = text(
    "SELECT r.rolsuper OR r.rolbypassrls OR EXISTS (SELECT 1 FROM pg_class c WHERE c.relowner = r.oid AND "
    "c.relnamespace = 'public'::regnamespace) FROM pg_roles r WHERE r.rolname = :reader"
)
MAY_TAKE = text("SELECT pg_has_role(current_user, :reader, 'MEMBER')")


def lay_down(connection: Connection, file: str) -> None:
    """Carry out the statements of *file* on PostgreSQL, and let row security hold on every table there is."""
    if connection.dialect.name != "postgresql":
        return
    for statement in (STATEMENTS / f"{file}.sql").read_text(encoding="utf-8").split("\n\n"):
        connection.exec_driver_sql(statement)
    for (table,) in connection.execute(FENCED).all():
        connection.exec_driver_sql(f'ALTER TABLE public."{table}" ENABLE ROW LEVEL SECURITY')


def secure_tables(_: MetaData, connection: Connection, **__: Any) -> None:
    """Give freshly created tables the policies of this release."""
    for file in RELEASED:
        lay_down(connection, file)


def admit_reader(connection: Connection, reader: str) -> None:
    """
    Make the role *reader* if there is none, and let it read what has a policy, and nothing else.

    Raises:
        WrongState: If the role stands above row security.
    """
    if connection.dialect.name != "postgresql":
        return
    if connection.execute(RIGHTS, {"reader": reader}).first() is None:
        connection.exec_driver_sql(f"CREATE ROLE {reader} NOLOGIN")
    require_below(connection, reader)
    if not connection.execute(MAY_TAKE, {"reader": reader}).scalar_one():
        connection.exec_driver_sql(f"GRANT {reader} TO CURRENT_USER")
    connection.exec_driver_sql(f"GRANT USAGE ON SCHEMA public, seen TO {reader}")
    readable = [f'public."{table}"' for (table,) in connection.execute(OPEN_TO_READERS)]
    readable += [f'seen."{view}"' for (view,) in connection.execute(VIEWS)]
    connection.exec_driver_sql(f"GRANT SELECT ON {', '.join(readable)} TO {reader}")


def require_below(connection: Connection, reader: str) -> None:
    """
    Let pass a role to which row security applies.

    Raises:
        WrongState: If there is no such role, or it is a superuser, bypasses row security, or owns a table.
    """
    is_above = connection.execute(RIGHTS, {"reader": reader}).scalar_one_or_none()
    if is_above is None:
        raise WrongState(f"there is no role {reader!r} in the database; `lianyue records upgrade` makes it")
    if is_above:
        raise WrongState(f"row security does not apply to the role {reader!r}; choose one without rights of its own")

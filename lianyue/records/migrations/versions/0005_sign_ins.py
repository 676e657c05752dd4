"""Sessions, API tokens, and sign-ins under way; none of them is a record, so rows come and go."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

ADDED = sa.MetaData(
    naming_convention={
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    }
)
MOMENT = 27


def words(name: str, length: int, **options: Any) -> sa.Column[str]:
    kind = sa.String(length).with_variant(sa.Text(), "sqlite")
    check = f'length("{name}") <= {length}'
    return sa.Column(name, kind, **{"nullable": False, **options, "info": {"check": check}})


def moment(name: str, **options: Any) -> sa.Column[str]:
    kind = sa.String(MOMENT).with_variant(sa.Text(), "sqlite")
    return sa.Column(name, kind, **{"nullable": False, **options, "info": {"check": f'length("{name}") = {MOMENT}'}})


def table(name: str, *parts: Any) -> None:
    columns = [part for part in parts if isinstance(part, sa.Column)]
    checks = [sa.CheckConstraint(column.info["check"], name=f"{column.name}_fits") for column in columns]
    sa.Table(name, ADDED, *parts, *checks, sqlite_strict=True)


table(
    "session",
    words("id_hash", 71, primary_key=True),
    words("user", 40, index=True),
    words("company", 12),
    moment("created_at"),
    moment("seen_at"),
    moment("expires_at", index=True),
)
table(
    "api_token",
    words("name", 64, primary_key=True),
    words("secret_hash", 71),
    words("user", 40),
    words("company", 12),
    words("roles", 200),
    moment("created_at"),
    moment("expires_at"),
    moment("last_used_at", nullable=True),
    moment("revoked_at", nullable=True),
    sa.UniqueConstraint("secret_hash"),
)
table(
    "sign_in",
    words("state_hash", 71, primary_key=True),
    words("nonce", 240),
    words("verifier", 240),
    words("back_to", 200),
    moment("expires_at", index=True),
)


def upgrade() -> None:
    """Make the tables."""
    ADDED.create_all(op.get_bind(), checkfirst=False)


def downgrade() -> None:
    """Records are not unmade: restore a backup instead."""
    raise NotImplementedError("there is no way back but a backup")

"""Row-level security on PostgreSQL: policies and views by which a reader's role sees what its viewer may see."""

from __future__ import annotations

from alembic import op

from lianyue.records.row_security import lay_down

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Lay the policies down; SQLite knows none."""
    lay_down(op.get_bind(), "0008")


def downgrade() -> None:
    """Records are not unmade: restore a backup instead."""
    raise NotImplementedError("there is no way back but a backup")

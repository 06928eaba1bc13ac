"""What people noted about failed records, and an index of what people did."""

import sqlalchemy as sa
from alembic import op

from engine.store.columns import RowId, UtcTime

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Begin to keep who has a record, its tags, and why it was set aside."""
    op.create_table(
        "work_mark",
        sa.Column("work_id", RowId, autoincrement=False, nullable=False),
        *(
            sa.Column(name, sa.Text(), server_default="", nullable=False)
            for name in ("assignee", "tags", "parked", "changed_by")
        ),
        sa.Column("changed_at", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(["work_id"], ["work.id"], name=op.f("fk_work_mark_work_id")),
        sa.PrimaryKeyConstraint("work_id", name=op.f("pk_work_mark")),
    )
    where = sa.text("actor <> 'engine'")
    op.create_index("ix_ledger_people", "ledger", ["seq"], sqlite_where=where, postgresql_where=where)


def downgrade() -> None:
    """A database is not taken back."""
    raise NotImplementedError("restore a backup instead")

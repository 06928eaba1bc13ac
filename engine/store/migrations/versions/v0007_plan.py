"""Plans of what would be written."""

import sqlalchemy as sa
from alembic import op

from engine.store.columns import RowId, UtcTime

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables in which plans wait to be run."""
    op.create_table(
        "plan",
        sa.Column("id", RowId, autoincrement=True, nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("connection", "subject")),
        sa.Column("made_by", sa.Text(), server_default="", nullable=False),
        sa.Column("made_at", UtcTime(), nullable=False),
        sa.Column("ready_at", UtcTime(), nullable=True),
        sa.Column("compared", sa.Integer(), server_default="0", nullable=False),
        sa.Column("applied_by", sa.Text(), server_default="", nullable=False),
        sa.Column("applied_at", UtcTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan")),
    )
    op.create_index("ix_plan_connection", "plan", ["connection", "id"], unique=False)
    op.create_table(
        "plan_row",
        sa.Column("plan_id", RowId, nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("sku", "location")),
        sa.Column("before", sa.Integer(), nullable=False),
        sa.Column("after", sa.Integer(), nullable=True),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("cause", "state")),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("settled_at", UtcTime(), nullable=True),
        sa.CheckConstraint(
            "state IN ('planned', 'shown', 'applied', 'refused')", name=op.f("ck_plan_row_state")
        ),
        sa.ForeignKeyConstraint(["plan_id"], ["plan.id"], name=op.f("fk_plan_row_plan_id")),
        sa.PrimaryKeyConstraint("plan_id", "sku", "location", name=op.f("pk_plan_row")),
    )


def downgrade() -> None:
    """A database is not taken back."""
    raise NotImplementedError("restore a backup instead")

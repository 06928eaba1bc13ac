"""The history of every stock cell."""

import sqlalchemy as sa
from alembic import op

from engine.store.columns import RowId, UtcTime

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Begin to keep what a cell was at every moment."""
    op.create_table(
        "cell_event",
        sa.Column("id", RowId, autoincrement=True, nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("connection", "sku", "location")),
        sa.Column("at", UtcTime(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        *(sa.Column(name, sa.Text(), server_default="", nullable=False) for name in ("cause", "reference")),
        sa.Column("active", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        *(
            sa.Column(name, sa.Integer(), nullable=True)
            for name in ("on_hand", "available", "committed", "erp_on_hand", "erp_reserved")
        ),
        sa.Column("erp_at", UtcTime(), nullable=True),
        sa.Column("base", sa.Integer(), nullable=True),
        *(sa.Column(name, sa.Integer(), server_default="0", nullable=False) for name in ("pos", "ver")),
        sa.Column("seen_low", sa.Integer(), nullable=True),
        sa.Column("seen_at", UtcTime(), nullable=True),
        sa.Column("target", sa.Integer(), nullable=True),
        sa.Column("terms", sa.Text(), server_default="{}", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cell_event")),
    )
    op.create_index("ix_cell_event_at", "cell_event", ["at"], unique=False)
    op.create_index("ix_cell_event_cell", "cell_event", ["connection", "sku", "location", "id"], unique=False)


def downgrade() -> None:
    """A database is not taken back."""
    raise NotImplementedError("restore a backup instead")

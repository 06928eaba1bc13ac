"""Units that operators hold back."""

import sqlalchemy as sa
from alembic import op

from engine.store.columns import RowId, UtcTime

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table in which they stand."""
    op.create_table(
        "hold",
        sa.Column("id", RowId, autoincrement=True, nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("connection", "sku", "location")),
        sa.Column("units", sa.Integer(), nullable=False),
        sa.Column("everything", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("set_by", sa.Text(), server_default="", nullable=False),
        sa.Column("set_at", UtcTime(), nullable=False),
        sa.Column("ends", UtcTime(), nullable=True),
        sa.Column("ended_by", sa.Text(), server_default="", nullable=False),
        sa.Column("ended_at", UtcTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hold")),
    )
    where = sa.text("ended_at IS NULL")
    op.create_index(
        "uq_hold_cell", "hold", ["connection", "sku", "location"], unique=True, sqlite_where=where,
        postgresql_where=where,
    )  # fmt: skip


def downgrade() -> None:
    """The previous version holds back what its configuration says."""
    op.drop_index("uq_hold_cell", table_name="hold")
    op.drop_table("hold")

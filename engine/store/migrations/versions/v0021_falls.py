"""Cells that hold less than before and nobody knows why are found without a walk through all cells."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

FALL = sa.text("base IS NOT NULL AND seen_low < 0")


def upgrade() -> None:
    """Add the index."""
    op.create_index(
        "ix_stock_fall", "stock", ["connection"], sqlite_where=FALL, postgresql_where=FALL
    )  # fmt: skip


def downgrade() -> None:
    """The previous version walks."""
    op.drop_index("ix_stock_fall", table_name="stock")

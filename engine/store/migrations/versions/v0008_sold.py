"""How fast the back office sells from each cell by itself."""

import sqlalchemy as sa
from alembic import op

from engine.store.columns import UtcTime

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Measure from the next look on."""
    op.add_column("stock", sa.Column("sold_rate", sa.Float(), server_default="0", nullable=False))
    op.add_column("stock", sa.Column("sold_outside", sa.Integer(), nullable=True))
    op.add_column("stock", sa.Column("sold_at", UtcTime(), nullable=True))


def downgrade() -> None:
    """The previous version measures nothing."""
    for name in ("sold_at", "sold_outside", "sold_rate"):
        op.drop_column("stock", name)

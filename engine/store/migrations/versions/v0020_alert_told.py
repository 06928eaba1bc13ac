"""An alert no longer has a moment at which it was sent: nothing ever wrote it, and tellings have their own."""

import sqlalchemy as sa
from alembic import op

from engine.store.columns import UtcTime

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Drop the column."""
    op.drop_column("alert", "sent_at")


def downgrade() -> None:
    """The previous version has it, empty."""
    op.add_column("alert", sa.Column("sent_at", UtcTime(), nullable=True))

"""What webhooks told, hour by hour."""

import sqlalchemy as sa
from alembic import op

from engine.store.columns import UtcTime

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table in which it is counted."""
    op.create_table(
        "webhook_hour",
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("connection", "topic")),
        sa.Column("hour", UtcTime(), nullable=False),
        *(
            sa.Column(name, sa.Integer(), server_default="0", nullable=False)
            for name in ("heard", "expected", "missed")
        ),
        sa.Column("heard_at", UtcTime(), nullable=True),
        sa.PrimaryKeyConstraint("connection", "topic", "hour", name=op.f("pk_webhook_hour")),
    )


def downgrade() -> None:
    """The previous version counts what was healed only."""
    op.drop_table("webhook_hour")

"""Breakers and the retry budget survive a restart."""

import sqlalchemy as sa
from alembic import op

from engine.store.columns import UtcTime

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Begin to keep them."""
    op.create_table(
        "pace",
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("connection", "remote", "kind")),
        sa.Column("circuit", sa.Text(), server_default="", nullable=False),
        sa.Column("failures", sa.Integer(), server_default="0", nullable=False),
        sa.Column("openings", sa.Integer(), server_default="0", nullable=False),
        sa.Column("opened_until", UtcTime(), nullable=True),
        sa.Column("tokens", sa.Float(), server_default="0", nullable=False),
        sa.Column("changed_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("connection", "remote", "kind", name=op.f("pk_pace")),
    )


def downgrade() -> None:
    """The previous version begins with closed breakers."""
    op.drop_table("pace")

"""Working beside another connector: what was taken over, and what would have been written otherwise."""

import sqlalchemy as sa
from alembic import op

from engine.store.columns import RowId, UtcTime

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add both tables."""
    op.create_table(
        "takeover",
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("connection", "subject", "location")),
        sa.Column("taken_at", UtcTime(), nullable=False),
        sa.Column("taken_by", sa.Text(), nullable=False),
        sa.Column("since", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("connection", "subject", "location", name=op.f("pk_takeover")),
    )
    names = ("connection", "subject", "key", "location", "field")
    op.create_table(
        "shadow_difference",
        sa.Column("id", RowId, autoincrement=True, nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in (*names, "ours", "theirs")),
        sa.Column("since", UtcTime(), nullable=False),
        sa.Column("until", UtcTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shadow_difference")),
    )
    op.create_index("ix_shadow_difference_until", "shadow_difference", ["until"])
    where = sa.text("until IS NULL")
    op.create_index(
        "uq_shadow_difference", "shadow_difference", list(names), unique=True, sqlite_where=where,
        postgresql_where=where,
    )  # fmt: skip


def downgrade() -> None:
    """The previous version serves every connection alone."""
    op.drop_index("uq_shadow_difference", table_name="shadow_difference")
    op.drop_index("ix_shadow_difference_until", table_name="shadow_difference")
    op.drop_table("shadow_difference")
    op.drop_table("takeover")

"""Words that people want the back office to be told."""

import sqlalchemy as sa
from alembic import op

from engine.store.columns import RowId, UtcTime

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table in which they stand."""
    op.create_table(
        "wording",
        sa.Column("id", RowId, autoincrement=True, nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("connection", "kind", "name")),
        *(
            sa.Column(name, sa.Text(), server_default="", nullable=False)
            for name in ("field", "said", "instead_of", "stale", "set_by")
        ),
        sa.Column("set_at", UtcTime(), nullable=False),
        sa.Column("ended_by", sa.Text(), server_default="", nullable=False),
        sa.Column("ended_at", UtcTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wording")),
    )
    where = sa.text("ended_at IS NULL")
    op.create_index(
        "uq_wording_subject", "wording", ["connection", "kind", "name", "field"], unique=True, sqlite_where=where,
        postgresql_where=where,
    )  # fmt: skip


def downgrade() -> None:
    """The previous version tells what Shopify and its configuration say."""
    op.drop_table("wording")

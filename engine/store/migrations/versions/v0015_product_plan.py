"""Plans of products, field by field."""

import sqlalchemy as sa
from alembic import op

from engine.store.columns import RowId, UtcTime

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "product_plan_row",
        sa.Column("plan_id", RowId, autoincrement=False, nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("sku", "field")),
        *(sa.Column(name, sa.Text(), nullable=True) for name in ("before", "after")),
        sa.Column("rule", sa.Text(), server_default="", nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("cause", "state")),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("settled_at", UtcTime(), nullable=True),
        sa.CheckConstraint(
            "state IN ('planned', 'shown', 'applied', 'refused')", name=op.f("ck_product_plan_row_state")
        ),
        sa.ForeignKeyConstraint(["plan_id"], ["plan.id"], name=op.f("fk_product_plan_row_plan_id")),
        sa.PrimaryKeyConstraint("plan_id", "sku", "field", name=op.f("pk_product_plan_row")),
    )


def downgrade() -> None:
    """The previous version plans no products."""
    op.drop_table("product_plan_row")

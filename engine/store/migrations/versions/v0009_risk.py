"""How fast each cell sells, on both sides."""

import sqlalchemy as sa
from alembic import op

from engine.store.columns import UtcTime

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Orders say when they were placed from their next reading on; the steady rate is measured from the next look on."""
    op.add_column("shop_order", sa.Column("placed_at", UtcTime(), nullable=True))
    op.create_index("ix_shop_order_placed_at", "shop_order", ["placed_at"], unique=False)
    op.add_column("stock", sa.Column("sold_steady", sa.Float(), server_default="0", nullable=False))
    for name, column, where in (
        ("ix_stock_over", "connection", "available < 0"),
        ("ix_stock_selling", "sold_at", "sold_steady > 0"),
    ):
        op.create_index(
            name,
            "stock",
            [column],
            unique=False,
            sqlite_where=sa.text(where),
            postgresql_where=sa.text(where),
        )


def downgrade() -> None:
    """The previous version measures less."""
    for name in ("ix_stock_selling", "ix_stock_over"):
        op.drop_index(name, table_name="stock")
    op.drop_column("stock", "sold_steady")
    op.drop_index("ix_shop_order_placed_at", table_name="shop_order")
    op.drop_column("shop_order", "placed_at")

"""Adopted variants and their fields."""

import sqlalchemy as sa
from alembic import op

from engine.store.columns import UtcTime

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def _words(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text(), server_default="", nullable=False) for name in names]


def _flag(name: str) -> sa.Column[bool]:
    return sa.Column(name, sa.Boolean(), server_default=sa.text("false"), nullable=False)


def _count(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), server_default="0", nullable=False)


def upgrade() -> None:
    """Add the tables."""
    op.create_table(
        "product_link",
        sa.Column("connection", sa.Text(), nullable=False),
        sa.Column("sku", sa.Text(), nullable=False),
        *_words("office_id"),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("variant", "product", "item")),
        *_words("title"),
        _flag("discontinued"),
        _flag("troubled"),
        *_words("adopted_by"),
        sa.Column("adopted_at", UtcTime(), nullable=False),
        _count("seq"),
        sa.Column("due_at", UtcTime(), nullable=True),
        *_words("reason"),
        sa.Column("looked_at", UtcTime(), nullable=True),
        sa.PrimaryKeyConstraint("connection", "sku", name=op.f("pk_product_link")),
    )
    op.create_index("uq_product_link_variant", "product_link", ["connection", "variant"], unique=True)
    op.create_index("ix_product_link_product", "product_link", ["connection", "product"])
    op.create_index("ix_product_link_office_id", "product_link", ["connection", "office_id"])
    due = sa.text("due_at IS NOT NULL")
    op.create_index(
        "ix_product_link_due",
        "product_link",
        ["connection", "due_at"],
        sqlite_where=due,
        postgresql_where=due,
    )
    op.create_table(
        "product_field",
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("connection", "sku", "field")),
        *(
            sa.Column(name, sa.Text(), nullable=True)
            for name in ("office", "shop", "office_then", "shop_then")
        ),
        _flag("known"),
        _count("recent"),
        sa.Column("recent_since", UtcTime(), nullable=True),
        _flag("restore"),
        *_words("state"),
        sa.Column("since", UtcTime(), nullable=True),
        *_words("rule", "note"),
        _count("overwrites"),
        sa.Column("snoozed_until", UtcTime(), nullable=True),
        sa.PrimaryKeyConstraint("connection", "sku", "field", name=op.f("pk_product_field")),
    )
    told = sa.text("state IN ('conflict', 'fight', 'alert', 'invalid')")
    op.create_index(
        "ix_product_field_told", "product_field", ["connection", "since"], sqlite_where=told,
        postgresql_where=told,
    )  # fmt: skip


def downgrade() -> None:
    """The previous version knows no products."""
    op.drop_table("product_field")
    op.drop_table("product_link")

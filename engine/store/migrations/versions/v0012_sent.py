"""What was sent for an order is found by its reference, however much was sent for others."""

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the index."""
    op.create_index("ix_effect_ext_ref", "effect", ["connection", "remote", "ext_ref"])


def downgrade() -> None:
    """The previous version walks through all effects."""
    op.drop_index("ix_effect_ext_ref", "effect")

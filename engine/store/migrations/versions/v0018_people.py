"""The index of what people did leaves out what remotes told, and has what came of it."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

BEFORE = "actor <> 'engine'"
TOLD = "'received', 'level moved', 'levels listed', 'another item', 'shelf moved'"
NOW = f"({BEFORE} AND action NOT IN ({TOLD}) OR action = 'command done')"


def upgrade() -> None:
    """Build it anew."""
    _index(NOW)


def downgrade() -> None:
    """The previous version lists webhooks, too."""
    _index(BEFORE)


def _index(condition: str) -> None:
    where = sa.text(condition)
    op.drop_index("ix_ledger_people", table_name="ledger")
    op.create_index("ix_ledger_people", "ledger", ["seq"], sqlite_where=where, postgresql_where=where)

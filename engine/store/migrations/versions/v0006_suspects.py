"""An index of the records that were under way in a crash."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Find suspects without a look at the whole backlog."""
    where = sa.text("crash_count > 0")
    columns = ["connection", "crash_count", "id"]
    op.create_index("ix_work_suspect", "work", columns, sqlite_where=where, postgresql_where=where)


def downgrade() -> None:
    """The previous version looks for no suspects."""
    op.drop_index("ix_work_suspect", table_name="work")

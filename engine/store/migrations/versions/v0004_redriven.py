"""A record a person lets try again is `redriven` until it is taken; `cancelled` is a state nothing leads to."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

BEFORE = (
    "state IN ('pending', 'in_flight', 'probing', 'retry_scheduled', 'uncertain', 'succeeded', 'held', "
    "'dead_lettered', 'resolved', 'superseded', 'cancelled')"
)
AFTER = (
    "state IN ('pending', 'in_flight', 'retry_scheduled', 'uncertain', 'probing', 'succeeded', 'held', "
    "'dead_lettered', 'redriven', 'resolved', 'superseded')"
)
CLAIMABLE_BEFORE = "state IN ('pending', 'retry_scheduled', 'uncertain')"
CLAIMABLE = "state IN ('pending', 'redriven', 'retry_scheduled', 'uncertain')"


def upgrade() -> None:
    """Allow the state, and let claims find it."""
    op.execute("UPDATE work SET state = 'resolved' WHERE state = 'cancelled'")
    _change(BEFORE, AFTER, CLAIMABLE)


def downgrade() -> None:
    """What the previous version does not know becomes what it would make of it."""
    op.execute("UPDATE work SET state = 'pending' WHERE state = 'redriven'")
    _change(AFTER, BEFORE, CLAIMABLE_BEFORE)


def _change(before: str, after: str, claimable: str) -> None:
    op.drop_index("ix_work_claim", table_name="work")
    if op.get_bind().dialect.name == "sqlite":
        _written_anew(before, after)
    else:
        op.drop_constraint(op.f("ck_work_state"), "work", type_="check")
        op.create_check_constraint(op.f("ck_work_state"), "work", after)
    op.create_index(
        "ix_work_claim", "work", ["connection", "lane", "due_at", "id"],
        sqlite_where=sa.text(claimable), postgresql_where=sa.text(claimable),
    )  # fmt: skip


def _written_anew(before: str, after: str) -> None:
    """SQLite changes no rule of a table: the table is written anew, as https://www.sqlite.org/lang_altertable.html says.

    Foreign keys are not looked at meanwhile; whoever migrates has switched them off and checks them afterwards.
    """
    tx = op.get_bind()
    found = tx.execute(
        sa.text("SELECT type, sql FROM sqlite_master WHERE tbl_name = 'work' AND sql IS NOT NULL")
    ).all()
    [table] = [row.sql for row in found if row.type == "table"]
    assert before in table, "the table is not the one this migration was written for"
    head, _, rest = table.partition("work")
    op.execute(sa.text(f"{head}work_again{rest.replace(before, after)}".replace(":", "\\:")))
    op.execute("INSERT INTO work_again SELECT * FROM work")
    op.execute("DROP TABLE work")
    op.execute("ALTER TABLE work_again RENAME TO work")
    for row in found:
        if row.type == "index":
            op.execute(sa.text(row.sql.replace(":", "\\:")))

"""The database itself refuses to change or to drop a line of the ledger."""

from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

SAID = "a line of the ledger stands as it was written"


def upgrade() -> None:
    """Add the triggers."""
    if op.get_bind().dialect.name == "sqlite":
        for act in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER ledger_stands_{act.lower()} BEFORE {act} ON ledger "
                f"BEGIN SELECT RAISE(ABORT, '{SAID}'); END"
            )
        return
    op.execute(
        "CREATE FUNCTION ledger_stands() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{SAID}'; END $$"
    )
    op.execute(
        "CREATE TRIGGER ledger_stands BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger "
        "FOR EACH STATEMENT EXECUTE FUNCTION ledger_stands()"
    )


def downgrade() -> None:
    """The previous version relies on the chain alone."""
    if op.get_bind().dialect.name == "sqlite":
        for act in ("update", "delete"):
            op.execute(f"DROP TRIGGER ledger_stands_{act}")
        return
    op.execute("DROP TRIGGER ledger_stands ON ledger")
    op.execute("DROP FUNCTION ledger_stands()")

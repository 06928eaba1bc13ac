"""Which version of the tables a database has, told without loading what migrates it: a start should be short."""

from pathlib import Path

from sqlalchemy import Connection, inspect, text

MIGRATIONS = Path(__file__).parent / "migrations"


def newest() -> str:
    """The version this program expects: that of its last migration, from the file's name."""
    return max(file.name[1:5] for file in (MIGRATIONS / "versions").glob("v[0-9]*.py"))


def up_to_date(tx: Connection) -> bool:
    """Whether nothing needs to be migrated."""
    if not inspect(tx).has_table("alembic_version"):
        return False
    return tx.execute(text("SELECT version_num FROM alembic_version")).scalars().all() == [newest()]

"""Brings the tables up to what this version expects; refuses those of a newer one."""

from collections.abc import Iterator
from contextlib import contextmanager

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from engine.store.trouble import StoreTrouble
from engine.store.version import MIGRATIONS

LOCK = 7_316_402
"""Advisory lock under which only one process migrates a PostgreSQL database."""

IDLE_MS = 60_000
"""Milliseconds after which PostgreSQL gives up on a process that stopped in the middle of a migration."""


@contextmanager
def foreign_keys_off(connection: Connection) -> Iterator[None]:
    """A table SQLite writes anew is dropped on the way: its foreign keys rest meanwhile and are checked by `migrate`.

    The pragma does nothing inside a transaction, so it is given before and after it.
    """
    raw = connection.connection.driver_connection if connection.dialect.name == "sqlite" else None
    if raw is not None:
        raw.execute("PRAGMA foreign_keys=OFF").close()
    try:
        yield
    finally:
        if raw is not None:
            raw.execute("PRAGMA foreign_keys=ON").close()


def alembic_config(tx: Connection) -> Config:
    """Alembic's settings, made here: there is no ini file and logging stays as it is."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = tx
    return config


def migrate(tx: Connection) -> None:
    """Run what is missing, inside this transaction."""
    config = alembic_config(tx)
    if tx.dialect.name == "postgresql":
        # between two statements of a migration there may be more to work out than between those of a verb
        tx.execute(text(f"SET LOCAL idle_in_transaction_session_timeout = {IDLE_MS}"))
        tx.execute(text(f"SELECT pg_advisory_xact_lock({LOCK})"))
    script = ScriptDirectory.from_config(config)
    current = MigrationContext.configure(tx).get_current_revision()
    if current == script.get_current_head():
        return
    if current is not None and current not in {item.revision for item in script.walk_revisions()}:
        raise StoreTrouble(
            "The database was written by a newer version of TrueUp.",
            "Start that version, or restore a backup made with this one.",
        )
    command.upgrade(config, "head")
    if tx.dialect.name == "sqlite":
        astray = tx.execute(text("PRAGMA foreign_key_check")).first()
        assert astray is None, f"a migration left a row without what it refers to: {astray}"

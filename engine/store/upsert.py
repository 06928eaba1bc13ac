"""INSERT … ON CONFLICT, spelled the same for both databases."""

from sqlalchemy import Connection, Table
from sqlalchemy.dialects.postgresql import Insert as PostgresqlInsert
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import Insert as SqliteInsert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert


def insert(tx: Connection, table: Table) -> SqliteInsert | PostgresqlInsert:
    """The dialect's INSERT, which knows on_conflict_do_nothing and on_conflict_do_update."""
    return postgresql_insert(table) if tx.dialect.name == "postgresql" else sqlite_insert(table)

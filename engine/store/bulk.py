"""Many rows through the driver's own cursor: for small rows, preparing them in SQLAlchemy costs more than storing them.

Values are the driver's, in the order of the columns: times must have gone through `moment`.
"""

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection

from engine.store.columns import UtcTime

Values = tuple[Any, ...]

_TIME = UtcTime()


def moment(tx: Connection, at: datetime | None) -> Any:
    """A time as the driver takes it; ValueError when it has no zone."""
    return _TIME.process_bind_param(at, tx.dialect)


def insert_all(tx: Connection, table: str, columns: tuple[str, ...], rows: Sequence[Values]) -> None:
    """Insert every row; the database's error when one is refused."""
    mark = "?" if tx.dialect.name == "sqlite" else "%s"
    tx.exec_driver_sql(_statement(table, columns, mark), list(rows))


def upsert_all(
    tx: Connection, table: str, key: tuple[str, ...], columns: tuple[str, ...], rows: Sequence[Values]
) -> None:
    """Insert every row, or give the row of the same `key` these values; both databases spell it alike."""
    mark = "?" if tx.dialect.name == "sqlite" else "%s"
    tx.exec_driver_sql(_upsert(table, key, columns, mark), list(rows))


def insert_fresh(tx: Connection, table: str, columns: tuple[str, ...], rows: Sequence[Values]) -> list[bool]:
    """Insert the rows that break no unique index; for each, in order, whether it was inserted.

    SQLite only: there a statement for each row costs no round trip.
    """
    statement = _statement(table, columns, "?") + " ON CONFLICT DO NOTHING"
    cursor = tx.connection.cursor()
    try:
        fresh = []
        for row in rows:
            cursor.execute(statement, row)
            fresh.append(cursor.rowcount == 1)
        return fresh
    finally:
        cursor.close()


@cache
def _statement(table: str, columns: tuple[str, ...], mark: str) -> str:
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join(mark for _ in columns)})"  # noqa: S608  names of our own tables


@cache
def _upsert(table: str, key: tuple[str, ...], columns: tuple[str, ...], mark: str) -> str:
    fresh = ", ".join(f"{name} = excluded.{name}" for name in columns if name not in key)
    return f"{_statement(table, columns, mark)} ON CONFLICT ({', '.join(key)}) DO UPDATE SET {fresh}"

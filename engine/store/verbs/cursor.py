"""Cursors: how far each listing has been read."""

from datetime import datetime

from sqlalchemy import Connection, bindparam, select

from engine.store.tables import cursor
from engine.store.upsert import insert
from engine.store.verbs.ledger import append

FIRST_START = "first start"
_VALUE = select(cursor.c.value).where(
    cursor.c.connection == bindparam("of_connection"), cursor.c.name == bindparam("of_name")
)


def get_cursor(tx: Connection, connection: str, name: str) -> str | None:
    """Where this listing stands; None at first."""
    value = tx.execute(_VALUE, {"of_connection": connection, "of_name": name}).scalar()
    return None if value is None else str(value)


def set_cursor(
    tx: Connection, connection: str, name: str, value: str, now: datetime, *, quiet: bool = False
) -> None:
    """Everything before `value` is stored. `quiet`: the ledger does not hear of it."""
    if get_cursor(tx, connection, name) == value:
        return
    statement = insert(tx, cursor).values(connection=connection, name=name, value=value, set_at=now)
    tx.execute(
        statement.on_conflict_do_update(
            index_elements=["connection", "name"], set_={"value": value, "set_at": now}
        )
    )
    if not quiet:
        append(tx, connection, "cursor moved", f"cursor:{name}", now, detail=value)


def first_start(tx: Connection, connection: str, now: datetime) -> datetime:
    """When an engine first wanted to work on a connection, by our clock: now, unless one did before."""
    stored = get_cursor(tx, connection, FIRST_START)
    if stored is None:
        set_cursor(tx, connection, FIRST_START, now.isoformat(), now)
    return now if stored is None else datetime.fromisoformat(stored)

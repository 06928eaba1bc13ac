"""Calls that an account answers by the day or the month, kept over a restart: what is spent stays spent."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection, select

from engine.store.tables import tally
from engine.store.upsert import insert

SPENT = "calls since "
"""Tallies, followed by when the part of the span began in which so many calls were made."""


def keep_spending(tx: Connection, connection: str, spent: Mapping[datetime, int], now: datetime) -> None:
    """Write down what counts now, and forget what does not any more."""
    known = kept_spending(tx, connection)
    for began, calls in spent.items():
        if known.get(began) == calls:
            continue
        statement = insert(tx, tally).values(
            connection=connection, name=_name(began), value=calls, changed_at=now
        )
        tx.execute(
            statement.on_conflict_do_update(
                index_elements=["connection", "name"], set_={"value": calls, "changed_at": now}
            )
        )
    if over := [_name(began) for began in known.keys() - spent.keys()]:
        tx.execute(tally.delete().where(tally.c.connection == connection, tally.c.name.in_(over)))


def kept_spending(tx: Connection, connection: str) -> dict[datetime, int]:
    """What was written down."""
    query = select(tally.c.name, tally.c.value).where(
        tally.c.connection == connection, tally.c.name.startswith(SPENT, autoescape=True)
    )
    return {datetime.fromisoformat(row.name.removeprefix(SPENT)): int(row.value) for row in tx.execute(query)}


def _name(began: datetime) -> str:
    return f"{SPENT}{began.isoformat()}"

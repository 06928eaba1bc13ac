"""Orders that somebody told us of and whose telling may not have been read: their records are not done."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection, and_, or_, select, text

from engine.delivery.states import DONE
from engine.model.ids import OrderId
from engine.store.tables import CLAIMABLE, WAITS_FOR_PERSON, work

CHUNK = 400
"""Orders per statement, well below both databases' limit of parameters."""


def unended(tx: Connection, connection: str) -> list[OrderId]:
    """Every order of a connection whose record is not done."""
    query = select(work.c.key).where(
        work.c.connection == connection, work.c.kind == "order", work.c.state.not_in(sorted(DONE))
    )
    return [OrderId(key) for key in tx.execute(query.order_by(work.c.key)).scalars()]


def idle(
    tx: Connection, connection: str, among: Collection[OrderId], now: datetime, most: int
) -> list[OrderId]:
    """Those among these orders that are not attempted now: they wait for a person or for their time; at most so many."""
    waits = or_(text(WAITS_FOR_PERSON), and_(text(CLAIMABLE), work.c.due_at > now))
    found, keys = list[OrderId](), sorted(among)
    for start in range(0, len(keys), CHUNK):
        chunk = keys[start : start + CHUNK]
        mine = (work.c.connection == connection, work.c.kind == "order", work.c.key.in_(chunk))
        found += map(OrderId, tx.execute(select(work.c.key).where(*mine, waits)).scalars())
        if len(found) >= most:
            break
    return sorted(found)[:most]

"""Orders that somebody told us of and whose telling may not have been read: their records are not done."""

from datetime import datetime

from sqlalchemy import Connection, and_, or_, select, text

from engine.delivery.states import DONE
from engine.model.ids import OrderId
from engine.store.tables import CLAIMABLE, WAITS_FOR_PERSON, work


def unended(tx: Connection, connection: str) -> list[OrderId]:
    """Every order of a connection whose record is not done."""
    query = select(work.c.key).where(
        work.c.connection == connection, work.c.kind == "order", work.c.state.not_in(sorted(DONE))
    )
    return [OrderId(key) for key in tx.execute(query.order_by(work.c.key)).scalars()]


def idle(tx: Connection, connection: str, now: datetime) -> list[OrderId]:
    """Those that are not attempted now: they wait for a person or for their time."""
    later = and_(text(CLAIMABLE), work.c.due_at > now)
    query = select(work.c.key).where(
        work.c.connection == connection, work.c.kind == "order", or_(text(WAITS_FOR_PERSON), later)
    )
    return [OrderId(key) for key in tx.execute(query.order_by(work.c.key)).scalars()]

"""What waits in each lane of a connection's queue."""

from datetime import datetime, timedelta

from sqlalchemy import Connection, select, text

from engine.delivery.lanes import LANES, Queue
from engine.store.tables import CLAIMABLE, work
from engine.store.verbs.claim import any_due


def waiting(tx: Connection, connection: str, now: datetime, most: int) -> list[Queue]:
    """Per lane, how many records could be begun (at most `most` are counted) and how long the oldest has been due."""
    found: list[Queue] = []
    if tx.execute(any_due(connection, now)).first() is None:
        return [Queue(0) for _ in LANES]
    for lane in LANES:
        query = (
            select(work.c.due_at)
            .where(
                work.c.connection == connection, work.c.lane == lane, work.c.due_at <= now, text(CLAIMABLE)
            )
            .order_by(work.c.due_at, work.c.id)
            .limit(most)
        )
        due = tx.execute(query).scalars().all()
        found.append(Queue(len(due), now - due[0] if due and due[0] else timedelta(0)))
    return found

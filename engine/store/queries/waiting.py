"""What waits in each lane of a connection's queue."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Integer, bindparam, func, literal_column, select, text, union_all

from engine.delivery.lanes import LANES, Queue
from engine.store.columns import UtcTime
from engine.store.tables import CLAIMABLE, work


def waiting(tx: Connection, connection: str, now: datetime, most: int) -> list[Queue]:
    """Per lane, how many records could be begun (at most `most` are counted) and how long the oldest has been due."""
    found = [Queue(0) for _ in LANES]
    for row in tx.execute(_WAITING, {"of_connection": connection, "of_now": now, "of_most": most}):
        found[row.lane] = Queue(row.due, now - row.first)
    return found


def _in_lane(lane: int) -> Any:
    """The first due records of a lane, by the claim's partial index."""
    first = (
        select(work.c.due_at)
        .where(
            work.c.connection == bindparam("of_connection"),
            work.c.lane == literal_column(str(lane), Integer),
            work.c.due_at <= bindparam("of_now", type_=UtcTime),
            text(CLAIMABLE),
        )
        .order_by(work.c.due_at, work.c.id)
        .limit(bindparam("of_most", type_=Integer))
        .subquery(f"lane{lane}")
    )
    number = literal_column(str(lane), Integer).label("lane")
    return (
        select(number, func.count().label("due"), func.min(first.c.due_at).label("first"))
        .having(func.count() > 0)
        .select_from(first)
    )


_WAITING = union_all(*map(_in_lane, LANES))

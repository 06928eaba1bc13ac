"""The ledger as a face reads it: all of it, or what people did."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, func, select, text

from engine.desk.listing import Look, Page
from engine.desk.trail import TrailRow, Verified
from engine.store.queries.narrowed import Fields, narrowed, ordered
from engine.store.tables import BY_PEOPLE, ledger, ledger_head
from engine.store.verbs.ledger import verify

AMONG = 200_000
"""Newest lines in which a filter seeks; more would keep a screen that follows waiting."""
FIELDS: Fields = {
    "at": ledger.c.at,
    "actor": ledger.c.actor,
    "action": ledger.c.action,
    "entity": ledger.c.entity,
    "detail": ledger.c.detail,
    "connection": ledger.c.connection,
    "seq": ledger.c.seq,
}


def trail_page(tx: Connection, look: Look, *, people: bool, now: datetime) -> Page[TrailRow]:
    """Lines that fit, newest first (oldest first with `descending` off), or by a field, then the newest first.

    A filter, and an order that is not that of time, are about the newest `AMONG` lines where there are more.
    """
    query: Select[Any] = select(ledger)
    by_time = look.sort in ("", "at", "seq")
    among = None
    if people:
        query = query.where(text(BY_PEOPLE))
    elif look.filter or not by_time:
        newest = tx.execute(select(func.max(ledger.c.seq))).scalar() or 0
        if newest > AMONG:
            among = AMONG
            query = query.where(ledger.c.seq > newest - AMONG)
    free = [ledger.c.actor, ledger.c.action, ledger.c.entity, ledger.c.detail]
    query = narrowed(query, look.filter, FIELDS, free, now)
    if people or look.filter or among is not None:
        total = tx.execute(select(func.count()).select_from(query.subquery())).scalar_one()
    else:
        total = tx.execute(select(func.coalesce(func.sum(ledger_head.c.n), 0))).scalar_one()
    if not by_time:
        query = ordered(tx, query, FIELDS, look.sort, descending=look.descending)
    newest_first = look.descending or not by_time
    query = query.order_by(ledger.c.seq.desc() if newest_first else ledger.c.seq.asc())
    rows = tx.execute(query.offset(look.offset).limit(look.limit))
    return Page(now, int(total), look.offset, tuple(_row(row) for row in rows), among)


def verified(tx: Connection, now: datetime) -> Verified:
    """Follow every chain of the ledger."""
    lines = tx.execute(select(func.count()).select_from(ledger)).scalar_one()
    return Verified(now, int(lines), verify(tx))


def _row(row: Any) -> TrailRow:
    return TrailRow(row.seq, row.connection, row.at, row.actor, row.action, row.entity, row.detail, row.hash)

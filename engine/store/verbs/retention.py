"""What has been dealt with is dropped after a while, a bounded number of rows at a time.

Kept for ever: the ledger (its chain proves that no line is missing), what was sent, orders, cells and records. Rows are
looked at in the order in which they came, so each round costs the same however large a table is.
"""

from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Table, delete, func, select

from engine.store.tables import alert, command, inbox, notice, schedule_run, telling, webhook_hour
from engine.store.verbs.ledger import append

DONE: tuple[tuple[Table, ColumnElement[datetime]], ...] = (
    (inbox, inbox.c.closed_at),
    (command, command.c.finished_at),
    (schedule_run, schedule_run.c.started_at),
    (alert, alert.c.cleared_at),
)
"""Tables by the moment at which a row of theirs was done with."""


def prune(tx: Connection, connection: str, before: datetime, limit: int, now: datetime) -> int:
    """Drop rows done with before this, at most `limit` of each table; how many went.

    The newest run of each schedule stays: it says when cells were last compared.
    """
    newest = select(func.max(schedule_run.c.id)).group_by(schedule_run.c.connection, schedule_run.c.name)
    gone = 0
    for table, moment in DONE:
        first = select(table.c.id, moment.label("at"))
        if table is schedule_run:
            first = first.where(table.c.id.not_in(newest))
        oldest = first.order_by(table.c.id).limit(limit).subquery()
        old = select(oldest.c.id).where(oldest.c.at < before)
        gone += int(tx.execute(delete(table).where(table.c.id.in_(old))).rowcount)
    gone += _alerts(tx, before, limit)
    hours = delete(webhook_hour).where(webhook_hour.c.connection == connection, webhook_hour.c.hour < before)
    gone += int(tx.execute(hours).rowcount)
    if gone:
        append(
            tx, connection, "pruned", "store", now, detail=f"{gone} rows done with before {before:%Y-%m-%d}"
        )
    return gone


def _alerts(tx: Connection, before: datetime, limit: int) -> int:
    """Alerts that are over, with the messages that told of them."""
    oldest = select(notice.c.id, notice.c.over_at).order_by(notice.c.id).limit(limit).subquery()
    old = list(tx.execute(select(oldest.c.id).where(oldest.c.over_at < before)).scalars())
    if not old:
        return 0
    told = int(tx.execute(delete(telling).where(telling.c.notice_id.in_(old))).rowcount)
    return told + int(tx.execute(delete(notice).where(notice.c.id.in_(old))).rowcount)

"""The overview: is everything in agreement, and if not, where not."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Table, func, select, text
from sqlalchemy.sql.elements import ColumnElement

from engine.desk import Pulse, RemoteHealth
from engine.store.columns import minute_of
from engine.store.queries.events import recent_events
from engine.store.queries.notices import unheeded
from engine.store.queries.shadow import remits
from engine.store.queries.topics import topics
from engine.store.tables import (
    CLAIMABLE,
    DIRTY,
    KEPT,
    WAITS_FOR_PERSON,
    alert,
    breaker,
    ledger,
    shop_order,
    stock,
    tally,
    work,
)
from engine.store.verbs.doubles import DOUBLED
from engine.store.verbs.hearing import INCOMPLETE, SILENT
from engine.store.verbs.lease import live_holders
from engine.store.verbs.loops import LOOP_ENDED
from engine.store.verbs.pace import AT_RISK, OVER

MINUTES = 30
SHOWN = 3
"""Alerts that stand on the overview."""
PUSHES = timedelta(minutes=5)
"""How far back the 95th percentile of pushes looks."""


def pulse(tx: Connection, *, me: str | None, now: datetime) -> Pulse:
    """Every figure of the overview; `me` is the holder name of this process's engine, if it runs one."""
    dirty = _count(tx, stock, text(DIRTY))
    running = _count(tx, work, text("state IN ('in_flight', 'probing')"))
    waiting = _count(tx, work, text(CLAIMABLE), work.c.due_at.is_not(None))
    return Pulse(
        as_of=now,
        engine=_engine(tx, me, now),
        orders_last_minute=_count(tx, shop_order, shop_order.c.first_seen_at > now - timedelta(minutes=1)),
        orders_total=_count(tx, shop_order),
        push_p95_ms=_push_p95(tx, now),
        queue=dirty + running + waiting,
        failed=_count(tx, work, text(WAITS_FOR_PERSON)),
        uncertain=_count(tx, work, text(CLAIMABLE), work.c.state == "uncertain"),
        cells=_count(tx, stock, text(KEPT)),
        cells_waiting=dirty,
        conflicts=_count(tx, stock, text("pos > 0")),
        remotes=_remotes(tx),
        events=recent_events(tx),
        alarms=tuple(
            (row.cause, row.remedy)
            for row in tx.execute(
                select(alert)
                .where(
                    alert.c.code.in_((LOOP_ENDED, DOUBLED, SILENT, INCOMPLETE)), alert.c.cleared_at.is_(None)
                )
                .order_by(alert.c.id)
            )
        ),
        at_risk=_tally(tx, AT_RISK),
        over=_tally(tx, OVER),
        topics=topics(tx, now),
        alerts=unheeded(tx, SHOWN),
        remits=remits(tx),
        orders_series=_per_minute(tx, shop_order, shop_order.c.first_seen_at, now),
        writes_series=_per_minute(tx, ledger, ledger.c.at, now, ledger.c.action == "published"),
    )


def _count(tx: Connection, table: Table, *conditions: ColumnElement[bool] | Any) -> int:
    return int(tx.execute(select(func.count()).select_from(table).where(*conditions)).scalar_one())


def _tally(tx: Connection, name: str) -> int:
    """Of all connections together."""
    return int(
        tx.execute(select(func.coalesce(func.sum(tally.c.value), 0)).where(tally.c.name == name)).scalar_one()
    )


def _engine(tx: Connection, me: str | None, now: datetime) -> str:
    holders = live_holders(tx, now)
    if me is not None and me in holders:
        return "running here"
    return "running elsewhere" if holders else "stopped"


def _push_p95(tx: Connection, now: datetime) -> int | None:
    """95th percentile from a cell's mark to its write, over the last minutes."""
    recent = (stock.c.published_at > now - PUSHES, stock.c.push_ms.is_not(None))
    count = _count(tx, stock, *recent)
    if not count:
        return None
    rank = -(-count * 95 // 100) - 1
    query = select(stock.c.push_ms).where(*recent).order_by(stock.c.push_ms).offset(rank).limit(1)
    return int(tx.execute(query).scalar_one())


def _per_minute(
    tx: Connection, table: Table, moment: ColumnElement[datetime], now: datetime, *conditions: Any
) -> tuple[int, ...]:
    """Rows per minute, the running one last."""
    last = int(now.timestamp()) // 60
    since = datetime.fromtimestamp((last - MINUTES + 1) * 60, UTC)
    minute = minute_of(moment).label("minute")
    query = select(minute, func.count().label("rows")).select_from(table)
    counted = tx.execute(query.where(moment >= since, *conditions).group_by(minute))
    by_minute = {int(row.minute): int(row.rows) for row in counted}
    return tuple(by_minute.get(last - back, 0) for back in range(MINUTES - 1, -1, -1))


def _remotes(tx: Connection) -> tuple[RemoteHealth, ...]:
    rows = tx.execute(select(breaker).order_by(breaker.c.connection, breaker.c.remote.desc()))
    return tuple(
        RemoteHealth(
            connection=row.connection,
            remote=row.remote,
            state=row.state,
            detail=row.detail,
            last_ok=row.last_ok,
        )
        for row in rows
    )

"""Whether each connection is in step, from what the flows leave in the store."""

from collections import defaultdict
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Select, func, select, text

from engine.desk.sync import LaneRow, StepRow, SyncPage, SyncRow
from engine.store.queries.topics import topics
from engine.store.tables import (
    CLAIMABLE,
    DIRTY,
    UNCLOSED,
    breaker,
    cursor,
    inbox,
    lease,
    ledger,
    place,
    shop_order,
    stock,
    tally,
    work,
)
from engine.store.verbs.lease import live_holders

LATE = timedelta(minutes=1)
"""Work that has waited longer is late."""
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


def sync_page(tx: Connection, now: datetime) -> SyncPage:
    """All connections that have ever been worked on or heard of."""
    live = live_holders(tx, now)
    leases = {row.name: row for row in tx.execute(select(lease))}
    names = sorted({*leases, *tx.execute(select(breaker.c.connection).distinct()).scalars()})
    return SyncPage(now, tuple(_connection(tx, name, leases.get(name), live, now) for name in names))


def _connection(tx: Connection, name: str, held: Any, live: set[str], now: datetime) -> SyncRow:
    holder = "" if held is None or held.holder is None else str(held.holder)
    alive = bool(holder) and holder in live and held.until is not None
    heard = select(func.count()).select_from(inbox)
    return SyncRow(
        connection=name,
        holder=holder,
        epoch=0 if held is None else held.epoch,
        until=None if held is None else held.until,
        live=alive,
        steps=_steps(tx, name, alive, now),
        lanes=_lanes(tx, name, now),
        topics=topics(tx, now, name),
        healed=int(
            tx.execute(
                select(func.coalesce(func.sum(tally.c.value), 0)).where(
                    tally.c.connection == name, tally.c.name == "healed"
                )
            ).scalar_one()
        ),
        heard=int(
            tx.execute(
                heard.where(
                    inbox.c.connection == name, inbox.c.source == "shop", inbox.c.received_at > now - HOUR
                )
            ).scalar_one()
        ),
    )


def _steps(tx: Connection, name: str, alive: bool, now: datetime) -> tuple[StepRow, ...]:
    return (
        *_remotes(tx, name),
        _receive(tx, name, alive, now),
        _listing(tx, name, "orders", "orders listed", alive, now),
        _listing(tx, name, "back_office", "changes polled", alive, now),
        _sweep(tx, name, alive),
        _records(tx, name, alive, now),
        _stock(tx, name, alive, now),
    )


def _remotes(tx: Connection, name: str) -> list[StepRow]:
    rows = tx.execute(select(breaker).where(breaker.c.connection == name).order_by(breaker.c.remote.desc()))
    found = []
    for row in rows:
        note = row.detail
        if row.opened_until is not None:
            note = f"paused until {row.opened_until:%H:%M:%S}; {note}"
        found.append(StepRow(name, row.remote, row.state, row.last_ok, 0, None, 0, note))
    return found


def _receive(tx: Connection, name: str, alive: bool, now: datetime) -> StepRow:
    mine = inbox.c.connection == name
    last = tx.execute(select(func.max(inbox.c.received_at)).where(mine)).scalar()
    waiting, oldest = _backlog(
        tx, select(func.count(), func.min(inbox.c.received_at)).where(mine, text(UNCLOSED))
    )
    recent = _count(
        tx, select(func.count()).select_from(inbox).where(mine, inbox.c.received_at > now - MINUTE)
    )
    state = _state(alive, oldest, now, idle=last is None)
    return StepRow(name, "webhooks in", state, last, waiting, oldest, recent, "")


def _listing(tx: Connection, name: str, of: str, step: str, alive: bool, now: datetime) -> StepRow:
    row = tx.execute(select(cursor).where(cursor.c.connection == name, cursor.c.name == of)).first()
    at = None if row is None else row.set_at
    note = "" if row is None else f"read up to {row.value}"
    return StepRow(name, step, _state(alive, None, now, idle=at is None), at, 0, None, 0, note)


def _sweep(tx: Connection, name: str, alive: bool) -> StepRow:
    at = tx.execute(select(func.max(place.c.seen_at)).where(place.c.connection == name)).scalar()
    state = "STALE" if not alive else "IDLE" if at is None else "OK"
    return StepRow(name, "all compared", state, at, 0, None, 0, "")


def _records(tx: Connection, name: str, alive: bool, now: datetime) -> StepRow:
    mine = work.c.connection == name
    due = select(func.count(), func.min(work.c.due_at)).where(mine, text(CLAIMABLE), work.c.due_at <= now)
    waiting, oldest = _backlog(tx, due)
    last = tx.execute(
        select(func.max(shop_order.c.document_at)).where(shop_order.c.connection == name)
    ).scalar()
    done = _count(
        tx,
        select(func.count())
        .select_from(ledger)
        .where(ledger.c.connection == name, ledger.c.action == "succeeded", ledger.c.at > now - MINUTE),
    )
    later = _count(
        tx,
        select(func.count()).select_from(work).where(mine, text(CLAIMABLE), work.c.due_at > now),
    )
    note = f"{later:,} more due later" if later else ""
    return StepRow(name, "records", _state(alive, oldest, now), last, waiting, oldest, done, note)


def _stock(tx: Connection, name: str, alive: bool, now: datetime) -> StepRow:
    mine = stock.c.connection == name
    waiting, oldest = _backlog(tx, select(func.count(), func.min(stock.c.dirty_at)).where(mine, text(DIRTY)))
    ours = (
        func.coalesce(stock.c.connection, "") == name
    )  # by the time of the write, not through all cells of ours
    written = select(stock.c.published_at).where(ours, stock.c.published_at.is_not(None))
    last = tx.execute(written.order_by(stock.c.published_at.desc()).limit(1)).scalar()
    done = _count(
        tx, select(func.count()).select_from(stock).where(ours, stock.c.published_at > now - MINUTE)
    )
    return StepRow(name, "stock levels", _state(alive, oldest, now), last, waiting, oldest, done, "")


def _lanes(tx: Connection, name: str, now: datetime) -> tuple[LaneRow, ...]:
    """Records and cells by lane; what is due later is not waiting."""
    waiting: dict[int, int] = defaultdict(int)
    running: dict[int, int] = defaultdict(int)
    oldest: dict[int, datetime] = {}
    mine = work.c.connection == name
    due = (
        select(work.c.lane, func.count(), func.min(work.c.due_at))
        .where(mine, text(CLAIMABLE), work.c.due_at <= now)
        .group_by(work.c.lane)
    )
    cells = (
        select(stock.c.dirty_lane, func.count(), func.min(stock.c.dirty_at))
        .where(stock.c.connection == name, text(DIRTY))
        .group_by(stock.c.dirty_lane)
    )
    for query in (due, cells):
        for lane, many, since in tx.execute(query):
            waiting[lane] += many
            if since is not None:
                oldest[lane] = min(since, oldest.get(lane, since))
    busy = (
        select(work.c.lane, func.count())
        .where(mine, work.c.state.in_(("in_flight", "probing")))
        .group_by(work.c.lane)
    )
    for lane, many in tx.execute(busy):
        running[lane] += many
    lanes = sorted({*waiting, *running})
    return tuple(LaneRow(lane, waiting[lane], running[lane], oldest.get(lane)) for lane in lanes)


def _state(alive: bool, oldest: datetime | None, now: datetime, *, idle: bool = False) -> str:
    if not alive:
        return "STALE"
    if oldest is not None and now - oldest > LATE:
        return "SLOW"
    return "IDLE" if idle else "OK"


def _count(tx: Connection, query: Select[Any]) -> int:
    return int(tx.execute(query).scalar_one())


def _backlog(tx: Connection, query: Select[Any]) -> tuple[int, datetime | None]:
    many, since = tx.execute(query).one()
    return int(many), since

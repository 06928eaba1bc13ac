"""Leases: one engine per connection, with an epoch that fences off its predecessors.

On PostgreSQL the database's clock decides, because several machines share it.
"""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, func, select

from engine.store.columns import UtcTime
from engine.store.postgresql import end_standing
from engine.store.rows import LeaseRow
from engine.store.tables import lease
from engine.store.upsert import insert
from engine.store.verbs.ledger import append


def acquire(tx: Connection, name: str, holder: str, seconds: float, now: datetime) -> int | None:
    """Take a free or expired lease, or keep one's own; its epoch, or None when another holds it.

    Every take-over counts the epoch up; so does taking it again after a restart under the same name. A former holder
    that stands still in the middle of a write keeps the row locked: on PostgreSQL its session is ended first.
    """
    now = _database_time(tx, now)
    tx.execute(insert(tx, lease).values(name=name, epoch=0).on_conflict_do_nothing())
    wanted = select(lease).where(lease.c.name == name)
    if _anothers(tx.execute(wanted).one(), holder, now):
        return None
    if tx.dialect.name == "postgresql":
        end_standing(tx, lease.name)
    row = tx.execute(wanted.with_for_update()).one()
    if _anothers(row, holder, now):
        return None
    epoch = int(row.epoch) + 1
    tx.execute(
        lease.update()
        .where(lease.c.name == name)
        .values(holder=holder, epoch=epoch, until=now + timedelta(seconds=seconds), taken_at=now)
    )
    append(tx, name, "lease taken", f"lease:{name}", now, detail=f"{holder} epoch {epoch}")
    return epoch


def _anothers(row: Row[Any], holder: str, now: datetime) -> bool:
    return row.holder not in (None, holder) and row.until is not None and row.until > now


def renew(tx: Connection, name: str, holder: str, epoch: int, seconds: float, now: datetime) -> bool:
    """Keep a lease; False when it was lost, even if nobody else took it since."""
    now = _database_time(tx, now)
    result = tx.execute(
        lease.update()
        .where(lease.c.name == name, lease.c.holder == holder, lease.c.epoch == epoch, lease.c.until > now)
        .values(until=now + timedelta(seconds=seconds))
    )
    return bool(result.rowcount)


def release(tx: Connection, name: str, holder: str, epoch: int, now: datetime) -> bool:
    """Give a lease back, so that another engine need not wait for it to expire."""
    result = tx.execute(
        lease.update()
        .where(lease.c.name == name, lease.c.holder == holder, lease.c.epoch == epoch)
        .values(holder=None, until=None)
    )
    if result.rowcount:
        append(tx, name, "lease released", f"lease:{name}", now, detail=f"{holder} epoch {epoch}")
    return bool(result.rowcount)


def holder(tx: Connection, name: str, now: datetime) -> LeaseRow | None:
    """Who holds it, and whether that is still true; None when nobody ever did."""
    row = tx.execute(select(lease).where(lease.c.name == name)).first()
    if row is None:
        return None
    live = row.holder is not None and row.until is not None and row.until > _database_time(tx, now)
    return LeaseRow(row.name, row.holder, row.epoch, row.until, live)


def live_holders(tx: Connection, now: datetime) -> set[str]:
    """Names of everyone who holds any lease right now."""
    moment = _database_time(tx, now)
    query = select(lease.c.holder).where(lease.c.holder.is_not(None), lease.c.until > moment)
    return {str(name) for name in tx.execute(query).scalars()}


def _database_time(tx: Connection, now: datetime) -> datetime:
    if tx.dialect.name != "postgresql":
        return now
    answer = tx.execute(select(func.clock_timestamp(type_=UtcTime()))).scalar_one()
    assert answer is not None
    return answer

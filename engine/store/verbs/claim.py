"""Claiming: which due rows an engine works on next."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Select, select, text

from engine.delivery.lanes import LANES
from engine.delivery.states import Move, check
from engine.delivery.states import State as S
from engine.model.ids import WorkId
from engine.store.rows import LedgerLine, Work
from engine.store.tables import CLAIMABLE, work
from engine.store.verbs.ledger import append_many


def due_in_lane(
    connection: str, lane: int, now: datetime, limit: int, kinds: Collection[str] | None = None
) -> Select[Any]:
    """The due rows of one lane, oldest first, by the partial index."""
    query = (
        select(work)
        .where(work.c.connection == connection, work.c.lane == lane, work.c.due_at <= now, text(CLAIMABLE))
        .order_by(work.c.due_at, work.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return query if kinds is None else query.where(work.c.kind.in_(kinds))


def any_due(connection: str, now: datetime) -> Select[Any]:
    """One due row of any lane: one look-up per lane in the partial index."""
    here = (work.c.connection == connection, work.c.lane.in_(LANES), work.c.due_at <= now)
    return select(work.c.id).where(*here, text(CLAIMABLE)).limit(1)


def claim(
    tx: Connection,
    *,
    connection: str,
    epoch: int,
    now: datetime,
    lanes: Sequence[int],
    lease_seconds: float,
    kinds: Collection[str] | None = None,
) -> list[Work]:
    """Take so many due rows of each lane, the longest due first.

    The crash counter goes up before the attempt and is cleared when the attempt ends.
    """
    chosen: list[Any] = [
        row
        for lane, most in enumerate(lanes)
        if most > 0
        for row in tx.execute(due_in_lane(connection, lane, now, most, kinds))
    ]
    for probing in (False, True):
        taken = [row for row in chosen if row.in_doubt is probing]
        state, ids = S.PROBING if probing else S.IN_FLIGHT, [row.id for row in taken]
        for row in taken:
            check(Move.CLAIM, row.state, state)
        if ids:
            tx.execute(
                work.update()
                .where(work.c.id.in_(ids))
                .values(
                    state=state.value,
                    epoch=epoch,
                    crash_count=work.c.crash_count + 1,
                    lease_until=now + timedelta(seconds=lease_seconds),
                    again=False,
                    changed_at=now,
                    version=work.c.version + 1,
                )
            )
    lines = [
        LedgerLine("engine", "probing" if row.in_doubt else "claimed", f"{row.kind}:{row.key}")
        for row in chosen
    ]
    append_many(tx, connection, lines, now)
    return [
        Work(
            WorkId(row.id),
            row.connection,
            row.kind,
            row.key,
            row.lane,
            row.attempt,
            epoch,
            row.reason,
            row.due_at,
            row.in_doubt,
        )
        for row in chosen
    ]

"""Claiming: which due rows an engine works on next."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Select, select, text

from engine.delivery.states import RUNNING, Move, check
from engine.delivery.states import State as S
from engine.model.ids import WorkId
from engine.store.rows import LedgerLine, Work
from engine.store.tables import CLAIMABLE, SUSPECT, work
from engine.store.verbs.ledger import append_many


def due_in_lane(connection: str, lane: int, now: datetime, limit: int) -> Select[Any]:
    """The due rows of one lane under no suspicion, oldest first, by the partial index."""
    return (
        select(work)
        .where(
            work.c.connection == connection,
            work.c.lane == lane,
            work.c.due_at <= now,
            work.c.crash_count == 0,
            text(CLAIMABLE),
        )
        .order_by(work.c.due_at, work.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )


def claim(
    tx: Connection,
    *,
    connection: str,
    epoch: int,
    now: datetime,
    lanes: Sequence[int],
    lease_seconds: float,
) -> list[Work]:
    """Take so many due rows of each lane, the longest due first.

    The crash counter goes up before the attempt and is cleared when the attempt ends. Rows that were under way in a
    crash are suspects: they are taken one at a time, the least crashed first, so that whoever is innocent is cleared
    and only the culprit is there again and again.
    """
    suspect = _suspect(tx, connection, epoch, now, lanes)
    chosen: list[Any] = [] if suspect is None else [suspect]
    for lane, most in enumerate(lanes):
        room = most - (suspect is not None and suspect.lane == lane)
        if room > 0:
            chosen += tx.execute(due_in_lane(connection, lane, now, room))
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


def _suspect(tx: Connection, connection: str, epoch: int, now: datetime, lanes: Sequence[int]) -> Any:
    """The suspect to try next; None while one is being tried."""
    mine = (work.c.connection == connection, text(SUSPECT))
    wanted = [lane for lane, most in enumerate(lanes) if most > 0]
    due = tx.execute(
        select(work)
        .where(*mine, text(CLAIMABLE), work.c.due_at <= now, work.c.lane.in_(wanted))
        .order_by(work.c.crash_count, work.c.lane, work.c.due_at, work.c.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    ).first()
    if due is None:
        return None
    tried = select(work.c.id).where(*mine, work.c.epoch == epoch, work.c.crash_count > 1)
    under_way = work.c.state.in_([state.value for state in RUNNING])
    return None if tx.execute(tried.where(under_way).limit(1)).first() else due

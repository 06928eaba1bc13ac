"""Claiming: which due rows an engine works on next."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, bindparam, select, text

from engine.delivery.states import RUNNING, Move, check
from engine.delivery.states import State as S
from engine.model.ids import WorkId
from engine.store.rows import LedgerLine, Work
from engine.store.tables import CLAIMABLE, SUSPECT, work
from engine.store.verbs.ledger import ENGINE, append_many

_NEEDED = tuple(
    work.c[name]
    for name in ("id", "kind", "key", "lane", "attempt", "reason", "due_at", "in_doubt", "state")
)  # fmt: skip
_MINE = (work.c.connection == bindparam("of_connection"), work.c.due_at <= bindparam("now"), text(CLAIMABLE))
DUE_IN_LANE = (
    select(*_NEEDED)
    .where(*_MINE, work.c.lane == bindparam("of_lane"), work.c.crash_count == 0)
    .order_by(work.c.due_at, work.c.id)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
)
"""The due rows of one lane under no suspicion, oldest first, by the partial index."""
_SUSPECT = (
    select(*_NEEDED)
    .where(*_MINE, text(SUSPECT), work.c.lane.in_(bindparam("lanes", expanding=True)))
    .order_by(work.c.crash_count, work.c.lane, work.c.due_at, work.c.id)
    .limit(1)
    .with_for_update(skip_locked=True)
)
_TRIED = (
    select(work.c.id)
    .where(
        work.c.connection == bindparam("of_connection"),
        text(SUSPECT),
        work.c.epoch == bindparam("of_epoch"),
        work.c.crash_count > 1,
        work.c.state.in_([state.value for state in RUNNING]),
    )
    .limit(1)
)
_TAKE = (
    work.update()
    .where(work.c.id.in_(bindparam("ids", expanding=True)))
    .values(again=False, crash_count=work.c.crash_count + 1, version=work.c.version + 1)
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
            chosen += tx.execute(
                DUE_IN_LANE, {"of_connection": connection, "of_lane": lane, "now": now, "most": room}
            )
    # rows are taken apart by place: by name costs as much as reading them
    works = [
        Work(WorkId(id), connection, kind, key, lane, attempt, epoch, reason, due_at, in_doubt)
        for id, kind, key, lane, attempt, reason, due_at, in_doubt, _ in chosen
    ]
    for before, probing in {(state, in_doubt) for *_, in_doubt, state in chosen}:
        check(Move.CLAIM, before, _to(probing))
    lease_until = now + timedelta(seconds=lease_seconds)
    for probing in (False, True):
        ids = [one.id for one in works if one.probing is probing]
        if ids:
            values = {
                "state": _to(probing).value,
                "epoch": epoch,
                "lease_until": lease_until,
                "changed_at": now,
            }
            tx.execute(_TAKE, {"ids": ids, **values})
    lines = [
        LedgerLine(ENGINE, "probing" if one.probing else "claimed", f"{one.kind}:{one.key}") for one in works
    ]
    append_many(tx, connection, lines, now)
    return works


def _to(probing: bool) -> S:
    return S.PROBING if probing else S.IN_FLIGHT


def _suspect(tx: Connection, connection: str, epoch: int, now: datetime, lanes: Sequence[int]) -> Any:
    """The suspect to try next; None while one is being tried."""
    wanted = [lane for lane, most in enumerate(lanes) if most > 0]
    due = tx.execute(_SUSPECT, {"of_connection": connection, "now": now, "lanes": wanted}).first()
    if due is None:
        return None
    return None if tx.execute(_TRIED, {"of_connection": connection, "of_epoch": epoch}).first() else due

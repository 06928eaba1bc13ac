"""How an attempt ends.

Every ending names the epoch it belongs to; a stale one changes nothing and answers False. A row that may have been
applied stays in doubt until it succeeds or a person decides.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, bindparam, select, text

from engine.delivery.states import RUNNING, Move, State, waits_again
from engine.model.ids import WorkId
from engine.store.merged import Merged
from engine.store.rows import FailureNote, LedgerLine
from engine.store.tables import OPEN_EFFECT, effect, work
from engine.store.verbs.ledger import ENGINE, append, append_many
from engine.store.verbs.moves import ENDED, doubt_effects, finish_all, move
from engine.store.verbs.notes import note_values

_NEEDED = (
    "id", "connection", "kind", "key", "state", "epoch", "attempt", "again", "in_doubt", "first_failed_at",
)  # fmt: skip
_RUNNING = (
    select(*(work.c[name] for name in _NEEDED))
    .where(work.c.id.in_(bindparam("of_ids", expanding=True)), work.c.state.in_(RUNNING))
    .order_by(work.c.id)
    .with_for_update()
)


def _succeed(tx: Connection, calls: Sequence[tuple[WorkId, int, datetime]]) -> list[bool]:
    """The attempts did what was asked; a record is done once more when it was asked for meanwhile."""
    running = _running(tx, [(work_id, epoch) for work_id, epoch, _ in calls])
    rows = [row for row in running if row is not None]
    now = max(now for _, _, now in calls)
    finish_all(tx, [row for row in rows if not row.again], Move.SUCCEED, State.SUCCEEDED, now, None)
    finish_all(tx, [row for row in rows if row.again], Move.SUCCEED, State.PENDING, now, now)
    for connection in {row.connection for row in rows}:
        lines = [
            LedgerLine(ENGINE, "succeeded", f"{row.kind}:{row.key}")
            for row in rows
            if row.connection == connection
        ]
        append_many(tx, connection, lines, now)
    return [row is not None for row in running]


succeed: Merged[[WorkId, int, datetime], bool] = Merged(_succeed)
"""The attempt did what was asked: record, its epoch, now; False when the attempt is not that epoch's."""


def retry(
    tx: Connection, work_id: WorkId, epoch: int, due_at: datetime, failure: FailureNote, now: datetime
) -> bool:
    """Proven not applied: comes back by itself at `due_at`, one attempt poorer."""
    [row] = _running(tx, [(work_id, epoch)])
    if row is None:
        return False
    values = {"due_at": due_at, "attempt": row.attempt + 1, "again": False}
    _end(tx, row, Move.RETRY, State.RETRY_SCHEDULED, now, values, failure)
    return True


def postpone(tx: Connection, work_id: WorkId, epoch: int, until: datetime, now: datetime) -> bool:
    """Not now (a rate limit, an open breaker); costs no attempt."""
    [row] = _running(tx, [(work_id, epoch)])
    if row is None:
        return False
    state = State.UNCERTAIN if row.state == State.PROBING else State.PENDING
    _end(tx, row, Move.POSTPONE, state, now, {"due_at": until, "again": False}, word="postponed")
    return True


def hold(tx: Connection, work_id: WorkId, epoch: int, failure: FailureNote, now: datetime) -> bool:
    """A person must change something first."""
    return _park(tx, work_id, epoch, Move.HOLD, State.HELD, failure, now)


def dead_letter(tx: Connection, work_id: WorkId, epoch: int, failure: FailureNote, now: datetime) -> bool:
    """Tried often enough; a person looks at it."""
    return _park(tx, work_id, epoch, Move.DEAD_LETTER, State.DEAD_LETTERED, failure, now)


def uncertain(
    tx: Connection,
    work_id: WorkId,
    epoch: int,
    settle_until: datetime | None,
    failure: FailureNote,
    now: datetime,
) -> bool:
    """It may have been applied: looked up at `settle_until`; with None a person decides."""
    [row] = _running(tx, [(work_id, epoch)])
    if row is None:
        return False
    values = {"due_at": settle_until, "attempt": row.attempt + 1, "in_doubt": True}
    _end(tx, row, Move.DOUBT, State.UNCERTAIN, now, values, failure)
    doubt_effects(tx, row.id)
    return True


def interrupted(tx: Connection, work_id: WorkId, epoch: int, settle: timedelta | None, now: datetime) -> bool:
    """Our own store failed in the middle of the attempt; costs none.

    A call of it without an answer puts it in doubt, looked up after `settle` (with None a person decides).
    """
    [row] = _running(tx, [(work_id, epoch)])
    if row is None:
        return False
    open_one = select(effect.c.id).where(effect.c.work_id == work_id, text(OPEN_EFFECT)).limit(1)
    doubtful = row.in_doubt or tx.execute(open_one).first() is not None
    due = now if not doubtful else None if settle is None else now + settle
    values = {"due_at": due, "in_doubt": doubtful}
    _end(tx, row, Move.INTERRUPT, waits_again(doubtful), now, values, word="interrupted")
    doubt_effects(tx, row.id)
    return True


def _running(tx: Connection, attempts: Sequence[tuple[WorkId, int]]) -> list[Any]:
    """For each attempt (record and epoch) its row; None when it is not under way in that epoch, or named before."""
    found = tx.execute(_RUNNING, {"of_ids": [work_id for work_id, _ in attempts]})
    rows = {(row.id, row.epoch): row for row in found}
    return [rows.pop(attempt, None) for attempt in attempts]


def _park(
    tx: Connection, work_id: WorkId, epoch: int, by: Move, to: State, failure: FailureNote, now: datetime
) -> bool:
    [row] = _running(tx, [(work_id, epoch)])
    if row is None:
        return False
    _end(tx, row, by, to, now, {"due_at": None, "attempt": row.attempt + 1}, failure)
    return True


def _end(
    tx: Connection,
    row: Any,
    by: Move,
    to: State,
    now: datetime,
    values: dict[str, Any],
    failure: FailureNote | None = None,
    *,
    word: str = "",
) -> None:
    """Write the ending of an attempt and its ledger line."""
    if failure is not None:
        values = values | note_values(failure) | {"last_failed_at": now}
        values["first_failed_at"] = row.first_failed_at or now
    move(tx, row, by, to, now, ENDED | values)
    detail = "" if failure is None else failure.cause
    append(tx, row.connection, word or to.value, f"{row.kind}:{row.key}", now, detail=detail)

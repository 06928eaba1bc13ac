"""How an attempt ends.

Every ending names the epoch it belongs to; a stale one changes nothing and answers False. A row that may have been
applied stays in doubt until it succeeds or a person decides.
"""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, bindparam, select, text

from engine.delivery.states import RUNNING, Move, State, waits_again
from engine.model.ids import WorkId
from engine.store.rows import FailureNote
from engine.store.tables import OPEN_EFFECT, effect, work
from engine.store.verbs.ledger import append
from engine.store.verbs.moves import AFRESH, doubt_effects, move
from engine.store.verbs.notes import note_values

_RUNNING = (
    select(work)
    .where(work.c.id == bindparam("of_id"), work.c.epoch == bindparam("of_epoch"), work.c.state.in_(RUNNING))
    .with_for_update()
)


def succeed(tx: Connection, work_id: WorkId, epoch: int, now: datetime) -> bool:
    """The attempt did what was asked; done once more when it was asked for meanwhile."""
    row = _running(tx, work_id, epoch)
    if row is None:
        return False
    state, due = (State.PENDING, now) if row.again else (State.SUCCEEDED, None)
    _end(tx, row, Move.SUCCEED, state, now, {**AFRESH, "due_at": due, "in_doubt": False}, word="succeeded")
    return True


def retry(
    tx: Connection, work_id: WorkId, epoch: int, due_at: datetime, failure: FailureNote, now: datetime
) -> bool:
    """Proven not applied: comes back by itself at `due_at`, one attempt poorer."""
    row = _running(tx, work_id, epoch)
    if row is None:
        return False
    values = {"due_at": due_at, "attempt": row.attempt + 1, "again": False}
    _end(tx, row, Move.RETRY, State.RETRY_SCHEDULED, now, values, failure)
    return True


def postpone(tx: Connection, work_id: WorkId, epoch: int, until: datetime, now: datetime) -> bool:
    """Not now (a rate limit, an open breaker); costs no attempt."""
    row = _running(tx, work_id, epoch)
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
    row = _running(tx, work_id, epoch)
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
    row = _running(tx, work_id, epoch)
    if row is None:
        return False
    open_one = select(effect.c.id).where(effect.c.work_id == work_id, text(OPEN_EFFECT)).limit(1)
    doubtful = row.in_doubt or tx.execute(open_one).first() is not None
    due = now if not doubtful else None if settle is None else now + settle
    values = {"due_at": due, "in_doubt": doubtful}
    _end(tx, row, Move.INTERRUPT, waits_again(doubtful), now, values, word="interrupted")
    doubt_effects(tx, row.id)
    return True


def _running(tx: Connection, work_id: WorkId, epoch: int) -> Any:
    return tx.execute(_RUNNING, {"of_id": work_id, "of_epoch": epoch}).first()


def _park(
    tx: Connection, work_id: WorkId, epoch: int, by: Move, to: State, failure: FailureNote, now: datetime
) -> bool:
    row = _running(tx, work_id, epoch)
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
    """Write the ending of an attempt and its ledger line; an ended attempt did not crash."""
    if failure is not None:
        values = values | note_values(failure) | {"last_failed_at": now}
        values["first_failed_at"] = row.first_failed_at or now
    move(tx, row, by, to, now, {"crash_count": 0, "lease_until": None, **values})
    detail = "" if failure is None else failure.cause
    append(tx, row.connection, word or to.value, f"{row.kind}:{row.key}", now, detail=detail)

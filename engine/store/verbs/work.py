"""The work queue's life: queueing, and how an attempt ends. Claiming is in `claim`.

    pending ──► in_flight ──► succeeded | retry_scheduled | held | dead_lettered
                    └───────► uncertain ──► probing ──► …

Every ending names the epoch it belongs to; a stale one changes nothing and answers False.
A row that may have been applied stays in doubt until it succeeds or a person decides.
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, bindparam, select, text

from engine.delivery.states import State, rescued, waits_again
from engine.model.ids import WorkId
from engine.store.rows import FailureNote
from engine.store.tables import OPEN_EFFECT, effect, work
from engine.store.upsert import insert
from engine.store.verbs.ledger import append
from engine.store.verbs.notes import CLEAN, note_values

RUNNING = ("in_flight", "probing")
WAITING = ("pending", "retry_scheduled")
DONE = ("succeeded", "superseded", "cancelled", "resolved")

_CHANGE = work.update().where(work.c.id == bindparam("of_id")).values(version=work.c.version + 1)
_RUNNING = (
    select(work)
    .where(work.c.id == bindparam("of_id"), work.c.epoch == bindparam("of_epoch"), work.c.state.in_(RUNNING))
    .with_for_update()
)
_ONE = (
    select(work)
    .where(
        work.c.connection == bindparam("of_connection"),
        work.c.kind == bindparam("of_kind"),
        work.c.key == bindparam("of_key"),
    )
    .with_for_update()
)


def enqueue(
    tx: Connection,
    *,
    connection: str,
    kind: str,
    key: str,
    lane: int,
    due_at: datetime,
    now: datetime,
    reason: str = "",
    force: bool = False,
) -> WorkId:
    """Ask for work on a record; one row per record for ever, so asking twice is asking once.

    A waiting row keeps its earliest time, a running one is done once more afterwards, a finished one starts
    afresh. One that waits for a person stays, unless `force`.
    """
    of = {"of_connection": connection, "of_kind": kind, "of_key": key}
    row = tx.execute(_ONE, of).first()
    if row is None:
        created = tx.execute(
            insert(tx, work)
            .values(
                connection=connection,
                kind=kind,
                key=key,
                lane=lane,
                state="pending",
                due_at=due_at,
                reason=reason,
                created_at=now,
                changed_at=now,
            )
            .on_conflict_do_nothing()
            .returning(work.c.id)
        ).scalar()
        if created is not None:
            append(tx, connection, "queued", f"{kind}:{key}", now, detail=reason)
            return WorkId(created)
        row = tx.execute(_ONE, of).one()
    changes: dict[str, Any]
    if row.state in WAITING:
        changes = {"lane": min(lane, row.lane), "due_at": min(due_at, row.due_at)}
        if changes == {"lane": row.lane, "due_at": row.due_at}:
            return WorkId(row.id)
    elif row.state in DONE or (force and row.state in ("held", "dead_lettered")):
        changes = {
            "state": "pending",
            "lane": lane,
            "due_at": due_at,
            "attempt": 0,
            "crash_count": 0,
            "again": False,
            "reason": reason,
            "first_failed_at": None,
            "last_failed_at": None,
            **CLEAN,
        }
        append(tx, connection, "queued", f"{kind}:{key}", now, detail=reason)
    elif row.again:
        return WorkId(row.id)
    else:
        changes = {"again": True}
    tx.execute(_CHANGE, {"of_id": row.id, "changed_at": now, **changes})
    return WorkId(row.id)


def succeed(tx: Connection, work_id: WorkId, epoch: int, now: datetime) -> bool:
    """The attempt did what was asked; done once more when it was asked for meanwhile."""
    row = _running(tx, work_id, epoch)
    if row is None:
        return False
    ending = {"state": "pending", "due_at": now} if row.again else {"state": "succeeded", "due_at": None}
    _end(
        tx,
        row,
        now,
        "succeeded",
        values={
            **ending,
            **CLEAN,
            "attempt": 0,
            "again": False,
            "in_doubt": False,
            "first_failed_at": None,
            "last_failed_at": None,
        },
    )
    return True


def retry(
    tx: Connection, work_id: WorkId, epoch: int, due_at: datetime, failure: FailureNote, now: datetime
) -> bool:
    """Proven not applied: comes back by itself at `due_at`, one attempt poorer."""
    row = _running(tx, work_id, epoch)
    if row is None:
        return False
    values = {"state": "retry_scheduled", "due_at": due_at, "attempt": row.attempt + 1, "again": False}
    _end(tx, row, now, "retry_scheduled", values=values, failure=failure)
    return True


def postpone(tx: Connection, work_id: WorkId, epoch: int, until: datetime, now: datetime) -> bool:
    """Not now (a rate limit, an open breaker); costs no attempt."""
    row = _running(tx, work_id, epoch)
    if row is None:
        return False
    state = "uncertain" if row.state == "probing" else "pending"
    _end(tx, row, now, "postponed", values={"state": state, "due_at": until, "again": False})
    return True


def hold(tx: Connection, work_id: WorkId, epoch: int, failure: FailureNote, now: datetime) -> bool:
    """A person must change something first."""
    return _park(tx, work_id, epoch, "held", failure, now)


def dead_letter(tx: Connection, work_id: WorkId, epoch: int, failure: FailureNote, now: datetime) -> bool:
    """Tried often enough; a person looks at it."""
    return _park(tx, work_id, epoch, "dead_lettered", failure, now)


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
    values = {"state": "uncertain", "due_at": settle_until, "attempt": row.attempt + 1, "in_doubt": True}
    _end(tx, row, now, "uncertain", values=values, failure=failure)
    _doubt_effects(tx, row.id)
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
    state = "uncertain" if doubtful else "pending"
    _end(tx, row, now, "interrupted", values={"state": state, "due_at": due, "in_doubt": doubtful})
    _doubt_effects(tx, row.id)
    return True


def redrive(tx: Connection, work_id: WorkId, *, operator: str, now: datetime) -> bool:
    """A person says: try again. False when the row does not wait for a person."""
    row = tx.execute(select(work).where(work.c.id == work_id).with_for_update()).first()
    decided = row is not None and row.state == "uncertain" and row.due_at is None
    if row is None or not (decided or row.state in ("held", "dead_lettered")):
        return False
    values = {
        "state": "pending",
        "due_at": now,
        "attempt": 0,
        "crash_count": 0,
        "again": False,
        "in_doubt": False if decided else row.in_doubt,
        "reason": "redriven",
        "changed_at": now,
    }
    tx.execute(_CHANGE, {"of_id": work_id, **values})
    append(tx, row.connection, "redriven", f"{row.kind}:{row.key}", now, actor=operator)
    return True


def resolve(tx: Connection, work_id: WorkId, *, operator: str, note: str, now: datetime) -> bool:
    """A person says: dealt with elsewhere, nothing left to do."""
    row = tx.execute(select(work).where(work.c.id == work_id).with_for_update()).first()
    if row is None or row.state not in ("held", "dead_lettered", "uncertain"):
        return False
    values = {"state": "resolved", "due_at": None, "in_doubt": False, "again": False, "changed_at": now}
    tx.execute(_CHANGE, {"of_id": work_id, **values})
    append(tx, row.connection, "resolved", f"{row.kind}:{row.key}", now, actor=operator, detail=note)
    return True


def rescue(
    tx: Connection,
    *,
    connection: str,
    epoch: int,
    now: datetime,
    settle: timedelta = timedelta(0),
    keep: Collection[WorkId] | None = None,
) -> int:
    """Take over what an earlier engine left running, at start or take-over; how many rows.

    With `keep`, what this engine itself took and never began too: everything of its epoch except those.

    What may have created a document is looked up first, and not before `settle` has gone by: the remote may still
    apply a call whose caller is dead. Everything else is simply due again.
    """
    stale = work.c.epoch < epoch
    if keep is not None:
        stale = stale | ((work.c.epoch == epoch) & work.c.id.not_in(keep))
    rows = tx.execute(
        select(work)
        .where(work.c.connection == connection, work.c.state.in_(RUNNING), stale)
        .order_by(work.c.id)
        .with_for_update()
    ).all()
    for row in rows:
        state = rescued(row.kind, row.in_doubt) if row.epoch < epoch else waits_again(row.in_doubt)
        doubtful = state is State.UNCERTAIN
        values = {
            "state": state.value,
            "due_at": now + settle if doubtful else now,
            "in_doubt": doubtful,
            "changed_at": now,
        }
        tx.execute(_CHANGE, {"of_id": row.id, **values})
        _doubt_effects(tx, row.id)
        append(tx, connection, "rescued", f"{row.kind}:{row.key}", now, detail=str(values["state"]))
    tx.execute(
        effect.update()
        .where(effect.c.connection == connection, effect.c.outcome == "none")
        .values(outcome="unknown")
    )
    return len(rows)


def _running(tx: Connection, work_id: WorkId, epoch: int) -> Any:
    return tx.execute(_RUNNING, {"of_id": work_id, "of_epoch": epoch}).first()


def _park(
    tx: Connection, work_id: WorkId, epoch: int, state: str, failure: FailureNote, now: datetime
) -> bool:
    row = _running(tx, work_id, epoch)
    if row is None:
        return False
    values = {"state": state, "due_at": None, "attempt": row.attempt + 1}
    _end(tx, row, now, state, values=values, failure=failure)
    return True


def _end(
    tx: Connection,
    row: Any,
    now: datetime,
    action: str,
    *,
    values: dict[str, Any],
    failure: FailureNote | None = None,
) -> None:
    """Write the ending of an attempt and its ledger line; an ended attempt did not crash."""
    if failure is not None:
        values = values | note_values(failure) | {"last_failed_at": now}
        values["first_failed_at"] = row.first_failed_at or now
    tx.execute(_CHANGE, {"of_id": row.id, "crash_count": 0, "lease_until": None, "changed_at": now, **values})
    detail = "" if failure is None else failure.cause
    append(tx, row.connection, action, f"{row.kind}:{row.key}", now, detail=detail)


def _doubt_effects(tx: Connection, work_id: int) -> None:
    """Calls of this row that never got an answer may have been applied."""
    tx.execute(
        effect.update()
        .where(effect.c.work_id == work_id, effect.c.outcome == "none")
        .values(outcome="unknown")
    )

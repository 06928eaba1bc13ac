"""What a dead engine left running: taken over by the rule of `engine.delivery.states.rescued`."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, select

from engine.delivery.states import RUNNING, Move, State, rescued, waits_again
from engine.model.ids import WorkId
from engine.store.rows import FailureNote
from engine.store.tables import effect, work
from engine.store.verbs.ledger import append
from engine.store.verbs.moves import doubt_effects, move
from engine.store.verbs.notes import note_values

CRASHES = 3
"""So many in a row, each counted before its attempt, and a record is tried no further."""
KILLER = FailureNote(
    f"The engine stopped {CRASHES} times while working on this record.",
    "Read the log of those times, then retry the record.",
    "quarantined",
    "",
)


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
    apply a call whose caller is dead. Everything else is simply due again. The third crash quarantines.
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
        died = row.epoch < epoch
        state = rescued(row.kind, row.in_doubt) if died else waits_again(row.in_doubt)
        doubtful = state is State.UNCERTAIN
        if died and row.crash_count >= CRASHES:
            _quarantine(tx, row, doubtful, now)
        else:
            due = now + settle if doubtful else now
            move(tx, row, Move.RESCUE, state, now, {"due_at": due, "in_doubt": doubtful})
            append(tx, connection, "rescued", f"{row.kind}:{row.key}", now, detail=state.value)
        doubt_effects(tx, row.id)
    tx.execute(
        effect.update()
        .where(effect.c.connection == connection, effect.c.outcome == "none")
        .values(outcome="unknown")
    )
    return len(rows)


def _quarantine(tx: Connection, row: Any, doubtful: bool, now: datetime) -> None:
    """A person's retry looks first, where its last attempt may have created something."""
    times = {"first_failed_at": row.first_failed_at or now, "last_failed_at": now}
    values = note_values(KILLER) | times | {"due_at": None, "in_doubt": doubtful}
    move(tx, row, Move.QUARANTINE, State.DEAD_LETTERED, now, values)
    append(tx, row.connection, "quarantined", f"{row.kind}:{row.key}", now)

"""What a person decides about a record that waits for them."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select, text

from engine.delivery.states import WITH_A_PERSON, Move, State
from engine.model.ids import WorkId
from engine.store.tables import OPEN_EFFECT, effect, work
from engine.store.verbs.ledger import append
from engine.store.verbs.moves import move

PERSON = "person"
"""Whom an effect is asked of when the back office cannot be."""


def redrive(tx: Connection, work_id: WorkId, *, operator: str, now: datetime) -> bool:
    """Try again. False when the row does not wait for a person: asked twice, or while it runs, it acts once."""
    row = _locked(tx, work_id)
    if row is None:
        return False
    decided = row.state == State.UNCERTAIN and row.due_at is None
    if not decided and State(row.state) not in WITH_A_PERSON:
        return False
    values = {
        "due_at": now,
        "attempt": 0,
        "crash_count": 0,
        "again": False,
        "in_doubt": False if decided else row.in_doubt,
        "reason": "redriven",
    }
    move(tx, row, Move.REDRIVE, State.REDRIVEN, now, values)
    append(tx, row.connection, "redriven", f"{row.kind}:{row.key}", now, actor=operator)
    return True


def resolve(tx: Connection, work_id: WorkId, *, operator: str, note: str, now: datetime) -> bool:
    """Dealt with elsewhere, nothing left to do. False when there is nothing to decide."""
    row = _locked(tx, work_id)
    if row is None or State(row.state) not in WITH_A_PERSON | {State.UNCERTAIN}:
        return False
    values = {"due_at": None, "in_doubt": False, "again": False}
    move(tx, row, Move.RESOLVE, State.RESOLVED, now, values)
    _done_by_hand(tx, work_id, operator, now)
    append(tx, row.connection, "resolved", f"{row.kind}:{row.key}", now, actor=operator, detail=note)
    return True


def _done_by_hand(tx: Connection, work_id: WorkId, operator: str, now: datetime) -> None:
    """What a person was asked to enter in the back office is entered."""
    asked = (effect.c.work_id == work_id, effect.c.remote == PERSON, text(OPEN_EFFECT))
    done = {"outcome": "applied", "evidence": f"by hand, says {operator}", "settled_at": now}
    tx.execute(effect.update().where(*asked).values(done))


def _locked(tx: Connection, work_id: WorkId) -> Any:
    return tx.execute(select(work).where(work.c.id == work_id).with_for_update()).first()

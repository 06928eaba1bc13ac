"""How a record changes: a new state only by a move the table of states allows."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam

from engine.delivery.states import Move, State, check
from engine.store.tables import effect, work
from engine.store.verbs.notes import CLEAN

AFRESH: dict[str, Any] = {
    "attempt": 0, "crash_count": 0, "again": False, "first_failed_at": None, "last_failed_at": None, **CLEAN,
}  # fmt: skip
"""A record without a past."""

_CHANGE = work.update().where(work.c.id == bindparam("of_id")).values(version=work.c.version + 1)


def change(tx: Connection, row: Any, now: datetime, values: dict[str, Any]) -> None:
    """Change what is noted of a record; its state stays."""
    tx.execute(_CHANGE, {"of_id": row.id, "changed_at": now, **values})


def move(tx: Connection, row: Any, by: Move, to: State, now: datetime, values: dict[str, Any]) -> None:
    """Let a record go to another state; AssertionError when no record may go that way."""
    change(tx, row, now, {"state": check(by, row.state, to).value, **values})


def doubt_effects(tx: Connection, work_id: int) -> None:
    """Calls of this record that never got an answer may have been applied."""
    tx.execute(
        effect.update()
        .where(effect.c.work_id == work_id, effect.c.outcome == "none")
        .values(outcome="unknown")
    )

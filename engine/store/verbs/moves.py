"""How a record changes: a new state only by a move the table of states allows."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, bindparam, false, literal_column, null

from engine.delivery.states import Move, State, check
from engine.store.tables import effect, work
from engine.store.verbs.notes import CLEAN

AFRESH: dict[str, Any] = {
    "attempt": 0, "crash_count": 0, "again": False, "first_failed_at": None, "last_failed_at": None, **CLEAN,
}  # fmt: skip
"""A record without a past."""

ENDED: dict[str, Any] = {"crash_count": 0, "lease_until": None}
"""An ended attempt did not crash."""

_NOTE = work.update().where(work.c.id == bindparam("of_id"))
_CHANGE = _NOTE.values(version=work.c.version + 1)


def _written(value: object) -> ColumnElement[Any]:
    """A constant of `AFRESH` as part of the statement."""
    return null() if value is None else false() if value is False else literal_column(repr(value))


_FINISH = (
    work.update()
    .where(work.c.id.in_(bindparam("of_ids", expanding=True)))
    .values(
        version=work.c.version + 1,
        **{name: _written(value) for name, value in {**ENDED, **AFRESH, "in_doubt": False}.items()},
    )
)


def change(tx: Connection, row: Any, now: datetime, values: dict[str, Any]) -> None:
    """Change what is noted of a record; its state stays."""
    tx.execute(_CHANGE, {"of_id": row.id, "changed_at": now, **values})


def note(tx: Connection, row: Any, values: dict[str, Any]) -> None:
    """Note something for the engine alone: to a person who has the record before them nothing of it changed."""
    tx.execute(_NOTE, {"of_id": row.id, **values})


def move(tx: Connection, row: Any, by: Move, to: State, now: datetime, values: dict[str, Any]) -> None:
    """Let a record go to another state; AssertionError when no record may go that way."""
    change(tx, row, now, {"state": check(by, row.state, to).value, **values})


def finish_all(
    tx: Connection, rows: Sequence[Any], by: Move, to: State, now: datetime, due_at: datetime | None
) -> None:
    """Let many records end in one state by one statement; none keeps a past."""
    for before in {row.state for row in rows}:
        check(by, before, to)
    if rows:
        values = {"state": to.value, "due_at": due_at, "changed_at": now}
        tx.execute(_FINISH, {"of_ids": [row.id for row in rows], **values})


def doubt_effects(tx: Connection, work_id: int) -> None:
    """Calls of this record that never got an answer may have been applied."""
    tx.execute(
        effect.update()
        .where(effect.c.work_id == work_id, effect.c.outcome == "none")
        .values(outcome="unknown")
    )

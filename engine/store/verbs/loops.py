"""A part of the engine that ended while the rest goes on: an alert that stands until the engine starts again."""

from datetime import datetime

from sqlalchemy import Connection, select

from engine.store.tables import alert
from engine.store.verbs.watch import clear_alert, raise_alert

LOOP_ENDED = "loop_ended"


def loop_ended(tx: Connection, connection: str, loop: str, error: str, now: datetime) -> None:
    """Tell every face that this loop is not running any more."""
    cause = f"The {loop} loop of {connection} ended: {error}."
    raise_alert(tx, connection, LOOP_ENDED, loop, cause, "Restart the engine; its log says why.", now)


def loops_begin(tx: Connection, connection: str, now: datetime) -> None:
    """All loops of this connection run again."""
    ended = select(alert.c.entity).where(
        alert.c.connection == connection, alert.c.code == LOOP_ENDED, alert.c.cleared_at.is_(None)
    )
    for loop in tx.execute(ended).scalars().all():
        clear_alert(tx, connection, LOOP_ENDED, loop, now)

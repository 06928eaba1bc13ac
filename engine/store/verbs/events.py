"""How far another system has been told what changed."""

from datetime import datetime

from sqlalchemy import Connection

from engine.store.verbs.cursor import get_cursor, set_cursor
from engine.store.verbs.watch import clear_alert

NOT_TOLD = "events_not_told"
"""Code of the alert while a subscriber takes nothing."""


def told_upto(tx: Connection, connection: str, subscriber: str) -> int | None:
    """Number of the last line of the ledger whose changes it knows; None when it was never told anything."""
    value = get_cursor(tx, connection, _cursor(subscriber))
    return None if value is None else int(value)


def tell_upto(tx: Connection, connection: str, subscriber: str, line: int, now: datetime) -> None:
    """It knows everything up to this line. No line of the ledger says so: it would be told of in turn."""
    set_cursor(tx, connection, _cursor(subscriber), str(line), now, quiet=True)
    clear_alert(tx, connection, NOT_TOLD, subscriber, now)


def _cursor(subscriber: str) -> str:
    return f"events to {subscriber}"

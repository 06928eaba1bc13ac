"""Whether anybody is to be told anything: asked every second, by one index."""

from datetime import datetime

from sqlalchemy import Connection, or_, select, text

from engine.store.tables import UNTOLD, telling


def tellings_due(tx: Connection, now: datetime) -> bool:
    """Something is due and nobody is telling it."""
    free = or_(telling.c.taken_until.is_(None), telling.c.taken_until <= now)
    query = select(telling.c.id).where(text(UNTOLD), telling.c.due_at <= now, free).limit(1)
    return tx.execute(query).first() is not None


def tellings_open(tx: Connection) -> bool:
    """Something has not been told yet, whoever is at it."""
    return tx.execute(select(telling.c.id).where(text(UNTOLD)).limit(1)).first() is not None

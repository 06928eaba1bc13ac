"""Which connection a record belongs to."""

from collections.abc import Collection

from sqlalchemy import Connection, select

from engine.model.ids import WorkId
from engine.store.tables import work


def connections_of(tx: Connection, works: Collection[WorkId]) -> dict[WorkId, str]:
    """Connection by record; unknown records are left out."""
    rows = tx.execute(select(work.c.id, work.c.connection).where(work.c.id.in_(works)))
    return {WorkId(row.id): str(row.connection) for row in rows}

"""Which connection a record belongs to, and whether it is still as somebody saw it."""

from collections.abc import Collection

from sqlalchemy import Connection, select

from engine.model.ids import WorkId
from engine.store.tables import work


def connections_of(tx: Connection, works: Collection[WorkId]) -> dict[WorkId, str]:
    """Connection by record; unknown records are left out."""
    rows = tx.execute(select(work.c.id, work.c.connection).where(work.c.id.in_(works)))
    return {WorkId(row.id): str(row.connection) for row in rows}


def versions_of(tx: Connection, works: Collection[WorkId]) -> dict[WorkId, int]:
    """Version by record; unknown records are left out."""
    rows = tx.execute(select(work.c.id, work.c.version).where(work.c.id.in_(works)))
    return {WorkId(row.id): int(row.version) for row in rows}

"""What has no name on the other side and waits for a mapping."""

from sqlalchemy import Connection, select

from engine.desk import GapRow
from engine.store.tables import mapping_gap


def open_gaps(tx: Connection) -> tuple[GapRow, ...]:
    """All open ones, by connection, kind and name."""
    query = (
        select(mapping_gap)
        .where(mapping_gap.c.closed_at.is_(None))
        .order_by(mapping_gap.c.connection, mapping_gap.c.kind, mapping_gap.c.name)
    )
    return tuple(
        GapRow(row.connection, row.kind, row.name, row.detail, row.times, row.first_at, row.last_at)
        for row in tx.execute(query)
    )

"""Which changes a webhook has told us of."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection, select

from engine.store.tables import inbox


def told(tx: Connection, connection: str, changed: Mapping[str, datetime]) -> set[str]:
    """Of these resources, the ones for which a message came since they changed (to the second, as the shop dates)."""
    if not changed:
        return set()
    rows = tx.execute(
        select(inbox.c.resource, inbox.c.received_at).where(
            inbox.c.connection == connection,
            inbox.c.source == "shop",
            inbox.c.resource.in_(changed),
            inbox.c.received_at >= min(changed.values()),
        )
    )
    return {row.resource for row in rows if row.received_at >= changed[row.resource]}

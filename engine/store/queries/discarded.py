"""Orders that explain a fall: units were taken out of them without being put back, and the level fell by these."""

from datetime import datetime, timedelta

import orjson
from sqlalchemy import Connection, select

from engine.store.tables import order_cell, shop_order

BEFORE = timedelta(minutes=15)
"""How long before a fall was seen its cause may have been dated, by another clock."""


def discarded(
    tx: Connection, connection: str, sku: str, location: str, since: datetime | None
) -> dict[str, tuple[str, int]]:
    """By order, its name and the units that were taken out in this cell no earlier than the fall; the oldest first."""
    same = (order_cell.c.connection == shop_order.c.connection) & (
        order_cell.c.order_id == shop_order.c.order_id
    )
    rows = tx.execute(
        select(shop_order.c.order_id, shop_order.c.name, shop_order.c.body)
        .join(order_cell, same)
        .where(
            order_cell.c.connection == connection, order_cell.c.sku == sku, order_cell.c.location == location,
            shop_order.c.body.contains('"discarded"'),
        )
        .order_by(shop_order.c.updated_at)
    )  # fmt: skip
    found = {}
    for row in rows:
        for one, at, units, told in orjson.loads(row.body)["discarded"]:
            old = since is not None and datetime.fromisoformat(told) < since - BEFORE
            if (one, at) == (sku, location) and not old:
                found[row.order_id] = (row.name, int(units))
    return found

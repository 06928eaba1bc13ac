"""Orders that the shop lists as changed and that nobody has told us of."""

from collections.abc import Collection
from datetime import datetime, timedelta

from engine.flows.site import Site
from engine.model.ids import OrderId
from engine.model.stock import CellKey
from engine.orders.movements import movements
from engine.store.verbs.cursor import get_cursor
from engine.store.verbs.orders import read_dates

OVERLAP = timedelta(seconds=90)
"""How far a listing may run late; each listing begins so long before the last one did."""
MOST = 500
"""Orders read for a plan; a shop that has changed more since we looked is not compared but caught up with."""


async def untold_cells(site: Site) -> Collection[CellKey]:
    """Cells where an order has moved goods that is newer in the shop than what we remember of it. Raises Failure."""
    stored = await site.store.read(get_cursor, site.name, "orders")
    if stored is None:
        return ()
    stubs = await site.shop.orders_changed(datetime.fromisoformat(stored) - OVERLAP)
    known = await site.store.read(read_dates, site.name, [stub.id for stub in stubs])
    newer: list[OrderId] = [
        stub.id for stub in stubs if stub.id not in known or known[stub.id] < stub.updated_at
    ]
    cells: set[CellKey] = set()
    for order_id in newer[:MOST]:
        order = await site.shop.read_order(order_id)
        moved = movements(order) if order is not None else {}
        cells |= {key for key, movement in moved.items() if movement.fulfilled or movement.restocked}
    return cells

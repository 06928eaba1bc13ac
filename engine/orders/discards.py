"""Units taken out of an order that never left and were not put back: Shopify's level falls by them, and no order has them.

Shopify names no location for them; it is the one from which their line was to leave, where there is but one.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from engine.model.ids import LocationId
from engine.model.order import Order
from engine.model.stock import CellKey
from engine.orders.standing import taken, taken_out


@dataclass(frozen=True, slots=True)
class Discard:
    """Units of one cell, and when the last of them were taken out."""

    units: int
    at: datetime


def discards(order: Order) -> Mapping[CellKey, Discard]:
    """Per cell; units whose location cannot be told are left out."""
    if not any(given.restock == "NO_RESTOCK" for refund in order.refunds for given in refund.lines):
        return {}
    out, found = taken_out(order, {}), dict[CellKey, Discard]()
    times = {id(given): refund.created_at for refund in order.refunds for given in refund.lines}
    for line in order.lines:
        places = _places(order, line.id)
        if line.id not in out or line.sku is None or not line.requires_shipping or len(places) != 1:
            continue
        key = CellKey(line.sku, *places)
        for given, units, _, _ in taken(order, line, out[line.id].units):
            if given.restock == "NO_RESTOCK":
                before = found.get(key, Discard(0, times[id(given)]))
                found[key] = Discard(before.units + units, max(before.at, times[id(given)]))
    return found


def _places(order: Order, line: str) -> set[LocationId]:
    """Locations that were to ship a line."""
    return {
        group.location
        for group in order.fulfilment_orders
        if group.location and any(member == line for member, _ in group.lines)
    }

"""What an order does to stock in Shopify: units committed, gone and come back, per cell."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from engine.model.ids import LocationId, Sku
from engine.model.order import Order
from engine.model.stock import CellKey

HOLDING = frozenset({"OPEN", "IN_PROGRESS", "SCHEDULED", "ON_HOLD", "INCOMPLETE"})
"""Fulfilment order states in which Shopify keeps the remaining units committed."""


@dataclass(slots=True)
class Movement:
    """Units of one order at one cell."""

    committed: int = 0
    fulfilled: int = 0
    fulfilled_at: datetime | None = None
    restocked: int = 0


def movements(order: Order) -> Mapping[CellKey, Movement]:
    """Per cell what Shopify's books say of this order.

    A restock of kind CANCEL releases units that never left, so it does not move on_hand and is not counted.
    """
    skus: dict[str, Sku] = {line.id: line.sku for line in order.lines if line.sku and line.requires_shipping}
    cells: dict[CellKey, Movement] = defaultdict(Movement)

    def cell(line: str, location: LocationId | None) -> Movement | None:
        sku = skus.get(line)
        return cells[CellKey(sku, location)] if sku is not None and location is not None else None

    for group in order.fulfilment_orders:
        if group.status in HOLDING:
            for line, quantity in group.lines:
                if quantity and (at := cell(line, group.location)):
                    at.committed += quantity
    for fulfilment in order.fulfilments:
        if fulfilment.status == "SUCCESS":
            for line, quantity in fulfilment.lines:
                if quantity and (at := cell(line, fulfilment.location)):
                    at.fulfilled += quantity
                    at.fulfilled_at = max(at.fulfilled_at or fulfilment.created_at, fulfilment.created_at)
    for refund in order.refunds:
        for given in refund.lines:
            if given.restock == "RETURN" and given.quantity and (at := cell(given.line, given.location)):
                at.restocked += given.quantity
    return dict(cells)

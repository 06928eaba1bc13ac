"""A back office that only says what it may still promise: its figures as the stock rule needs them.

"Available to promise" is what is on hand less what is reserved for anybody, this shop's orders too. The rule needs
those again, because Shopify subtracts them itself. They are taken from our documents, read before and after the
figure: a document counts with the least it reserved in either reading, so one that was booked, shipped, re-routed or
cancelled in between makes the figure too low and never too high, and its cells are looked at again.
"""

from collections.abc import Mapping
from dataclasses import replace

from engine.model.ids import OrderId, Sku, WarehouseId
from engine.model.sale import Document, DocumentStatus
from engine.model.stock import ShelfStock, StockSnapshot

Documents = Mapping[OrderId, Document]
Place = tuple[Sku, WarehouseId]


def moved_between(before: Documents, after: Documents) -> frozenset[OrderId]:
    """Orders whose document changed while the figures were read."""
    return frozenset(
        ref
        for ref in before.keys() | after.keys()
        if ref not in before or ref not in after or _state(before[ref]) != _state(after[ref])
    )


def as_physical(snapshot: StockSnapshot, before: Documents, after: Documents) -> StockSnapshot:
    """Shelves as if the back office had told what is on hand and what of it is reserved for our orders.

    What others reserved is in neither figure, so the difference of the two is what it may still promise.
    """
    ours: dict[Place, dict[OrderId, int]] = {}
    for ref in before.keys() & after.keys():
        first, second = _reserved(before[ref]), _reserved(after[ref])
        for place in first.keys() & second.keys():
            ours.setdefault(place, {})[ref] = min(first[place], second[place])
    shelves = {}
    for place in snapshot.shelves.keys() | ours.keys():
        told = snapshot.shelves.get(place)
        available = told.on_hand - told.reserved if told else 0
        promised = ours.get(place, {})
        reserved = sum(promised.values())
        shelves[place] = ShelfStock(available + reserved, reserved, promised)
    return replace(snapshot, shelves=shelves)


def _reserved(document: Document) -> dict[Place, int]:
    """Units that wait to be shipped, of a document that reserves."""
    found: dict[Place, int] = {}
    for line in document.lines if document.status is DocumentStatus.OPEN else ():
        place = (line.sku, line.warehouse)
        found[place] = found.get(place, 0) + max(line.quantity - line.shipped, 0)
    return found


def _state(document: Document) -> object:
    return document.status, document.lines

"""Shops that sell from the same back office: what one sold and the back office does not know of yet, the others lack.

Shopify takes an order off the level of its own shop at once. The other shops learn of it from the back office, once
it is booked there: at the next look as a rule, but not while the order is held for a person or the back office is
slow. Until then its units are a term of their own (`elsewhere`), taken off at the warehouse they will be booked at.

Read the orders before the back office: one that is booked in between counts twice for a moment, never not at all.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from engine.model.ids import LocationId, OrderId, Sku, WarehouseId
from engine.model.stock import OrderCell, ShelfStock
from engine.stock.kits import Recipe

Shelf = tuple[Sku, WarehouseId]


@dataclass(frozen=True, slots=True)
class Sister:
    """Another connection whose back office is the same."""

    name: str
    locations: Mapping[LocationId, Sequence[WarehouseId]]
    """Warehouses behind each of its locations; the first that is not switched off takes the orders."""
    kits: Mapping[Sku, Recipe] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SisterOrder:
    """One open order of a sister, as our store knows it: what its shop promised, and what was seen booked of it."""

    sister: str
    order_id: OrderId
    cells: Sequence[OrderCell]
    booked: Mapping[Sku, int]
    """Units its document has, wherever; none of those that a document called off never sent."""
    has_document: bool = False


def lacking(
    order: SisterOrder, sister: Sister, shelves: Mapping[Shelf, ShelfStock]
) -> Mapping[tuple[Sku, LocationId], int]:
    """Units of an order that the back office does not have yet, by SKU (components instead of kits) and location.

    What `shelves`, read later, show as reserved for it was booked meanwhile.
    """
    reserved: Counter[Sku] = Counter()
    for (sku, _), shelf in shelves.items():
        reserved[sku] += shelf.reserved_for.get(order.order_id, 0)
    found: Counter[tuple[Sku, LocationId]] = Counter()
    there = Counter(order.booked) | reserved
    for cell in sorted(order.cells, key=lambda cell: (cell.sku, cell.location)):
        promised = cell.committed + max(cell.fulfilled - cell.restocked, 0)
        if recipe := sister.kits.get(cell.sku):
            # a document may hold the components instead: it has the kit as soon as there is one
            if not order.has_document:
                for sku, each in recipe.items():
                    found[sku, cell.location] += promised * each
            continue
        known = min(promised, there[cell.sku])
        there[cell.sku] -= known
        found[cell.sku, cell.location] += promised - known
    return +found


def sold_elsewhere(
    orders: Iterable[SisterOrder],
    sisters: Mapping[str, Sister],
    books_at: Mapping[str, Mapping[LocationId, WarehouseId]],
    shelves: Mapping[Shelf, ShelfStock],
) -> Mapping[Shelf, Mapping[OrderId, int]]:
    """Per SKU and warehouse the units that other shops sold and the back office does not have yet, by order.

    `books_at` has for each sister the warehouses at which the orders of its locations are booked.
    """
    found: dict[Shelf, dict[OrderId, int]] = {}
    for order in orders:
        sister = sisters[order.sister]
        for (sku, location), units in lacking(order, sister, shelves).items():
            warehouse = books_at[order.sister].get(location)
            if warehouse is not None:
                at = found.setdefault((sku, warehouse), {})
                at[order.order_id] = at.get(order.order_id, 0) + units
    return found

"""What the two books of one order still owe each other: the next step, as a pure function of both sides.

The worker re-reads both sides after every step, so a step that was made twice, or by somebody else, is simply no
longer owed. Steps come in the order the stock rule needs: book, cancel, amend, re-route before shipping, ship before
taking back, move the fulfilment order before fulfilling it.
"""

from collections import Counter
from collections.abc import Collection, Mapping

from engine.model.failure import Refused
from engine.model.ids import LocationId, Sku, WarehouseId
from engine.model.order import Order
from engine.model.sale import Document, DocumentStatus
from engine.model.stock import CellKey
from engine.orders.amending import Sent, called_off, outdated, sent_all_the_same
from engine.orders.movements import Movement, movements
from engine.orders.shop_steps import owed_to_shop
from engine.orders.step import Amend, Book, Cancel, Reroute, Ship, Step, TakeBack


def next_step(
    order: Order,
    document: Document | None,
    warehouse_of: Mapping[LocationId, WarehouseId],
    location_of: Mapping[WarehouseId, LocationId],
    shut: Collection[LocationId] = (),
    sent: Sent | None = None,
) -> Step | None:
    """The next thing to do, or None when both books agree. Raises Refused when a person has to decide.

    `sent` is what shows that something was put into the order for nothing; an order never edited needs none. Nothing
    can leave from `shut` locations in Shopify: what the back office plans there follows Shopify's plan.
    """
    cells = movements(order)
    gone = any(movement.fulfilled for movement in cells.values())
    off = called_off(order) and not gone
    if document is None:
        return None if off else Book()
    untouched = not any(line.shipped for line in document.lines)
    if off and document.status is DocumentStatus.OPEN and untouched:
        return Cancel()
    if outdated(order, document, sent):
        return Amend(_cells(document, cells, location_of))
    shelves = _at_shelves(cells, warehouse_of)
    home = _homes(document, warehouse_of, location_of)
    step = _owed_to_back_office(document, shelves, home) or _take_back(document, shelves, home, location_of)
    if step is not None or order.cancelled_at:
        return step
    step = owed_to_shop(order, document, cells, location_of, shut, warehouse_of)
    if step is None:
        sent_all_the_same(order, document)
    return step


def finished(order: Order, document: Document) -> bool:
    """Nothing can be owed any more unless somebody acts: all gone and booked, or cancelled on both sides."""
    if any(movement.committed for movement in movements(order).values()):
        return False
    return document.status is not DocumentStatus.OPEN


def _at_shelves(
    cells: Mapping[CellKey, Movement], warehouse_of: Mapping[LocationId, WarehouseId]
) -> Mapping[tuple[Sku, WarehouseId], Movement]:
    shelves: dict[tuple[Sku, WarehouseId], Movement] = {}
    for key, movement in cells.items():
        if key.location not in warehouse_of:
            if movement.fulfilled or movement.restocked:
                raise Refused(
                    f"Goods of SKU {key.sku} moved at location {key.location}, which has no warehouse.",
                    "Add the location to [connections.locations] in the configuration, restart, and retry.",
                    code="location_unmapped",
                )
            continue
        shelf = shelves.setdefault((key.sku, warehouse_of[key.location]), Movement())
        shelf.committed += movement.committed
        shelf.fulfilled += movement.fulfilled
        shelf.restocked += movement.restocked
    return shelves


def _cells(
    document: Document, cells: Mapping[CellKey, Movement], location_of: Mapping[WarehouseId, LocationId]
) -> tuple[CellKey, ...]:
    planned = {
        CellKey(line.sku, location_of[line.warehouse])
        for line in document.lines
        if line.warehouse in location_of and line.quantity > line.shipped
    }
    return tuple(sorted(planned | {key for key, movement in cells.items() if movement.committed}))


def _homes(
    document: Document,
    warehouse_of: Mapping[LocationId, WarehouseId],
    location_of: Mapping[WarehouseId, LocationId],
) -> Mapping[WarehouseId, WarehouseId]:
    """For each warehouse of the document the one that stands for its location, where Shopify's movements are booked.

    What has left from any warehouse behind a location has left from that location.
    """
    homes = {line.warehouse: line.warehouse for line in document.lines}
    for warehouse in homes:
        if warehouse in location_of:
            homes[warehouse] = warehouse_of.get(location_of[warehouse], warehouse)
    return homes


def _owed_to_back_office(
    document: Document,
    shelves: Mapping[tuple[Sku, WarehouseId], Movement],
    home: Mapping[WarehouseId, WarehouseId],
) -> Step | None:
    shipped: Counter[Sku] = Counter()
    planned: dict[tuple[Sku, WarehouseId], int] = {}
    shipped_at: dict[tuple[Sku, WarehouseId], int] = {}
    shipped_behind: Counter[tuple[Sku, WarehouseId]] = Counter()
    for line in document.lines:
        shelf = (line.sku, line.warehouse)
        shipped[line.sku] += line.shipped
        planned[shelf] = planned.get(shelf, 0) + line.quantity
        shipped_at[shelf] = shipped_at.get(shelf, 0) + line.shipped
        shipped_behind[line.sku, home[line.warehouse]] += line.shipped
    left: Counter[Sku] = Counter()
    for (sku, _), movement in shelves.items():
        left[sku] += movement.fulfilled
    moves: dict[Sku, WarehouseId] = {}
    units: dict[tuple[Sku, WarehouseId], int] = {}
    for (sku, warehouse), movement in sorted(shelves.items()):
        shelf = (sku, warehouse)
        missing = min(movement.fulfilled - shipped_behind[shelf], left[sku] - shipped[sku])
        if missing <= 0:
            continue
        shipped[sku] += missing
        total = shipped_at.get(shelf, 0) + missing
        if document.status is DocumentStatus.OPEN and planned.get(shelf, 0) < total:
            moves.setdefault(sku, warehouse)
        else:
            units[shelf] = total
    # what is planned where it left ships first: of an order that left from two places, re-routing takes all that is open
    if units:
        return Ship(units)
    return Reroute(moves) if moves else None


def _take_back(
    document: Document,
    shelves: Mapping[tuple[Sku, WarehouseId], Movement],
    home: Mapping[WarehouseId, WarehouseId],
    location_of: Mapping[WarehouseId, LocationId],
) -> Step | None:
    returned: Counter[tuple[Sku, WarehouseId]] = Counter()
    behind: Counter[tuple[Sku, WarehouseId]] = Counter()
    for line in document.lines:
        returned[line.sku, line.warehouse] += line.returned
        behind[line.sku, home[line.warehouse]] += line.returned
    owed = {
        shelf: returned[shelf] + m.restocked - behind[shelf]
        for shelf, m in sorted(shelves.items())
        if m.restocked > behind[shelf]
    }
    if not owed:
        return None
    return TakeBack(owed, tuple(CellKey(sku, location_of[warehouse]) for sku, warehouse in owed))

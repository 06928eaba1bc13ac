"""What rows of sales orders, their lines and their deliveries say of an order."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from adapters.odoo.client import Row, moment, of
from adapters.odoo.places import Atlas
from engine.model.ids import DocumentId, OrderId, Sku, WarehouseId
from engine.model.sale import Document, DocumentLine, DocumentStatus, Parcel

CONFIRMED = ("sale", "done")
Shelf = tuple[Sku, WarehouseId]


@dataclass(slots=True)
class ShelfUnits:
    """Units of one SKU of one order at one warehouse."""

    waiting: int = 0
    shipped: int = 0
    shipped_at: datetime | None = None
    returned: int = 0
    moves: list[Row] = field(default_factory=list)
    """Deliveries that have not left."""
    gone: list[Row] = field(default_factory=list)
    """Deliveries that have."""


@dataclass(frozen=True, slots=True)
class Held:
    """A sales order with its moves."""

    row: Row
    lines: Mapping[Sku, int]
    """Sales line of each stocked SKU; the first, where a SKU stands on several."""
    ordered: Mapping[Shelf, int]
    """What the sales lines say, by the warehouse they were to leave from."""
    shelves: Mapping[Shelf, ShelfUnits]
    parcels: tuple[Parcel, ...] = ()
    """Of deliveries that have left, as far as they have numbers."""

    @property
    def cancelled(self) -> bool:
        """The order was called off."""
        return bool(self.row["state"] == "cancel")


def document(held: Held) -> Document:
    """An order as the engine sees it."""
    row = held.row
    lines = tuple(
        DocumentLine(
            sku,
            warehouse,
            units.waiting + units.shipped,
            units.shipped,
            units.shipped_at,
            units.returned,
        )
        for (sku, warehouse), units in sorted(held.shelves.items())
        if units.waiting or units.shipped or units.returned
    )
    if held.cancelled and not lines:
        lines = tuple(
            DocumentLine(sku, warehouse, units, 0, None)
            for (sku, warehouse), units in sorted(held.ordered.items())
        )
    return Document(
        DocumentId(str(row["id"])),
        OrderId(row["client_order_ref"]),
        _status(held),
        Decimal(str(row["amount_total"])),
        lines,
        held.parcels,
    )


def parcels_of(
    moves: list[Row], tracked: Mapping[int, tuple[str, str]], codes: Mapping[int, Sku], atlas: Atlas
) -> Iterator[Parcel]:
    """One reference may name several numbers."""
    for picking, (numbers, carrier) in tracked.items():
        mine = [
            move
            for move in moves
            if of(move["picking_id"]) == picking
            and move["state"] == "done"
            and of(move["location_dest_id"]) == atlas.customers
        ]
        skus = frozenset(sku for move in mine if (sku := codes.get(of(move["product_id"]) or 0)))
        places = {atlas.inside.get(of(move["location_id"]) or 0) for move in mine} - {None}
        place = next(iter(places)) if len(places) == 1 else None
        for number in numbers.replace(",", " ").split() if mine else ():
            yield Parcel(number, carrier, "", place, skus)


def _status(held: Held) -> DocumentStatus:
    if held.cancelled:
        return DocumentStatus.CANCELLED
    units = held.shelves.values()
    if held.ordered and not any(each.waiting for each in units) and any(each.shipped for each in units):
        return DocumentStatus.SHIPPED
    return DocumentStatus.OPEN


def best_of(rows: list[Row]) -> dict[OrderId, Row]:
    """Of the orders of each reference the one that counts: confirmed before cancelled, the oldest first."""
    best: dict[OrderId, Row] = {}
    for row in rows:
        ref = OrderId(row["client_order_ref"])
        if row["state"] in CONFIRMED and (ref not in best or best[ref]["state"] == "cancel"):
            best[ref] = row
        elif row["state"] == "cancel":
            best.setdefault(ref, row)
    return best


def ordered_of(
    row: Row, lines: list[Row], stocked: Mapping[int, Sku], atlas: Atlas
) -> tuple[Mapping[Sku, int], Mapping[Shelf, int]]:
    """(sales line of each stocked SKU, units by the warehouse they were to leave from) of one order."""
    by_route = {each.route: each.code for each in atlas.warehouses.values() if each.route is not None}
    by_id = {each.id: each.code for each in atlas.warehouses.values()}
    home = by_id.get(of(row["warehouse_id"]) or 0)
    first: dict[Sku, int] = {}
    ordered: dict[Shelf, int] = {}
    for line in lines:
        sku = stocked.get(of(line["product_id"]) or 0)
        route = of(line["route_id"])
        place = home if route is None else by_route.get(route, home)
        if sku is not None and place is not None:
            first.setdefault(sku, line["id"])
            ordered[sku, place] = ordered.get((sku, place), 0) + int(line["product_uom_qty"])
    return first, ordered


def shelves_of(moves: list[Row], codes: Mapping[int, Sku], atlas: Atlas) -> Mapping[Shelf, ShelfUnits]:
    """Units by where they leave from or came back to, of the moves of one order."""
    shelves: dict[Shelf, ShelfUnits] = {}
    for move in moves:
        sku = codes.get(of(move["product_id"]) or 0)
        origin = atlas.inside.get(of(move["location_id"]) or 0)
        target = atlas.inside.get(of(move["location_dest_id"]) or 0)
        if sku is None or move["state"] in ("cancel", "draft"):
            continue
        if origin is not None and of(move["location_dest_id"]) == atlas.customers:
            units = shelves.setdefault((sku, origin), ShelfUnits())
            if move["state"] == "done":
                units.shipped += int(move["quantity"])
                left = moment(move["date"])
                units.shipped_at = max(units.shipped_at or left, left)
                units.gone.append(move)
            elif move["product_uom_qty"]:
                units.waiting += int(move["product_uom_qty"])
                units.moves.append(move)
        elif target is not None and of(move["location_id"]) == atlas.customers and move["state"] == "done":
            shelves.setdefault((sku, target), ShelfUnits()).returned += int(move["quantity"])
    return shelves

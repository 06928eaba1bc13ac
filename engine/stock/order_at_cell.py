"""One order at one cell, as both sides know it, and the terms of a target that it contributes."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from engine.model.ids import LocationId, WarehouseId
from engine.model.sale import Document, DocumentLine
from engine.model.stock import OrderCell, ShelfStock


@dataclass(frozen=True, slots=True)
class OrderAtCell:
    """Units of one of this shop's orders at one cell, as each side knows them."""

    committed: int = 0
    """Shopify: still to leave from here."""
    fulfilled: int = 0
    """Shopify: left from here."""
    restocked: int = 0
    """Shopify: came back to here."""
    reserved: int = 0
    """ERP: reserved here for this order, from the stock snapshot."""
    shipped: int = 0
    """ERP: left from here."""
    shipped_elsewhere: int = 0
    """ERP: of the units fulfilled here, those it shipped from elsewhere before; our fulfilment is only paperwork."""
    fulfilled_elsewhere: int = 0
    """Shopify: of the units shipped here, those it fulfilled from elsewhere; nothing committed here stands for them."""
    returned: int = 0
    """ERP: booked back into stock here."""

    @property
    def left_here_only(self) -> int:
        """Units that left in Shopify's books and in no warehouse's."""
        return max(0, self.fulfilled - self.shipped - self.shipped_elsewhere)

    @property
    def named(self) -> int:
        """N: what this order did to on_hand."""
        return self.restocked - self.fulfilled

    @property
    def exempt(self) -> int:
        """Reserved units that Shopify subtracts itself (committed) or that F subtracts (left, not shipped)."""
        return min(self.reserved, self.committed + self.left_here_only)

    @property
    def shipped_here_only(self) -> int:
        """F: left in Shopify, not shipped in the ERP, net of units back here that no return was booked for."""
        return max(0, self.left_here_only - max(0, self.restocked - self.returned))

    @property
    def held_up(self) -> int:
        """G: shipped in the ERP from here while Shopify still holds the units committed here."""
        return min(self.committed, max(0, self.shipped - self.fulfilled - self.fulfilled_elsewhere))


def order_at_cell(
    here: OrderCell,
    everywhere: Iterable[OrderCell],
    document: Document | None,
    shelves: Iterable[ShelfStock],
    warehouses: Collection[WarehouseId],
    location_of: Mapping[WarehouseId, LocationId],
) -> OrderAtCell:
    """Both sides' books of one order at one cell.

    `everywhere` are the order's cells of this SKU, `shelves` the snapshot of the warehouses behind this one. Units
    shipped from elsewhere, not fulfilled there, and gone no later than Shopify's fulfilment here, make that
    fulfilment paperwork; when the two clocks leave it open, the units count as gone from here (errs low). Shopify dates
    to the second.
    """
    everywhere = tuple(everywhere)
    shipped = returned = in_all = 0
    elsewhere: list[DocumentLine] = []
    for line in document.lines if document else ():
        if line.sku != here.sku:
            continue
        in_all += line.shipped
        if line.warehouse in warehouses:
            shipped += line.shipped
            returned += line.returned
        elif line.shipped and here.fulfilled:
            elsewhere.append(line)
    paperwork = _unmatched(here, everywhere, elsewhere, location_of) if elsewhere else 0
    untold = max(0, in_all - sum(cell.fulfilled for cell in everywhere))
    reserved = sum(shelf.reserved_for.get(here.order_id, 0) for shelf in shelves) if document else 0
    return OrderAtCell(
        committed=here.committed,
        fulfilled=here.fulfilled,
        restocked=here.restocked,
        reserved=reserved,
        shipped=shipped,
        shipped_elsewhere=max(0, min(paperwork, here.fulfilled - shipped)),
        fulfilled_elsewhere=max(0, shipped - here.fulfilled - untold),
        returned=returned,
    )


def _unmatched(
    here: OrderCell,
    everywhere: Iterable[OrderCell],
    elsewhere: Iterable[DocumentLine],
    location_of: Mapping[WarehouseId, LocationId],
) -> int:
    """Units shipped elsewhere before they were fulfilled here, less those Shopify has fulfilled there itself."""
    there = {cell.location: cell.fulfilled for cell in everywhere if cell.location != here.location}
    units = 0
    for line in elsewhere:
        at = line.shipped_at.replace(microsecond=0) if line.shipped_at else None
        before = at and here.fulfilled_at and at <= here.fulfilled_at
        location = location_of.get(line.warehouse)
        matched = min(line.shipped, there.get(location, 0)) if location else 0
        if location and matched:
            there[location] -= matched
        units += line.shipped - matched if before else 0
    return units

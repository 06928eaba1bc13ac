"""What Shopify has to be told of an order: what the back office shipped, and from where the rest will leave."""

from collections import Counter
from collections.abc import Collection, Mapping

from engine.model.failure import Refused
from engine.model.ids import LocationId, Sku, WarehouseId
from engine.model.order import FulfilmentOrder, Order
from engine.model.sale import Document, DocumentStatus
from engine.model.stock import CellKey
from engine.orders.movements import HOLDING, Movement
from engine.orders.step import Fulfil, Move, Reroute, Step
from engine.orders.tracking import late, of_shipment, untold


def owed_to_shop(
    order: Order,
    document: Document,
    cells: Mapping[CellKey, Movement],
    location_of: Mapping[WarehouseId, LocationId],
    shut: Collection[LocationId],
    warehouse_of: Mapping[LocationId, WarehouseId],
) -> Step | None:
    """The next step that Shopify has to be told. Raises Refused for what was cancelled in the back office alone."""
    if document.status is DocumentStatus.CANCELLED:
        if any(movement.committed for movement in cells.values()):
            raise Refused(
                f"Order {order.name} was cancelled in the back office and is still open in Shopify.",
                "Cancel it in Shopify too (the buyer is refunded there), or re-open the document, and retry.",
                code="cancelled_in_back_office",
            )
        return None
    fulfilled: Counter[Sku] = Counter()
    for key, movement in cells.items():
        fulfilled[key.sku] += movement.fulfilled
    ahead: Counter[tuple[Sku, LocationId]] = Counter()
    for line in document.lines:
        spare = max(0, line.shipped - fulfilled[line.sku])
        fulfilled[line.sku] -= line.shipped - spare
        if spare and line.warehouse in location_of:
            ahead[line.sku, location_of[line.warehouse]] += spare
    if any(ahead.values()):
        return _tell(order, ahead, document, location_of)
    step = _reassign(order, document, location_of)
    if isinstance(step, Move) and step.location in shut:
        return _follow(step, order, warehouse_of)
    return step or late(order, document, location_of)


def _follow(move: Move, order: Order, warehouse_of: Mapping[LocationId, WarehouseId]) -> Reroute | None:
    """The other way round: the document goes to where Shopify lets the units leave; None where that has no warehouse."""
    [group] = [one for one in order.fulfilment_orders if one.id == move.fulfilment_order]
    warehouse = warehouse_of.get(group.location) if group.location else None
    return Reroute({cell.sku: warehouse for cell in move.cells}) if warehouse else None


def _tell(
    order: Order,
    ahead: Counter[tuple[Sku, LocationId]],
    document: Document,
    location_of: Mapping[WarehouseId, LocationId],
) -> Step | None:
    skus = {line.id: line.sku for line in order.lines if line.sku and line.requires_shipping}
    elsewhere: Move | None = None
    for group in order.fulfilment_orders:
        if group.status not in HOLDING or group.location is None:
            continue
        lines: dict[str, int] = {}
        for line, remaining in group.lines:
            sku = skus.get(line)
            take = min(remaining, ahead[sku, group.location]) if sku else 0
            if sku and take > 0:
                lines[line] = take
                ahead[sku, group.location] -= take
        if lines:
            inside = {skus[line] for line in lines}
            parcels = of_shipment(untold(order, document), group.location, inside, location_of)
            return Fulfil(group.id, lines, parcels)
        elsewhere = elsewhere or _move(group, skus, ahead)
    return elsewhere


def _move(
    group: FulfilmentOrder, skus: Mapping[str, Sku], wanted: Counter[tuple[Sku, LocationId]]
) -> Move | None:
    """Units of a fulfilment order that are wanted at another location, as many as go to the first of those."""
    if group.location is None:
        return None
    for location in dict.fromkeys(at for (_, at), units in wanted.items() if units > 0):
        if location == group.location:
            continue
        left = Counter({sku: units for (sku, at), units in wanted.items() if at == location})
        lines: dict[str, int] = {}
        for line, remaining in group.lines:
            sku = skus.get(line)
            take = min(remaining, left[sku]) if sku else 0
            if sku and take > 0:
                lines[line] = take
                left[sku] -= take
        if lines:
            inside = sorted({skus[line] for line in lines})
            cells = tuple(CellKey(sku, at) for sku in inside for at in (group.location, location))
            return Move(group.id, location, lines, cells)
    return None


def _reassign(order: Order, document: Document, location_of: Mapping[WarehouseId, LocationId]) -> Step | None:
    """Shopify promises units at the location from which the back office lets them leave.

    Only units that are too many where they are go to where too few are: what has no location of ours, and what
    Shopify does not hold any more, stays out of account.
    """
    skus = {line.id: line.sku for line in order.lines if line.sku and line.requires_shipping}
    groups = [group for group in order.fulfilment_orders if group.status in HOLDING and group.location]
    planned: Counter[tuple[Sku, LocationId]] = Counter()
    for part in document.lines:
        if part.quantity > part.shipped and part.warehouse in location_of:
            planned[part.sku, location_of[part.warehouse]] += part.quantity - part.shipped
    promised: Counter[tuple[Sku, LocationId]] = Counter()
    for group in groups:
        for line, remaining in group.lines:
            if group.location and line in skus:
                promised[skus[line], group.location] += remaining
    missing, spare = planned - promised, promised - planned
    for group in groups:
        wanted = {
            (sku, at): min(units, spare[sku, group.location])
            for (sku, at), units in missing.items()
            if group.location
        }
        if step := _move(group, skus, Counter(wanted)):
            return step
    return None

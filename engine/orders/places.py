"""From which location each unit of an order leaves, by Shopify's fulfilment orders and fulfilments."""

from collections.abc import Mapping
from dataclasses import dataclass

from engine.model.failure import Refused, Unmapped
from engine.model.ids import LocationId, Sku, WarehouseId
from engine.model.order import Order, OrderLine
from engine.orders.movements import HOLDING


@dataclass(frozen=True, slots=True)
class Part:
    """Units of one line that leave one warehouse."""

    warehouse: WarehouseId
    units: int


def places(order: Order) -> Mapping[str, Mapping[LocationId, int]]:
    """Units of each line per location: still held for shipping there, or gone from there."""
    found: dict[str, dict[LocationId, int]] = {}

    def put(line: str, location: LocationId | None, units: int) -> None:
        if location and units:
            here = found.setdefault(line, {})
            here[location] = here.get(location, 0) + units

    for group in order.fulfilment_orders:
        if group.status in HOLDING:
            for line, units in group.lines:
                put(line, group.location, units)
    for fulfilment in order.fulfilments:
        if fulfilment.status == "SUCCESS":
            for line, units in fulfilment.lines:
                put(line, fulfilment.location, units)
    return found


def parts(
    order: Order,
    line: OrderLine,
    at: Mapping[LocationId, int],
    warehouses: Mapping[LocationId, WarehouseId],
    there: Mapping[Sku, WarehouseId],
) -> tuple[Part, ...]:
    """The units of a shippable line by warehouse, adding up to its quantity.

    Units that were taken out of the order and had been sent by the back office all the same are where a document has
    the SKU (`there`). Raises Refused when other units have no location, Unmapped when a location has no warehouse.
    """
    placed: dict[WarehouseId, int] = {}
    for location, units in at.items():
        if location not in warehouses:
            raise Unmapped(
                f"Location {location} of order {order.name} has no warehouse.",
                "Add the location to [connections.locations] in the configuration, restart, and retry.",
                code="location_unmapped",
            )
        warehouse = warehouses[location]
        placed[warehouse] = placed.get(warehouse, 0) + units
    nowhere = line.quantity - sum(placed.values())
    if line.sku and line.sku in there and 0 < nowhere <= line.quantity - line.current_quantity:
        placed[there[line.sku]] = placed.get(there[line.sku], 0) + nowhere
    elif nowhere:
        found = "no location" if not placed else f"locations that hold {sum(placed.values())}"
        raise Refused(
            f"Line {line.sku} of order {order.name} has {line.quantity} units and ships from {found}.",
            "Assign its units to locations in Shopify and retry.",
            code="line_without_location",
        )
    return tuple(Part(warehouse, units) for warehouse, units in placed.items())

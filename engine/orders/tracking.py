"""By which numbers a shipment is tracked: what the back office knows of its parcels and Shopify does not yet."""

from collections.abc import Collection, Iterator, Mapping

from engine.model.ids import LocationId, Sku, WarehouseId
from engine.model.order import Fulfilment, Order
from engine.model.sale import Document, Parcel
from engine.orders.step import Track

LIVING = frozenset({"SUCCESS", "OPEN", "PENDING"})
"""States of a fulfilment whose goods are, or will be, on their way."""


def untold(order: Order, document: Document) -> tuple[Parcel, ...]:
    """Parcels with a number that stands on no fulfilment of the order; each number once."""
    known = {number for gone in order.fulfilments for _, number, _ in gone.tracking}
    fresh = {parcel.number: parcel for parcel in document.parcels if parcel.number not in known}
    return tuple(fresh.values())


def of_shipment(
    parcels: Collection[Parcel],
    location: LocationId | None,
    skus: Collection[Sku],
    location_of: Mapping[WarehouseId, LocationId],
) -> tuple[Parcel, ...]:
    """Those that may hold these goods from there."""

    def fits(parcel: Parcel) -> bool:
        here = parcel.warehouse is None or location_of.get(parcel.warehouse) == location
        return here and (not parcel.skus or bool(parcel.skus & set(skus)))

    return tuple(parcel for parcel in parcels if fits(parcel))


def late(order: Order, document: Document, location_of: Mapping[WarehouseId, LocationId]) -> Track | None:
    """Numbers that came after Shopify had been told of the goods; the first fulfilment that lacks one of its own."""
    fresh = untold(order, document)
    if not fresh:
        return None
    skus = {line.id: line.sku for line in order.lines if line.sku}
    for gone in sorted(order.fulfilments, key=lambda gone: bool(gone.tracking)):
        inside = {skus[line] for line, units in gone.lines if units and line in skus}
        mine = of_shipment(fresh, gone.location, inside, location_of)
        if gone.status in LIVING and mine:
            return Track(gone.id, (*_known(gone), *mine))
    return None


def _known(gone: Fulfilment) -> Iterator[Parcel]:
    for carrier, number, url in gone.tracking:
        if number:
            yield Parcel(number, carrier, url)

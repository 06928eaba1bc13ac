"""Orders, shipments and credit notes as Unleashed tells them, in our shapes.

An order has one warehouse. Its goods have left when a shipment of it is dispatched, or when it is completed.
"""

import uuid
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Any

from adapters.parted import Line, Part, Shelf
from adapters.unleashed.client import Row, moment
from engine.model.ids import OrderId, Sku, WarehouseId
from engine.model.sale import Parcel

PLACED, COMPLETED, DELETED, PARKED = "Placed", "Completed", "Deleted", "Parked"
EVERY_STATUS = "Parked,Placed,Backordered,Completed,Deleted"
DISPATCHED = "Dispatched"
CHARGE = "Charge"
_OURS = uuid.UUID("b3c1b0d2-6f0e-5f7a-9a55-0d7c2f1e4a10")
"""Namespace of the GUIDs that TrueUp makes."""
MOST_PARTS = 64
"""Orders that one document may have been spread over in its life."""


@cache
def guid(external_id: str, number: int) -> str:
    """The GUID of a part of a document: the same whoever makes it."""
    return str(uuid.uuid5(_OURS, f"{external_id}#{number}"))


def guid_of(part: str, what: str) -> str:
    """The GUID of a record that belongs to a part and is told from its others by `what`."""
    return str(uuid.uuid5(_OURS, f"{part} {what}"))


def number_of(external_id: str, order: str) -> int:
    """Which part of the document an order is; 0 for an order that TrueUp did not make."""
    order = order.lower()
    return next((n for n in range(1, MOST_PARTS + 1) if guid(external_id, n) == order), 0)


@dataclass(frozen=True, slots=True)
class Shipment:
    """Units that left, by line number of their order."""

    order: str
    """Number of the order."""
    units: Mapping[int, int]
    row: Row


def shipment_of(row: Row) -> Shipment:
    """A shipment of the listing; one that is not dispatched holds no units."""
    units: dict[int, int] = {}
    if row.get("ShipmentStatus") == DISPATCHED:
        for line in row.get("SalesShipmentLines") or ():
            number = int(line["SalesOrderLineNumber"])
            units[number] = units.get(number, 0) + int(Decimal(str(line["ShipmentQty"])))
    return Shipment(str(row["OrderNumber"]), units, row)


def part_of(
    row: Row, ref: OrderId, external_id: str, shipments: Sequence[Shipment], services: Collection[str]
) -> Part:
    """An order of the listing as a part of its document."""
    done = row.get("OrderStatus") == COMPLETED
    left: dict[int, int] = {}
    for each in shipments:
        for number, units in each.units.items():
            left[number] = left.get(number, 0) + units
    lines = tuple(_line(line, left, services, done=done) for line in row.get("SalesOrderLines") or ())
    dates = [moment(each.row.get("DispatchDate")) for each in shipments if each.units]
    if done:
        dates.append(moment(row.get("CompletedDate")))
    place = (row.get("Warehouse") or {}).get("WarehouseCode")
    return Part(
        number=number_of(external_id, row["Guid"]),
        id=row["Guid"],
        ref=ref,
        place=WarehouseId(place) if place else None,
        cancelled=row.get("OrderStatus") == DELETED,
        total=Decimal(str(row.get("Total") or 0)),
        currency=str((row.get("Currency") or {}).get("CurrencyCode") or ""),
        lines=lines,
        text=row.get("Comments") or "",
        left_at=max((at for at in dates if at is not None), default=None),
        locked=done,
        parcels=tuple(_parcels(shipments, place, lines)),
    )


def _parcels(shipments: Sequence[Shipment], place: str | None, lines: Sequence[Line]) -> Iterator[Parcel]:
    """Dispatched shipments that have a number."""
    inside = {int(line.id): line.sku for line in lines if line.sku is not None}
    for each in shipments:
        number = str(each.row.get("TrackingNumber") or "").strip()
        if number and each.units:
            skus = frozenset(inside[line] for line, units in each.units.items() if units and line in inside)
            yield Parcel(
                number, str(each.row.get("ShippingCompany") or ""), "", WarehouseId(place) if place else None, skus
            )  # fmt: skip


def _line(line: Mapping[str, Any], left: Mapping[int, int], services: Collection[str], *, done: bool) -> Line:
    code = str(line["Product"]["ProductCode"])
    goods = line.get("LineType") != CHARGE and code not in services
    units = int(Decimal(str(line["OrderQuantity"])))
    return Line(
        id=str(line["LineNumber"]),
        item=code,
        sku=Sku(code) if goods else None,
        units=units,
        price=Decimal(str(line["UnitPrice"])),
        text=line.get("Comments") or "",
        shipped=(units if done else left.get(int(line["LineNumber"]), 0)) if goods else 0,
    )


def returned_in(rows: Sequence[Row]) -> Mapping[Shelf, int]:
    """Units that completed credit notes put back into stock."""
    found: dict[Shelf, int] = {}
    for row in rows:
        if row.get("Status") == COMPLETED:
            place = WarehouseId(row["Warehouse"]["WarehouseCode"])
            for line in row.get("CreditLines") or ():
                if line.get("ReturnToStock"):
                    shelf = (Sku(line["Product"]["ProductCode"]), place)
                    found[shelf] = found.get(shelf, 0) + int(Decimal(str(line["CreditQuantity"])))
    return found

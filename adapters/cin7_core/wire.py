"""A sale as Cin7 Core tells it, in typed shapes.

One sale has one location, from which its order reserves. Fulfilments pick from the locations their lines name; goods
have left when a fulfilment's shipment is authorised, the last of its three steps.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from adapters.cin7_core.client import Row
from adapters.moments import utc
from engine.model.ids import Sku, WarehouseId

AUTHORISED, DRAFT, VOIDED = "AUTHORISED", "DRAFT", "VOIDED"
Shelf = tuple[Sku, WarehouseId]
Home = Callable[[str], WarehouseId]
"""The location of a text that may name a bin behind it."""


@dataclass(frozen=True, slots=True)
class Fulfilment:
    """One fulfilment: what it picks from where, and how far it is."""

    task: str
    picked: str
    """Status of its pick."""
    packed: str
    shipped: str
    units: Mapping[Shelf, int]
    left_at: datetime | None
    lines: tuple[Row, ...]
    """The pick lines as they came."""
    tracked: tuple[tuple[str, str, str], ...] = ()
    """(number, carrier, address) of its boxes, as far as they have numbers."""

    @property
    def gone(self) -> bool:
        """Its goods have left."""
        return self.shipped == AUTHORISED

    @property
    def locked(self) -> bool:
        """Picked and not gone: Cin7 Core lets nobody change it any more, it can only be finished."""
        return self.picked == AUTHORISED and not self.gone

    @property
    def draft(self) -> bool:
        """Only says where goods are to leave from."""
        return self.picked == DRAFT and bool(self.units)

    @property
    def empty(self) -> bool:
        """Made and not used."""
        return not self.units and self.picked != VOIDED


@dataclass(frozen=True, slots=True)
class Sale:
    """One sale."""

    id: str
    number: str
    external_id: str
    status: str
    location: WarehouseId | None
    ordered: str
    """Status of its order: DRAFT or NOT AVAILABLE while it promises nothing."""
    total: Decimal
    currency: str
    goods: Mapping[Sku, int]
    """Units by SKU, as ordered."""
    lines: tuple[Row, ...]
    charges: tuple[Row, ...]
    fulfilments: tuple[Fulfilment, ...]
    invoiced: bool
    returned: Mapping[Shelf, int]
    updated: str

    @property
    def voided(self) -> bool:
        """Called off."""
        return self.status == VOIDED or self.ordered == VOIDED

    @property
    def shell(self) -> bool:
        """Made in the first of its calls and not finished: it promises nothing."""
        return not self.voided and self.ordered != AUTHORISED

    @property
    def nothing(self) -> bool:
        """A shell that was thrown away."""
        return self.voided and not self.lines and not self.charges

    @property
    def shipped(self) -> Mapping[Shelf, int]:
        """Units that have left, by where they left from."""
        return _added(each for each in self.fulfilments if each.gone)

    @property
    def locked(self) -> Mapping[Shelf, int]:
        """Units in somebody's hands."""
        return _added(each for each in self.fulfilments if each.locked)

    @property
    def drafted(self) -> Mapping[Shelf, int]:
        """Units that are to leave from where a draft says."""
        return _added(each for each in self.fulfilments if each.draft)

    def loose(self, sku: Sku) -> int:
        """Units no fulfilment has: they are to leave from the sale's own location."""
        in_fulfilments = (self.shipped, self.locked, self.drafted)
        return self.goods.get(sku, 0) - sum(
            units for some in in_fulfilments for (name, _), units in some.items() if name == sku
        )

    @property
    def waiting(self) -> Mapping[Shelf, int]:
        """Units that have not left, by where they are to leave from."""
        found = dict(_added(each for each in self.fulfilments if each.locked or each.draft))
        for sku in self.goods:
            if self.location is not None and (loose := self.loose(sku)) > 0:
                found[sku, self.location] = found.get((sku, self.location), 0) + loose
        return found


def sale_of(body: Row, home: Home, services: frozenset[str]) -> Sale:
    """A sale as `GET sale` tells it; order lines of `services` are no goods."""
    order = body.get("Order") or {}
    goods: dict[Sku, int] = {}
    for line in order.get("Lines") or ():
        if line["SKU"] not in services:
            sku = Sku(line["SKU"])
            goods[sku] = goods.get(sku, 0) + int(line["Quantity"])
    place = body.get("Location")
    back: dict[Shelf, int] = {}
    for note in body.get("CreditNotes") or ():
        for line in note.get("Restock") or () if note.get("Status") != VOIDED else ():
            shelf = (Sku(line["SKU"]), home(line.get("RestockLocation") or line["Location"]))
            back[shelf] = back.get(shelf, 0) + int(line["Quantity"])
    return Sale(
        id=body["ID"],
        number=order.get("SaleOrderNumber") or "",
        external_id=body.get("ExternalID") or "",
        status=body.get("Status") or "",
        location=home(place) if place else None,
        ordered=order.get("Status") or "",
        total=Decimal(str(order.get("Total") or 0)),
        currency=body.get("CustomerCurrency") or "",
        goods=goods,
        lines=tuple(order.get("Lines") or ()),
        charges=tuple(order.get("AdditionalCharges") or ()),
        fulfilments=tuple(_fulfilment(each, home) for each in body.get("Fulfilments") or ()),
        invoiced=any(each.get("Status") in (AUTHORISED, "PAID") for each in body.get("Invoices") or ()),
        returned=back,
        updated=body.get("LastModifiedOn") or "",
    )


def _fulfilment(body: Row, home: Home) -> Fulfilment:
    pick, pack, ship = (body.get(step) or {} for step in ("Pick", "Pack", "Ship"))
    units: dict[Shelf, int] = {}
    lines = tuple(pick.get("Lines") or ()) if pick.get("Status") != VOIDED else ()
    for line in lines:
        shelf = (Sku(line["SKU"]), home(line["Location"]))
        units[shelf] = units.get(shelf, 0) + int(line["Quantity"])
    dates = [utc(line["ShipmentDate"]) for line in ship.get("Lines") or () if line.get("ShipmentDate")]
    tracked = [
        (str(line["TrackingNumber"]), str(line.get("Carrier") or ""), str(line.get("TrackingURL") or ""))
        for line in ship.get("Lines") or ()
        if line.get("TrackingNumber")
    ]
    return Fulfilment(
        body["TaskID"], _status(pick), _status(pack), _status(ship), units, max(dates, default=None), lines,
        tuple(dict.fromkeys(tracked)),
    )  # fmt: skip


def _status(step: Mapping[str, Any]) -> str:
    return str(step.get("Status") or "")


def _added(some: Any) -> Mapping[Shelf, int]:
    found: dict[Shelf, int] = {}
    for each in some:
        for shelf, units in each.units.items():
            found[shelf] = found.get(shelf, 0) + units
    return found

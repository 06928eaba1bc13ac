"""The books of a back office in memory: shelves, documents and a log of every movement.

The vendor's API and the staff (`adapters.sandbox.staff`) both act through these verbs, so there is one truth. All
verbs are synchronous and complete: call them from one thread. Sellable units are `on_hand - reserved`.
"""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal

from adapters.sandbox.articles import Articles

Json = dict[str, Any]
Shelf = tuple[str, str]
"""SKU and warehouse code."""
Status = Literal["draft", "open", "shipped", "cancelled"]


class NotPossible(Exception):
    """The back office says no: too little stock, an unknown name, or a document in another state."""


class OrderRefused(NotPossible):
    """The back office refuses this order by a rule of its own (a credit hold, a blocked customer)."""


@dataclass(slots=True)
class Counts:
    """Units of one SKU in one warehouse."""

    on_hand: int = 0
    reserved: int = 0


@dataclass(slots=True)
class Allotment:
    """Units of one document on one shelf."""

    quantity: int = 0
    shipped: int = 0
    shipped_at: float | None = None
    returned: int = 0


@dataclass(slots=True)
class BookedOrder:
    """A sales document; `facts` is whatever the vendor's API keeps of it."""

    id: int
    ref: str | None
    name: str
    status: Status
    created_at: float
    changed_at: float
    total: Decimal | None = None
    currency: str = ""
    allotments: dict[Shelf, Allotment] = field(default_factory=dict)
    facts: Json = field(default_factory=dict)
    part: str = ""
    """Which part of a sale this is, where one reference may stand on one document per warehouse."""


@dataclass(frozen=True, slots=True)
class Movement:
    """One line of the log; `delta` is the change of sellable units."""

    sequence: int
    at: float
    sku: str | None
    warehouse: str | None
    kind: str
    delta: int
    on_hand_delta: int
    document: int | None
    ref: str | None


@dataclass(slots=True)
class Transit:
    """Goods between two warehouses."""

    sku: str
    origin: str
    warehouse: str
    units: int
    due_at: float


class Books:
    """One company's stock and sales documents."""

    def __init__(
        self,
        products: Mapping[str, str],
        warehouses: Sequence[str],
        stock: Mapping[Shelf, int],
        *,
        now: Callable[[], float] = time.time,
        transit_seconds: float = 1.0,
        below_zero: bool = False,
    ) -> None:
        """`products` maps SKU to title, `stock` (SKU, warehouse code) to units; no movement is logged for these.

        `below_zero`: more may leave a shelf than the books say stands on it, as some back offices allow.
        """
        self._below_zero = below_zero
        self.now = now
        self.products = dict(products)
        self.warehouses = list(warehouses)
        self.closed: set[str] = set()
        """Warehouses that take part no more."""
        self.shelves: dict[Shelf, Counts] = {shelf: Counts(units) for shelf, units in stock.items()}
        self.orders: dict[int, BookedOrder] = {}
        self.log: list[Movement] = []
        self.transits: list[Transit] = []
        self.refusals: list[tuple[str, str]] = []
        self.listeners: list[Callable[[Movement], None]] = []
        self.articles = Articles()
        self._transit_seconds = transit_seconds
        self._refuse: tuple[str, str, int | None] | None = None

    # --- documents ---------------------------------------------------------------------------------------------
    def draft(self, ref: str | None, name: str, facts: Json, *, part: str = "") -> BookedOrder:
        """An order that promises nothing yet."""
        number = len(self.orders) + 1
        order = BookedOrder(number, ref, name, "draft", self.now(), self.now(), facts=facts, part=part)
        self.orders[number] = order
        return order

    def confirm(
        self,
        order: BookedOrder,
        goods: Iterable[tuple[str, str, int]],
        *,
        total: Decimal,
        currency: str,
        kind: str = "order",
    ) -> None:
        """Reserve (SKU, warehouse, units) for a draft; NotPossible when a name is unknown or the order is refused."""
        self._in_state(order, "draft")
        goods = tuple(goods)
        for sku, warehouse, units in goods:
            self._known(sku, warehouse)
            if units < 1:
                raise NotPossible("a quantity must be at least 1")
        self._refused(order, [sku for sku, _, _ in goods])
        order.status, order.total, order.currency = "open", total, currency
        for sku, warehouse, units in goods:
            order.allotments.setdefault((sku, warehouse), Allotment()).quantity += units
        for shelf, allotment in order.allotments.items():
            self._counts(shelf).reserved += allotment.quantity
            self._moved(kind, shelf, -allotment.quantity, 0, order)
        if not order.allotments:
            self._moved(kind, None, 0, 0, order)

    def discard(self, order: BookedOrder) -> None:
        """A draft is thrown away; nobody ever held it."""
        self._in_state(order, "draft")
        order.status, order.changed_at = "cancelled", self.now()
        order.facts["discarded"] = True

    def cancel(self, order: BookedOrder) -> None:
        """Free what an open order holds; NotPossible once goods have left."""
        self._in_state(order, "open")
        if any(allotment.shipped for allotment in order.allotments.values()):
            raise NotPossible("goods of this document have left already")
        order.status = "cancelled"
        for shelf, allotment in order.allotments.items():
            self._counts(shelf).reserved -= allotment.quantity
            self._moved("cancel", shelf, allotment.quantity, 0, order)
        if not order.allotments:
            self._moved("cancel", None, 0, 0, order)

    def amend(self, order: BookedOrder, goods: Iterable[tuple[str, str, int]], *, total: Decimal) -> None:
        """Let an order promise other units; NotPossible below what has left."""
        self._in_state(order, "open", "shipped")
        wanted: dict[Shelf, int] = {}
        for sku, warehouse, units in goods:
            self._known(sku, warehouse)
            wanted[sku, warehouse] = wanted.get((sku, warehouse), 0) + units
        for shelf in wanted.keys() | order.allotments.keys():
            if wanted.get(shelf, 0) < order.allotments.get(shelf, Allotment()).shipped:
                raise NotPossible("goods of this document have left already")
        for shelf in sorted(wanted.keys() | order.allotments.keys()):
            allotment = order.allotments.setdefault(shelf, Allotment())
            change = wanted.get(shelf, 0) - allotment.quantity
            allotment.quantity += change
            self._counts(shelf).reserved += change
            if change:
                self._moved("amend", shelf, -change, 0, order)
            if not allotment.quantity and not allotment.returned:
                del order.allotments[shelf]
        order.total = total
        self._judge(order)

    def reopen(self, order: BookedOrder) -> None:
        """Let a cancelled order hold again what it held."""
        self._in_state(order, "cancelled")
        order.status = "open"
        for shelf, allotment in order.allotments.items():
            held = allotment.quantity - allotment.shipped
            self._counts(shelf).reserved += held
            self._moved("order", shelf, -held, 0, order)

    def reroute(self, order: BookedOrder, sku: str, origin: str, warehouse: str, units: int) -> None:
        """Let unshipped units leave from another warehouse."""
        self._in_state(order, "open", "cancelled")
        self._known(sku, warehouse)
        here = order.allotments.get((sku, origin), Allotment())
        if not 0 < units <= here.quantity - here.shipped or warehouse == origin:
            raise NotPossible("not that many units are left to move there")
        here.quantity -= units
        if not here.quantity and not here.returned:
            del order.allotments[sku, origin]
        order.allotments.setdefault((sku, warehouse), Allotment()).quantity += units
        held = units if order.status == "open" else 0
        self._counts((sku, origin)).reserved -= held
        self._counts((sku, warehouse)).reserved += held
        self._moved("reroute", (sku, origin), held, 0, order)
        self._moved("reroute", (sku, warehouse), -held, 0, order)

    def allot(self, order: BookedOrder, sku: str, warehouse: str, units: int) -> None:
        """Promise so many more units from a shelf, or fewer when negative; never fewer than have left."""
        self._in_state(order, "open", "shipped", "cancelled")
        if units > 0:
            self._known(sku, warehouse)
        allotment = order.allotments.get((sku, warehouse), Allotment())
        if allotment.quantity + units < allotment.shipped:
            raise NotPossible("goods of this document have left already")
        order.allotments[sku, warehouse] = allotment
        allotment.quantity += units
        held = 0 if order.status == "cancelled" else units
        self._counts((sku, warehouse)).reserved += held
        self._moved("reroute", (sku, warehouse), -held, 0, order)
        if not allotment.quantity and not allotment.returned:
            del order.allotments[sku, warehouse]
        self._judge(order)

    def ship(self, order: BookedOrder, sku: str, warehouse: str, units: int) -> None:
        """Units leave; the order is shipped once all of it has left. A cancelled order may leave all the same."""
        self._in_state(order, "open", "cancelled")
        shelf = (sku, warehouse)
        allotment = order.allotments.get(shelf, Allotment())
        if not 0 < units <= allotment.quantity - allotment.shipped:
            raise NotPossible("the document has not that many units to ship from there")
        if self._counts(shelf).on_hand < units and not self._below_zero:
            raise NotPossible("not that many units are on the shelf")
        allotment.shipped += units
        allotment.shipped_at = self.now()
        held = order.status == "open"
        self._counts(shelf).on_hand -= units
        self._counts(shelf).reserved -= units if held else 0
        self._moved("ship", shelf, 0 if held else -units, -units, order)
        self._judge(order)

    def take_back(self, order: BookedOrder, sku: str, warehouse: str, units: int) -> None:
        """Units that had left come back into stock, here or elsewhere."""
        self._known(sku, warehouse)
        out = sum(each.shipped - each.returned for shelf, each in order.allotments.items() if shelf[0] == sku)
        if not 0 < units <= out:
            raise NotPossible("more units would come back than have left")
        order.allotments.setdefault((sku, warehouse), Allotment()).returned += units
        self._counts((sku, warehouse)).on_hand += units
        self._moved("return", (sku, warehouse), units, units, order)

    def by_ref(self, ref: str) -> list[BookedOrder]:
        """Every document with this external reference, oldest first; discarded drafts are left out."""
        return [one for one in self.orders.values() if one.ref == ref and not one.facts.get("discarded")]

    # --- stock -------------------------------------------------------------------------------------------------
    def enter(self, sku: str, warehouse: str, kind: str, units: int) -> None:
        """Goods received, counted or lost."""
        self._known(sku, warehouse)
        counts = self._counts((sku, warehouse))
        if units == 0 or counts.on_hand + units < 0:
            raise NotPossible("not that many units are on the shelf")
        counts.on_hand += units
        self._moved(kind, (sku, warehouse), units, units, None)

    def transfer(self, sku: str, origin: str, warehouse: str, units: int) -> None:
        """Free goods leave one warehouse at once and reach the other after a while."""
        self._known(sku, origin)
        self._known(sku, warehouse)
        if units < 1 or self.free(sku, origin) < units or origin == warehouse:
            raise NotPossible(f"only {self.free(sku, origin)} free")
        self.enter(sku, origin, "transfer_out", -units)
        self.transits.append(Transit(sku, origin, warehouse, units, self.now() + self._transit_seconds))

    def arrive(self, *, everything: bool = False) -> int:
        """Goods under way arrive: those that are due, or all; how many transfers."""
        due = [one for one in self.transits if everything or one.due_at <= self.now()]
        self.transits = [one for one in self.transits if one not in due]
        for one in due:
            self.enter(one.sku, one.warehouse, "transfer_in", one.units)
        return len(due)

    def free(self, sku: str, warehouse: str) -> int:
        """Units nobody was promised."""
        counts = self.shelves.get((sku, warehouse), Counts())
        return counts.on_hand - counts.reserved

    # --- trouble and truth -------------------------------------------------------------------------------------
    def refuse_orders(self, match: str, message: str, count: int | None) -> None:
        """Refuse orders with this SKU (`*`: any) with these words, so often or until `accept_orders`."""
        self._refuse = (match, message, count)

    def accept_orders(self) -> None:
        """Refuse nothing any more."""
        self._refuse = None

    def _refused(self, order: BookedOrder, skus: Iterable[str]) -> None:
        if self._refuse is None or order.ref is None:
            return
        match, message, count = self._refuse
        if match != "*" and match not in skus:
            return
        self._refuse = None if count is not None and count <= 1 else (match, message, count and count - 1)
        self.refusals.append((order.ref, message))
        raise OrderRefused(message)

    def _judge(self, order: BookedOrder) -> None:
        """An order is shipped once something has left and nothing is to leave any more."""
        if order.status in ("open", "shipped"):
            waiting = any(each.shipped < each.quantity for each in order.allotments.values())
            gone = any(each.shipped for each in order.allotments.values())
            order.status = "shipped" if gone and not waiting else "open"

    def _in_state(self, order: BookedOrder, *states: Status) -> None:
        if order.status not in states:
            raise NotPossible(f"a document that is {order.status} does not allow this")

    def _known(self, sku: str, warehouse: str) -> None:
        if sku not in self.products:
            raise NotPossible(f"unknown product {sku}")
        if warehouse not in self.warehouses or warehouse in self.closed:
            raise NotPossible(f"unknown or closed warehouse {warehouse}")

    def _counts(self, shelf: Shelf) -> Counts:
        return self.shelves.setdefault(shelf, Counts())

    def _moved(
        self, kind: str, shelf: Shelf | None, delta: int, on_hand_delta: int, order: BookedOrder | None
    ) -> None:
        if order is not None:
            order.changed_at = self.now()
        sku, warehouse = shelf or (None, None)
        line = Movement(
            len(self.log) + 1,
            self.now(),
            sku,
            warehouse,
            kind,
            delta,
            on_hand_delta,
            order.id if order else None,
            order.ref if order else None,
        )
        self.log.append(line)
        for listener in self.listeners:
            listener(line)

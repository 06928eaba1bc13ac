"""The shop: levels, orders, and compare-and-swap writes that act once per key."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from engine.model.ids import LocationId, OrderId
from engine.model.money import Money, MoneyBag
from engine.model.order import Fulfilment, FulfilmentOrder, Order, OrderLine, Refund, RefundLine
from tests.stock.world.places import LOCATIONS, SKU

ZERO = MoneyBag(Money(0, "EUR"), Money(0, "EUR"))  # type: ignore[arg-type]


class Sale:
    """One order as Shopify has it."""

    def __init__(self, number: int, quantity: int, placed: datetime) -> None:
        self.id = OrderId(f"o{number}")
        self.quantity = quantity
        self.released = 0
        """Units cancelled or edited away before they left."""
        self.open: Counter[LocationId] = Counter()
        self.left: list[tuple[LocationId, int, datetime]] = []
        self.back: list[tuple[LocationId, int]] = []
        self.cancelled: datetime | None = None
        self.placed = self.updated = placed
        self.visible_from = 0
        self.listed: datetime | None = None
        self._view: Order | None = None

    def fulfilled(self, location: LocationId | None = None) -> int:
        """Units that left, from one location or in all."""
        return sum(units for where, units, _ in self.left if location in (None, where))

    def touched(self, now: datetime) -> None:
        """It changed."""
        self.updated, self._view = now, None

    def view(self) -> Order:
        """As a read by id gives it."""
        if self._view is None:
            line = OrderLine("l", SKU, "Mug", self.quantity, self.quantity - self.released, ZERO)
            gone = [
                Fulfilment(f"{self.id}f{n}", "SUCCESS", where, when, (("l", units),))
                for n, (where, units, when) in enumerate(self.left)
            ]
            given = [
                Refund(f"{self.id}r{n}", self.updated, (RefundLine("l", units, "RETURN", where),))
                for n, (where, units) in enumerate(self.back)
            ]
            self._view = Order(
                id=self.id, name=self.id, created_at=self.placed, updated_at=self.updated, currency="EUR",
                cancelled_at=self.cancelled, presentment_currency="EUR", taxes_included=False, lines=(line,), total=ZERO,
                fulfilment_orders=tuple(
                    FulfilmentOrder(f"{self.id}@{where}", "OPEN", where, (("l", units),))
                    for where, units in self.open.items()
                    if units
                ),
                fulfilments=tuple(gone), refunds=tuple(given),
            )  # fmt: skip
        return self._view


class Shop:
    """Levels and orders."""

    def __init__(self, on_hand: dict[LocationId, int]) -> None:
        self.on_hand = dict(on_hand)
        self.sales: list[Sale] = []
        self._answered: set[str] = set()

    def committed(self, location: LocationId) -> int:
        """Units promised from a location."""
        return sum(sale.open[location] for sale in self.sales)

    def available(self, location: LocationId) -> int:
        """Units a buyer can still order there."""
        return self.on_hand[location] - self.committed(location)

    def place(
        self, quantity: int, location: LocationId, now: datetime, elsewhere: LocationId | None = None
    ) -> Sale:
        """A buyer orders; one unit of it is to leave from `elsewhere`."""
        sale = Sale(len(self.sales), quantity, now)
        sale.open[location] = quantity
        if elsewhere is not None:
            sale.open.update({location: -1, elsewhere: 1})
        self.sales.append(sale)
        return sale

    def fulfil(self, sale: Sale, location: LocationId, units: int, now: datetime) -> None:
        """Units of a sale leave a location."""
        sale.open[location] -= units
        sale.left.append((location, units, now))
        self.on_hand[location] -= units
        sale.touched(now)

    def move(self, sale: Sale, origin: LocationId, target: LocationId, units: int, now: datetime) -> None:
        """Open units are to leave from another location."""
        moved = min(units, sale.open[origin])
        sale.open[origin] -= moved
        sale.open[target] += moved
        sale.touched(now)

    def release(self, sale: Sale, units: int, now: datetime) -> None:
        """Open units are taken off the order; the whole order is cancelled when nothing of it is left."""
        sale.released += units
        for location in LOCATIONS:
            taken = min(units, sale.open[location])
            sale.open[location] -= taken
            units -= taken
        if sale.released == sale.quantity:
            sale.cancelled = now
        sale.touched(now)

    def restock(self, sale: Sale, location: LocationId, units: int, now: datetime) -> None:
        """Units are refunded and put back on a shelf."""
        sale.back.append((location, units))
        self.on_hand[location] += units
        sale.touched(now)

    def has_answered(self, key: str) -> bool:
        """A write of that key was applied."""
        return key in self._answered

    def swap(
        self, writes: Sequence[tuple[LocationId, int, int]], key: str, *, blind: bool = False
    ) -> list[LocationId]:
        """Set (location, compared against, quantity), all or none; the locations that were stale.

        As in Shopify, a quantity below zero is refused (INVALID_QUANTITY_NEGATIVE), here as a fault of the rule.
        """
        assert all(quantity >= 0 for _, _, quantity in writes), writes
        if key in self._answered:
            return []
        stale = [where for where, before, _ in writes if self.on_hand[where] != before and not blind]
        if not stale:
            self._answered.add(key)
            self.on_hand.update({where: quantity for where, _, quantity in writes})
        return stale

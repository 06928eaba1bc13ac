"""The world of one shop: articles, levels, orders, and the indexes that keep every look-up short."""

import random
from bisect import bisect_left, insort
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from decimal import Decimal
from typing import Any

from adapters.shopify.sandbox.clock import ShopClock
from adapters.shopify.sandbox.merchandise import Merchandise
from adapters.shopify.sandbox.price_lists import Catalogue, PriceList
from adapters.shopify.sandbox.things import (
    Act,
    Fulfilment,
    FulfilmentOrder,
    Item,
    Level,
    Line,
    Location,
    Order,
    Refund,
    SandboxSku,
    Transaction,
    gid,
)

Emit = Callable[[str, Any], None]
BLOCK = 1_000_000_000
"""Numbers of one shop."""


class SoldOut(Exception):
    """No place has enough units to take the order."""


class NotPossible(Exception):
    """A person asks for something the shop does not allow."""


class Shop:
    """Everything that is true in the sandbox. Touched by one event loop only, so it needs no further lock."""

    def __init__(
        self,
        *,
        seed: int,
        skus: Sequence[SandboxSku],
        locations: Sequence[str],
        stock: Mapping[tuple[str, int], int],
        unstocked: Collection[tuple[str, int]] = (),
        currency: str = "USD",
        domain: str = "sandbox-shop.myshopify.com",
        clock: ShopClock = ShopClock(),  # noqa: B008 - frozen and without state
        block: int = 0,
    ) -> None:
        """Open a shop in which every article is stocked everywhere, with nothing on hand unless `stock` says so.

        Shopify's numbers are one series for all shops; shops with different `block` never give the same number.
        """
        self.random = random.Random(seed)
        self.currency = currency
        self.domain = domain
        self.name = "Sandbox Shop"
        self.clock = clock
        self.opened_at = self.clock.now()
        self.emit: Emit = lambda topic, subject: None
        first = block * BLOCK
        self._last = first + 1000
        self.locations = {n: Location(n, name, self.opened_at) for n, name in enumerate(locations, first + 1)}
        self.items: dict[int, Item] = {}
        self.by_sku: dict[str, Item] = {}
        self.by_variant: dict[int, Item] = {}
        self.by_product: dict[int, Item] = {}
        self.products: dict[int, list[Item]] = {}
        """Variants by product, in their order; `by_product` has the first."""
        self.levels: dict[int, Level] = {}
        self.orders: dict[int, Order] = {}
        self.lines: dict[int, Order] = {}
        self.fulfilment_orders: dict[int, FulfilmentOrder] = {}
        self.fulfilments: dict[int, Fulfilment] = {}
        self.refunds: dict[int, Refund] = {}
        self.transactions: dict[int, Transaction] = {}
        self.adjustments: dict[int, Any] = {}
        self.jobs: dict[str, bool] = {}
        self.orders_by_update: list[tuple[float, int]] = []
        self.writes: list[dict[str, Any]] = []
        self.mutations: Counter[str] = Counter()
        self.received: dict[str, Counter[str]] = {}
        """Fields each mutation was given, by how many calls."""
        self.catalogues: dict[int, Catalogue] = {}
        self.product_metafields: dict[tuple[int, str, str], dict[str, object]] = {}
        """By product, namespace and key."""
        self.price_lists: dict[int, PriceList] = {}
        self.fact_writes: list[dict[str, Any]] = []
        self._stock_up(skus, stock, frozenset(unstocked))
        self.item_numbers = sorted(self.items)

    def _stock_up(
        self,
        skus: Sequence[SandboxSku],
        stock: Mapping[tuple[str, int], int],
        unstocked: Collection[tuple[str, int]],
    ) -> None:
        first: dict[str, Item] = {}
        for entry in skus:
            now = self.clock.now()
            number, variant, product = self.next(), self.next(), self.next()
            one = first.get(entry.product)
            shown = one.shown if one else Merchandise(entry.product or entry.title, entry.sku.lower())
            of = one.product if one else product
            item = Item(number, variant, of, entry.sku, entry.title, Decimal(entry.price), now, now, shown)
            if entry.product:
                first.setdefault(entry.product, item)
            self.items[item.number] = self.by_variant[item.variant] = item
            self.by_sku.setdefault(item.sku, item)
            self.by_product.setdefault(item.product, item)
            self.products.setdefault(item.product, []).append(item)
            for index, location in enumerate(self.locations.values()):
                if (entry.sku, index) not in unstocked:
                    self.connect(item, location).units["available"] = stock.get((entry.sku, index), 0)

    def next(self) -> int:
        """A number nobody has."""
        self._last += self.random.randint(1, 7)
        return self._last

    def connect(self, item: Item, location: Location, *, active: bool = True) -> Level:
        """The level of an item at a location, made when it is not there."""
        level = item.levels.get(location.number)
        if level is None:
            level = Level(self.next(), item, location, self.clock.now(), self.clock.now(), active)
            item.levels[location.number] = self.levels[level.number] = level
        return level

    def shift(self, item: Item, location: Location, **deltas: int) -> Level:
        """Move units between states of a level and tell the world."""
        level = self.connect(item, location)
        for state, delta in deltas.items():
            level.units[state] += delta
        self.touch_level(level)
        return level

    def touch_level(self, level: Level) -> None:
        """Stamp a level and tell the world."""
        level.updated_at = self.clock.now()
        self.emit("inventory_levels/update", level)

    def add_order(self, order: Order) -> None:
        """Let an order into the books."""
        self.orders[order.number] = order
        insort(self.orders_by_update, (order.updated_at.timestamp(), order.number))
        for line in order.lines:
            self.lines[line.number] = order

    def touch_order(self, order: Order, *, silent: bool = False) -> None:
        """Stamp an order and tell the world that it changed."""
        self.unlist(order)
        order.updated_at = max(self.clock.now(), order.updated_at)
        insort(self.orders_by_update, (order.updated_at.timestamp(), order.number))
        if not silent:
            self.emit("orders/updated", order)

    def unlist(self, order: Order) -> None:
        """Take an order out of the index by time of change."""
        entry = (order.updated_at.timestamp(), order.number)
        at = bisect_left(self.orders_by_update, entry)
        if at < len(self.orders_by_update) and self.orders_by_update[at] == entry:
            del self.orders_by_update[at]

    def place(self, said: Any) -> Location:
        """A location by global id or by its index from zero."""
        if isinstance(said, int):
            found = self.locations.get(said + 1)
        else:
            found = next((p for p in self.locations.values() if said in (p.gid, p.name)), None)
        if found is None:
            raise NotPossible(f"no such location: {said}")
        return found

    def article(self, sku: Any) -> Item:
        """An article by SKU."""
        if sku not in self.by_sku:
            raise NotPossible(f"no such sku: {sku}")
        return self.by_sku[sku]

    def order(self, said: Any) -> Order:
        """An order by global id, by number or by name."""
        text = str(said)
        for part in (text.rsplit("/", 1)[-1],):
            if part.isdigit() and int(part) in self.orders:
                return self.orders[int(part)]
        for order in self.orders.values():
            if order.name == text:
                return order
        raise NotPossible(f"no such order: {said}")

    def note_write(self, level: Level, name: str, before: int, after: int) -> None:
        """Remember what an API client wrote."""
        self.writes.append(
            {
                "at": self.clock.wall(),
                "sku": level.item.sku,
                "location": level.location.gid,
                "name": name,
                "from": before,
                "to": after,
                "available_after": level.units["available"],
            }
        )

    def note_act(
        self,
        order: Order,
        kind: str,
        line: Line,
        units: int,
        place: Location,
        *,
        restock: bool = False,
        to: Location | None = None,
    ) -> None:
        """Remember what happened to units of a line, and when."""
        order.acts.append(Act(self.clock.wall(), kind, line, units, place, restock, to))

    def note_facts(self, items: Sequence[Item], root: str) -> None:
        """Remember which variants an API client wrote to."""
        self.fact_writes.append({"at": self.clock.wall(), "root": root, "skus": [item.sku for item in items]})

    def rename(self, item: Item, sku: str) -> None:
        """Another SKU; Shopify does not mind whether somebody has it already. What was sold before keeps the old one."""
        if self.by_sku.get(item.sku) is item:
            del self.by_sku[item.sku]
        item.sku = sku
        item.updated_at = self.clock.now()
        self.by_sku.setdefault(sku, item)

    def new_job(self) -> str:
        """The id of something that is being done."""
        job = gid("Job", self.next())
        self.jobs[job] = False
        return job

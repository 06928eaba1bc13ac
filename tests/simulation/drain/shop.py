"""A shop of stated latency and rate: every call waits its turn for points, as an API client that is paced does."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from math import inf
from typing import Any

from engine.model.ids import ItemId, LocationId, OrderId, Sku
from engine.model.money import Money, MoneyBag
from engine.model.order import FulfilmentOrder, Order, OrderLine, Transaction
from engine.model.stock import LevelRefusal, LevelWrite, ShopLevel
from engine.ports import OrderStub, Place, Subscription

HERE = LocationId("gid://shopify/Location/1")
PRICE = Decimal("12.50")
READ_SECONDS, WRITE_SECONDS = 0.15, 0.3
POINTS_A_SECOND, BUCKET = 1000.0, 20_000.0
"""The rate of a large shop: one with five orders a second has that plan."""
ORDER_POINTS, LEVEL_POINTS, WRITE_POINTS = 25.0, 1.0, 10.0


class Points:
    """A leaky bucket with a queue: calls pass in the order in which they came."""

    def __init__(self, rate: float = POINTS_A_SECOND, bucket: float = BUCKET) -> None:
        self._rate, self._bucket = rate, bucket
        self._until = 0.0
        """When everything granted so far has leaked out."""
        self.longest = 0.0
        """The longest wait of a call, in seconds."""

    async def take(self, points: float) -> None:
        """Wait until the bucket holds so many."""
        now = asyncio.get_running_loop().time()
        self._until = max(self._until, now) + points / self._rate
        wait = max(0.0, self._until - now - self._bucket / self._rate)
        self.longest = max(self.longest, wait)
        await asyncio.sleep(wait)


class Shop:
    """Levels of one location, and orders of one line each, made up when they are read."""

    def __init__(self, skus: Sequence[Sku], on_hand: int, at: Callable[[], datetime]) -> None:
        self.skus, self._at = skus, at
        self.on_hand = dict.fromkeys(skus, on_hand)
        self.committed: dict[Sku, int] = defaultdict(int)
        self.placed: dict[int, datetime] = {}
        """When each order was placed, by number."""
        self.points = Points()
        self.written: Callable[[Sku, int], None] = lambda sku, quantity: None

    def place(self, number: int, at: datetime) -> OrderId:
        """A buyer buys one unit."""
        self.placed[number] = at
        self.committed[self.sku_of(number)] += 1
        return order_id(number)

    def sku_of(self, number: int) -> Sku:
        """Which article an order is about."""
        return self.skus[number % len(self.skus)]

    async def scopes(self) -> frozenset[str]:
        return frozenset()

    async def locations(self) -> tuple[Place, ...]:
        await self._answer(READ_SECONDS, 10)
        return (Place(HERE, "Here", True),)

    async def levels(self) -> AsyncIterator[tuple[ShopLevel, ...]]:
        for start in range(0, len(self.skus), 250):
            await self._answer(READ_SECONDS, 250 * LEVEL_POINTS)
            yield tuple(self._level(sku) for sku in self.skus[start : start + 250])

    async def is_large(self) -> bool:
        return False

    def export_levels(self) -> AsyncIterator[tuple[ShopLevel, ...]]:
        return self.levels()

    async def read_levels(
        self, items: Collection[ItemId], locations: Collection[LocationId]
    ) -> tuple[ShopLevel, ...]:
        await self._answer(READ_SECONDS, len(items) * LEVEL_POINTS)
        return tuple(self._level(Sku(item.rpartition("/")[2])) for item in items)

    async def set_on_hand(
        self, writes: Sequence[LevelWrite], *, key: str, until: float = inf
    ) -> tuple[LevelRefusal, ...]:
        await self._answer(WRITE_SECONDS, WRITE_POINTS)
        stale = [write for write in writes if self.on_hand[write.sku] != write.change_from]
        if stale:
            return tuple(LevelRefusal(write, True, "CHANGE_FROM_QUANTITY_STALE", "stale") for write in stale)
        for write in writes:
            self.on_hand[write.sku] = write.quantity
            self.written(write.sku, write.quantity)
        return ()

    async def activate(self, item: ItemId, location: LocationId, *, key: str) -> None:
        raise AssertionError("every level is active")

    @property
    def dated(self) -> None:
        """It withholds its clock."""
        return

    async def read_order(self, order: OrderId) -> Order | None:
        await self._answer(READ_SECONDS, ORDER_POINTS)
        number = int(order.rpartition("/")[2])
        return self._order(number) if number in self.placed else None

    async def orders_changed(self, since: datetime) -> tuple[OrderStub, ...]:
        found: list[OrderStub] = []
        for number, at in reversed(self.placed.items()):
            if at < since:
                break
            found.append(OrderStub(order_id(number), at))
        await self._answer(READ_SECONDS * (1 + len(found) // 250), 1.0 + len(found))
        return tuple(reversed(found))

    async def fulfil(self, *_: Any, key: str) -> None:
        raise AssertionError("nothing is shipped here")

    async def track(self, *_: Any) -> None:
        raise AssertionError("nothing is shipped here")

    async def move_fulfilment_order(self, fulfilment_order: str, location: LocationId, *, key: str) -> None:
        raise AssertionError("nothing is moved here")

    async def cancel_order(self, order: OrderId, *, key: str) -> None:
        raise AssertionError("nothing is cancelled here")

    async def subscriptions(self) -> tuple[Subscription, ...]:
        return ()

    async def subscribe(self, topic: str, uri: str) -> None:
        raise AssertionError("there is no listener")

    async def aclose(self) -> None:
        """Nothing is open."""

    async def _answer(self, seconds: float, points: float) -> None:
        await self.points.take(points)
        await asyncio.sleep(seconds)

    def _level(self, sku: Sku) -> ShopLevel:
        on_hand, committed = self.on_hand[sku], self.committed[sku]
        return ShopLevel(sku, item_of(sku), HERE, True, True, on_hand, on_hand - committed, committed)

    def _order(self, number: int) -> Order:
        price = MoneyBag(Money(PRICE, "EUR"), Money(PRICE, "EUR"))
        line, at = f"gid://shopify/LineItem/{number}", self.placed[number]
        return Order(
            id=order_id(number),
            name=f"#{number}",
            created_at=at,
            updated_at=at,
            cancelled_at=None,
            currency="EUR",
            presentment_currency="EUR",
            taxes_included=True,
            lines=(OrderLine(line, self.sku_of(number), "Article", 1, 1, price),),
            total=price,
            transactions=(Transaction(f"gid://shopify/OrderTransaction/{number}", "SALE", "SUCCESS", "cards", price),),
            fulfilment_orders=(FulfilmentOrder(f"gid://shopify/FulfillmentOrder/{number}", "OPEN", HERE, ((line, 1),)),),
        )  # fmt: skip


def order_id(number: int) -> OrderId:
    """The reference of an order."""
    return OrderId(f"gid://shopify/Order/{number}")


def item_of(sku: Sku) -> ItemId:
    """The inventory item of an article."""
    return ItemId(f"gid://shopify/InventoryItem/{sku}")


def second(at: datetime) -> datetime:
    """Shopify dates to the second."""
    return at - timedelta(microseconds=at.microsecond)

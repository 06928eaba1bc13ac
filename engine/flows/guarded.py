"""The neighbours behind their gates: same ports, every call counted, limited and allowed."""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from math import inf
from typing import TypeVar

from engine.delivery.breaker import Kind
from engine.flows.bulkhead import Rooms
from engine.flows.gate import Gate, Watcher
from engine.model.entry import Entry
from engine.model.ids import DocumentId, ItemId, LocationId, OrderId, Sku, WarehouseId
from engine.model.order import Order
from engine.model.remit import EVERY, Deed, Licence, Subject
from engine.model.sale import Document, Parcel, SalesDocument
from engine.model.stock import LevelRefusal, LevelWrite, ShopLevel, StockSnapshot
from engine.ports import (
    Allowed,
    BackOffice,
    Capabilities,
    Changes,
    Metered,
    OrderStub,
    Place,
    Rationed,
    Storefront,
    Subscription,
)

T = TypeVar("T")
SHOP, BACK_OFFICE = "shop", "back office"
BOOK, SEND = frozenset({Subject.ORDERS}), frozenset({Subject.FULFILMENT})
SHELVE = frozenset({Subject.STOCK})
SHOP_CALLS = 16
"""Calls to the shop at a time, half of them reads; its own throttle decides how many it answers."""


class Gates:
    """A remote's two gates."""

    def __init__(self, watcher: Watcher, remote: str, rooms: Rooms) -> None:
        self.read = Gate(watcher, remote, Kind.READ, rooms.reads, lambda: self.read.last_ok)
        self.write = Gate(watcher, remote, Kind.WRITE, rooms.writes, lambda: self.read.last_ok)

    def closed_for(self) -> timedelta:
        """How long it is of no use to ask for anything that needs both."""
        return max(self.read.closed_for(), self.write.closed_for())

    async def pages(self, source: AsyncIterator[T]) -> AsyncIterator[T]:
        """Page by page, each page a call."""
        while True:
            page = await self.read.call(lambda: _page(source))
            if page is None:
                return
            yield page


async def _page(source: AsyncIterator[T]) -> T | None:
    try:
        return await anext(source)
    except StopAsyncIteration:
        return None


class GuardedStorefront:
    """A storefront behind gates, told only what is ours to tell, without levels that another back office owns."""

    def __init__(
        self, shop: Storefront, gates: Gates, licence: Licence, theirs: frozenset[LocationId] = frozenset()
    ) -> None:
        self._shop, self._licence, self._theirs = shop, licence, theirs
        self._read, self._write, self._pages = gates.read.call, gates.write.call, gates.pages

    def allowed(self) -> Allowed | None:
        """What it lets us ask, as far as it says so."""
        return self._shop.allowed() if isinstance(self._shop, Metered) else None

    async def scopes(self) -> frozenset[str]:
        return await self._read(self._shop.scopes)

    @property
    def dated(self) -> datetime | None:
        return self._shop.dated

    async def now(self) -> datetime:
        return await self._read(self._shop.now)

    async def locations(self) -> tuple[Place, ...]:
        return await self._read(self._shop.locations)

    def levels(self) -> AsyncIterator[tuple[ShopLevel, ...]]:
        return self._ours(self._shop.levels())

    async def is_large(self) -> bool:
        if self._licence.remit.nothing:
            return False  # an export is asked for by a mutation
        return await self._read(self._shop.is_large)

    def export_levels(self) -> AsyncIterator[tuple[ShopLevel, ...]]:
        return self._ours(self._shop.export_levels())

    async def _ours(
        self, pages: AsyncIterator[tuple[ShopLevel, ...]]
    ) -> AsyncIterator[tuple[ShopLevel, ...]]:
        async for page in self._pages(pages):
            yield tuple(level for level in page if level.location not in self._theirs)

    async def read_levels(
        self, items: Collection[ItemId], locations: Collection[LocationId]
    ) -> tuple[ShopLevel, ...]:
        return await self._read(lambda: self._shop.read_levels(items, locations))

    async def set_on_hand(
        self, writes: Sequence[LevelWrite], *, key: str, until: float = inf
    ) -> tuple[LevelRefusal, ...]:
        self._licence.check([Deed("a level", SHELVE, write.location) for write in writes])
        return await self._write(lambda: self._shop.set_on_hand(writes, key=key, until=until), until=until)

    async def activate(self, item: ItemId, location: LocationId, *, key: str) -> None:
        self._licence.check([Deed("stocking an item", SHELVE, location)])
        await self._write(lambda: self._shop.activate(item, location, key=key))

    async def read_order(self, order: OrderId) -> Order | None:
        return await self._read(lambda: self._shop.read_order(order))

    async def orders_changed(self, since: datetime) -> tuple[OrderStub, ...]:
        return await self._read(lambda: self._shop.orders_changed(since))

    async def fulfil(
        self,
        order: OrderId,
        fulfilment_order: str,
        lines: Mapping[str, int],
        parcels: Sequence[Parcel] = (),
        *,
        key: str,
    ) -> None:
        self._licence.check([Deed("a fulfilment", SEND)])
        await self._write(lambda: self._shop.fulfil(order, fulfilment_order, lines, parcels, key=key))

    async def track(self, fulfilment: str, parcels: Sequence[Parcel]) -> None:
        """See `engine.ports.Storefront.track`."""
        self._licence.check([Deed("tracking numbers", SEND)])
        await self._write(lambda: self._shop.track(fulfilment, parcels))

    async def move_fulfilment_order(
        self, fulfilment_order: str, location: LocationId, lines: Mapping[str, int], *, key: str
    ) -> None:
        self._licence.check([Deed("moving a fulfilment order", SEND)])
        await self._write(
            lambda: self._shop.move_fulfilment_order(fulfilment_order, location, lines, key=key)
        )

    async def cancel_order(self, order: OrderId, *, key: str) -> None:
        self._licence.check([Deed("cancelling an order", BOOK)])
        await self._write(lambda: self._shop.cancel_order(order, key=key))

    async def subscriptions(self) -> tuple[Subscription, ...]:
        return await self._read(self._shop.subscriptions)

    async def subscribe(self, topic: str, uri: str) -> None:
        self._licence.check([Deed("a webhook subscription", EVERY)])
        await self._write(lambda: self._shop.subscribe(topic, uri))

    async def aclose(self) -> None:
        await self._shop.aclose()


class GuardedBackOffice:
    """A back office behind gates, told only what is ours to tell."""

    def __init__(self, office: BackOffice, gates: Gates, licence: Licence) -> None:
        self._office, self._licence = office, licence
        self._read, self._write, self._pages = gates.read.call, gates.write.call, gates.pages

    @property
    def capabilities(self) -> Capabilities:
        return self._office.capabilities

    def allowed(self) -> Allowed | None:
        """What it lets us ask, as far as it says so."""
        return self._office.allowed() if isinstance(self._office, Metered) else None

    def spent(self) -> Mapping[datetime, int]:
        """Calls of its day or its month that are spent."""
        return self._office.spent() if isinstance(self._office, Rationed) else {}

    def recall(self, spent: Mapping[datetime, int]) -> None:
        """Count what was spent before a restart."""
        if isinstance(self._office, Rationed):
            self._office.recall(spent)

    async def warehouses(self) -> tuple[Place, ...]:
        return await self._read(self._office.warehouses)

    def products(self) -> AsyncIterator[tuple[Sku, ...]]:
        return self._pages(self._office.products())

    async def changes(self, cursor: str | None) -> Changes:
        return await self._read(lambda: self._office.changes(cursor))

    async def documents(self, refs: Collection[OrderId]) -> Mapping[OrderId, Document]:
        return await self._read(lambda: self._office.documents(refs))

    async def copies(self, refs: Collection[OrderId]) -> Mapping[OrderId, tuple[DocumentId, ...]]:
        return await self._read(lambda: self._office.copies(refs))

    async def stock(self, skus: Collection[Sku]) -> StockSnapshot:
        return await self._read(lambda: self._office.stock(skus))

    async def create(self, sale: SalesDocument) -> Document:
        self._licence.check([Deed("a document", BOOK)])
        return await self._write(lambda: self._office.create(sale))

    async def amend(self, document: DocumentId, sale: SalesDocument) -> Document:
        self._licence.check([Deed("amending a document", BOOK)])
        return await self._write(lambda: self._office.amend(document, sale))

    async def post(self, document: DocumentId, entry: Entry) -> Mapping[str, Decimal]:
        self._licence.check([Deed("money of an order", BOOK)])
        return await self._write(lambda: self._office.post(document, entry))

    async def bill(self, document: DocumentId) -> None:
        self._licence.check([Deed("the bill of a document", BOOK)])
        await self._write(lambda: self._office.bill(document))

    async def cancel(self, document: DocumentId) -> None:
        self._licence.check([Deed("cancelling a document", BOOK)])
        await self._write(lambda: self._office.cancel(document))

    async def reroute(self, document: DocumentId, moves: Mapping[Sku, WarehouseId]) -> None:
        self._licence.check([Deed("re-routing a document", SEND)])
        await self._write(lambda: self._office.reroute(document, moves))

    async def ship(self, document: DocumentId, units: Mapping[tuple[Sku, WarehouseId], int]) -> None:
        self._licence.check([Deed("a shipment", SEND)])
        await self._write(lambda: self._office.ship(document, units))

    async def take_back(
        self, document: DocumentId, units: Mapping[tuple[Sku, WarehouseId], int], *, key: str
    ) -> None:
        self._licence.check([Deed("a return", SEND)])
        await self._write(lambda: self._office.take_back(document, units, key=key))

    async def aclose(self) -> None:
        await self._office.aclose()

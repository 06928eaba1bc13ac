"""A back office made of rooms: what the port asks goes to the room that knows it.

A vendor's back office names its rooms in `__init__` and says itself what it can do and what it is made of; what is
the same for all stands here.
"""

from collections.abc import AsyncIterator, Collection, Mapping
from datetime import datetime
from typing import Protocol

from adapters.posting import not_billed
from adapters.quota import Budget
from engine.model.ids import DocumentId, OrderId, Sku, WarehouseId
from engine.model.product import OfficeProduct, ProductChanges
from engine.model.sale import Document, SalesDocument
from engine.model.stock import StockSnapshot
from engine.ports import Allowed, Changes, Place

Shelf = tuple[Sku, WarehouseId]


class Feeding(Protocol):
    """Tells what moved."""

    async def since(self, cursor: str | None) -> Changes:
        """See `engine.ports.BackOffice.changes`."""
        ...


class Reading(Protocol):
    """Reads documents."""

    async def by_refs(self, refs: Collection[OrderId]) -> Mapping[OrderId, Document]:
        """Our documents."""
        ...

    async def copies(self, refs: Collection[OrderId]) -> Mapping[OrderId, tuple[DocumentId, ...]]:
        """Documents of a reference that are not called off."""
        ...


class Counting(Protocol):
    """Reads snapshots of stock."""

    async def snapshot(self, skus: Collection[Sku]) -> StockSnapshot:
        """Stock of these SKUs everywhere."""
        ...


class Entering(Protocol):
    """Enters sales."""

    async def enter(self, sale: SalesDocument) -> Document:
        """The document of this sale, made or completed unless it is there."""
        ...


class Sending(Protocol):
    """Acts on goods of documents."""

    async def reroute(self, number: DocumentId, moves: Mapping[Sku, WarehouseId], /) -> None:
        """Let unshipped units leave from another place."""
        ...

    async def ship(self, number: DocumentId, units: Mapping[Shelf, int], /) -> None:
        """Book so many units in total as gone."""
        ...


class Cancelling(Sending, Protocol):
    """Calls documents off too."""

    async def cancel(self, number: DocumentId, /) -> None:
        """Call an unshipped document off."""
        ...


class Restocking(Protocol):
    """Books returns."""

    async def take_back(self, number: DocumentId, units: Mapping[Shelf, int], /, *, key: str) -> None:
        """Book returned units into stock, up to these totals."""
        ...


class Listing(Protocol):
    """Knows the places and the products of an account."""

    async def listed(self) -> tuple[Place, ...]:
        """All places, those no longer in use too."""
        ...

    async def stocked(self) -> tuple[Sku, ...]:
        """SKUs of all active stocked products."""
        ...


class Calls(Protocol):
    """Counts the calls an account answers."""

    def allowed(self) -> Allowed:
        """What is left of them."""
        ...


class Connection(Protocol):
    """Speaks to the remote."""

    async def aclose(self) -> None:
        """Close the connections."""
        ...


class Knowing(Protocol):
    """Reads articles and what changed of them."""

    def all(self) -> AsyncIterator[tuple[OfficeProduct, ...]]:
        """Every article, page by page."""
        ...

    async def named(self, skus: Collection[Sku]) -> Mapping[Sku, OfficeProduct]:
        """These; unknown and ambiguous SKUs are left out."""
        ...

    async def since(self, cursor: str | None) -> ProductChanges:
        """See `engine.products.ports.OfficeCatalogue.articles_changed`."""
        ...


class Telling:
    """The part of an office that tells of its articles: `engine.products.ports.OfficeCatalogue`."""

    _articles: Knowing

    async def articles(self) -> AsyncIterator[tuple[OfficeProduct, ...]]:
        """Every article that is or was sold, page by page."""
        async for page in self._articles.all():
            yield page

    async def read_articles(self, skus: Collection[Sku]) -> Mapping[Sku, OfficeProduct]:
        """These articles as they are now."""
        return await self._articles.named(skus)

    async def articles_changed(self, cursor: str | None) -> ProductChanges:
        """Articles that changed since the cursor."""
        return await self._articles.since(cursor)


class Office:
    """The part of `engine.ports.BackOffice` that every office of rooms answers alike."""

    _feed: Feeding
    _documents: Reading
    _shelves: Counting
    _selling: Entering
    _moving: Sending

    async def changes(self, cursor: str | None) -> Changes:
        """What moved since the cursor."""
        return await self._feed.since(cursor)

    async def documents(self, refs: Collection[OrderId]) -> Mapping[OrderId, Document]:
        """Our documents by the order of the shop, called-off ones too."""
        return await self._documents.by_refs(refs)

    async def copies(self, refs: Collection[OrderId]) -> Mapping[OrderId, tuple[DocumentId, ...]]:
        """Documents of an order of the shop that are not called off."""
        return await self._documents.copies(refs)

    async def stock(self, skus: Collection[Sku]) -> StockSnapshot:
        """Stock and promises of one moment."""
        return await self._shelves.snapshot(skus)

    async def create(self, sale: SalesDocument) -> Document:
        """Enter the order, or find and finish the one that is there."""
        return await self._selling.enter(sale)

    async def bill(self, document: DocumentId) -> None:
        """Most bill by themselves, or their people do."""
        raise not_billed()

    async def reroute(self, document: DocumentId, moves: Mapping[Sku, WarehouseId]) -> None:
        """Let unshipped units leave from another place."""
        await self._moving.reroute(document, moves)

    async def ship(self, document: DocumentId, units: Mapping[Shelf, int]) -> None:
        """Book so many units in total as gone."""
        await self._moving.ship(document, units)


class CountedOffice(Office):
    """One that answers a number of calls: its products are read at once, and its returns are documents."""

    _calls: Calls
    _places: Listing
    _moving: Cancelling
    _returning: Restocking
    _client: Connection

    def allowed(self) -> Allowed:
        """Calls of the account that are left."""
        return self._calls.allowed()

    def spent(self) -> Mapping[datetime, int]:
        """Calls of the day or the month, where the account has such a number of them."""
        return self._calls.quota.spent() if isinstance(self._calls, Budget) else {}

    def recall(self, spent: Mapping[datetime, int]) -> None:
        """Count what was spent before a restart."""
        if isinstance(self._calls, Budget):
            self._calls.quota.recall(spent)

    async def warehouses(self) -> tuple[Place, ...]:
        """All places goods leave from, those no longer in use too."""
        return await self._places.listed()

    async def products(self) -> AsyncIterator[tuple[Sku, ...]]:
        """SKUs of all active stocked products, in one page: stock is cheapest asked for all at once."""
        yield await self._places.stocked()

    async def cancel(self, document: DocumentId) -> None:
        """Call an unshipped document off."""
        await self._moving.cancel(document)

    async def take_back(self, document: DocumentId, units: Mapping[Shelf, int], *, key: str) -> None:
        """Book returned units up to these totals; `key` stands on the credit note for people."""
        await self._returning.take_back(document, units, key=key)

    async def aclose(self) -> None:
        """Close connections."""
        await self._client.aclose()

"""Cin7 Core as a back office.

Not confirmed with a live account, and built so that either answer is safe or a setting says so:
- whether the allowance of calls is counted by key or by account: taken as the account's (`calls_per_minute`);
- whether ExternalID is unique: taken as not;
- whether an order's total may differ from its lines by rounding: it is sent without any difference;
- negative additional charges: sent for cash that was rounded down, and refused there if they are not allowed;
- at which step of a fulfilment stock leaves: goods count as gone at the last, so that doubt errs low;
- whether a draft pick moves the reservation to the location of its lines: if it does not, doubt errs low;
- names of statuses beside AUTHORISED, DRAFT and VOIDED: none decides what a sale promises, its lines do.
"""

from collections.abc import AsyncIterator, Collection, Mapping
from datetime import datetime
from decimal import Decimal

import httpx

from adapters.amending import not_here
from adapters.cin7_core.budget import allowance_of
from adapters.cin7_core.client import Cin7CoreClient
from adapters.cin7_core.documents import Documents
from adapters.cin7_core.feed import Feed
from adapters.cin7_core.moving import Moving
from adapters.cin7_core.places import Places
from adapters.cin7_core.probe import probe
from adapters.cin7_core.returning import Returning
from adapters.cin7_core.sales import LONGEST_TRANSACTION, Sales
from adapters.cin7_core.selling import Selling, Terms
from adapters.cin7_core.shelves import Shelves
from adapters.external_ids import ExternalIds
from adapters.limits import Allowance
from adapters.posting import not_posted
from engine.model.clock import Clock
from engine.model.entry import Entry
from engine.model.ids import DocumentId, OrderId, Sku, WarehouseId
from engine.model.sale import Document, SalesDocument
from engine.model.stock import StockSnapshot
from engine.ports import Allowed, Capabilities, Changes, Place, Tier

HOST = "https://inventory.dearsystems.com/ExternalApi/v2"
TOGETHER = 4
"""Calls at the same time; the allowance of a minute is what limits them."""
NEVER_SLOW = float("inf")
"""Calls wait for their turn in the minute: how long an answer takes says nothing of the server."""


class Cin7CoreBackOffice:
    """Implements `engine.ports.BackOffice` over version 2 of the API."""

    def __init__(
        self,
        url: str = HOST,
        *,
        account: str,
        key: str,
        terms: Terms,
        clock: Clock,
        allowance: Allowance | None = None,
        prefix: str = "trueup-",
        since: datetime | None = None,
        events: bool = False,
        transport: httpx.AsyncBaseTransport | None = None,
        overlap_seconds: float = LONGEST_TRANSACTION,
        answer_seconds: float = 60.0,
    ) -> None:
        """`since`: no sale last changed before can be one of ours; `events`: its webhooks are taken in."""
        shared = allowance or allowance_of(url, account, clock)
        self._allowance = shared
        self._client = Cin7CoreClient(
            url,
            account=account,
            key=key,
            clock=clock,
            allowance=shared,
            together=TOGETHER,
            transport=transport,
            answer_seconds=answer_seconds,
        )
        ids = ExternalIds(prefix)
        self._events, self._terms = events, terms
        self._places = Places(self._client)
        self._sales = Sales(self._client, self._places, ids, clock, since=since, overlap=overlap_seconds)
        self._client.wrote = self._sales.changed
        self._documents = Documents(self._sales)
        self._shelves = Shelves(self._client, self._sales, clock)
        self._selling = Selling(self._client, self._places, self._sales, ids, terms)
        self._moving = Moving(
            self._client, self._places, self._documents, self._selling, self._shelves, clock
        )
        self._returning = Returning(self._client, self._places, self._documents, clock)
        self._feed = Feed(self._sales, self._shelves, clock, lambda: shared.per_second)

    @property
    def capabilities(self) -> Capabilities:
        """A shell first, then its order authorised by its id; changes are polled, webhooks only hint."""
        return Capabilities(
            "cin7_core",
            Tier.T1_5,
            settle_seconds=60.0,
            events=self._events,
            max_concurrency=TOGETHER,
            slow_seconds=NEVER_SLOW,
            credits_returns=True,
        )

    def allowed(self) -> Allowed:
        """Calls of the account's minute that nobody here has taken."""
        return self._allowance.allowed()

    async def warehouses(self) -> tuple[Place, ...]:
        """All locations, deprecated ones too, by name."""
        return await self._places.listed()

    async def products(self) -> AsyncIterator[tuple[Sku, ...]]:
        """SKUs of all active stocked products, in one page: stock is cheapest asked for all at once."""
        yield await self._places.stocked()

    async def changes(self, cursor: str | None) -> Changes:
        """What moved since the cursor."""
        return await self._feed.since(cursor)

    async def documents(self, refs: Collection[OrderId]) -> Mapping[OrderId, Document]:
        """Our authorised or voided sales by external id."""
        return await self._documents.by_refs(refs)

    async def copies(self, refs: Collection[OrderId]) -> Mapping[OrderId, tuple[DocumentId, ...]]:
        """Authorised sales of an external id."""
        return await self._documents.copies(refs)

    async def stock(self, skus: Collection[Sku]) -> StockSnapshot:
        """Stock and promises of one moment."""
        return await self._shelves.snapshot(skus)

    async def create(self, sale: SalesDocument) -> Document:
        """Enter the order, or find and finish the one that is there."""
        return await self._selling.enter(sale)

    async def amend(self, document: DocumentId, sale: SalesDocument) -> Document:
        """Not possible here."""
        raise not_here("Cin7 Core")

    async def post(self, document: DocumentId, entry: Entry) -> Mapping[str, Decimal]:
        """Not possible here."""
        raise not_posted("Cin7 Core")

    async def cancel(self, document: DocumentId) -> None:
        """Void an unshipped sale."""
        await self._moving.cancel(document)

    async def reroute(self, document: DocumentId, moves: Mapping[Sku, WarehouseId]) -> None:
        """Let unshipped units leave from another location."""
        await self._moving.reroute(document, moves)

    async def ship(self, document: DocumentId, units: Mapping[tuple[Sku, WarehouseId], int]) -> None:
        """Book so many units in total as gone."""
        await self._moving.ship(document, units)

    async def take_back(
        self, document: DocumentId, units: Mapping[tuple[Sku, WarehouseId], int], *, key: str
    ) -> None:
        """Book returned units up to these totals; `key` stands on the credit note for people."""
        await self._returning.take_back(document, units, key=key)

    async def probe(self) -> tuple[tuple[str, str, str], ...]:
        """Rights, the customer, the tax rule and service products that are missing."""
        return await probe(self._client, self._places, self._terms)

    async def aclose(self) -> None:
        """Close connections."""
        await self._client.aclose()

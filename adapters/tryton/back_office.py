"""Tryton as a back office, over its JSON-RPC. Needs the modules sale, stock, account_invoice, web_shop, and
sale_amendment to change what is booked."""

import asyncio
import math
from collections.abc import AsyncIterator, Collection, Mapping
from decimal import Decimal

import httpx

from adapters.posting import not_billed, not_posted
from adapters.tryton.amending import Amending
from adapters.tryton.changes import Feed
from adapters.tryton.documents import Documents
from adapters.tryton.moving import Moving
from adapters.tryton.places import Places
from adapters.tryton.posting import Posting
from adapters.tryton.probe import probe
from adapters.tryton.rpc import Domain, Rpc
from adapters.tryton.selling import MOST, Selling
from adapters.tryton.shelves import Shelves
from engine.model.clock import Clock
from engine.model.entry import Entry, EntryKind
from engine.model.failure import Misset
from engine.model.ids import DocumentId, OrderId, Sku, WarehouseId
from engine.model.sale import Document, SalesDocument
from engine.model.stock import StockSnapshot
from engine.ports import Amends, Capabilities, Changes, Place, Tier

PAGE = 500
SLOW_SECONDS = math.inf
"""Sales that come at once are entered together and wait for those before them: a long answer says that there are many,
and fewer at a time would only make it longer. Timeouts and refusals still narrow what Tryton is given."""


class TrytonBackOffice:
    """Implements `engine.ports.BackOffice` against a trytond 8.2."""

    def __init__(
        self,
        url: str,
        *,
        database: str,
        user: str,
        password: str,
        web_shop: str | int,
        clock: Clock,
        payment_method: str = "",
        gateways: Collection[str] = (),
        transport: httpx.AsyncBaseTransport | None = None,
        overlap_seconds: float = 30.0,
    ) -> None:
        """`payment_method` is the invoice payment method by which money that moves later is entered; empty: by hand.

        `gateways` are the methods that entries may name instead.
        """
        self._rpc = Rpc(
            url, database=database, user=user, password=password, clock=clock, transport=transport
        )
        self._web_shop, self._method = web_shop, payment_method
        self._methods = {payment_method, *gateways} if payment_method else set[str]()
        self._clock = clock
        self._overlap = overlap_seconds
        self._places = Places(self._rpc, clock)
        self._rooms: Rooms | None = None
        self._opening = asyncio.Lock()

    @property
    def capabilities(self) -> Capabilities:
        """Web ids are unique per web shop, so nothing is created twice; changes are polled.

        Calls that come at once are carried out together, so many cost Tryton hardly more than one.
        """
        return Capabilities(
            "tryton",
            Tier.T0,
            settle_seconds=0.0,
            events=False,
            max_concurrency=MOST,
            slow_seconds=SLOW_SECONDS,
            amends=Amends.FEWER,
            posts=frozenset(EntryKind) if self._method else frozenset(),
        )

    async def warehouses(self) -> tuple[Place, ...]:
        """All warehouses, inactive ones too; their id is their code."""
        return await self._places.listed()

    async def products(self) -> AsyncIterator[tuple[Sku, ...]]:
        """Codes of all active goods, page by page."""
        last = 0
        while True:
            domain: Domain = [["id", ">", last], ["type", "=", "goods"], ["code", "!=", None]]
            rows = await self._rpc.rows("product.product", domain, ["code"], limit=PAGE)
            codes = tuple(Sku(row["code"].strip()) for row in rows if (row["code"] or "").strip())
            if codes:
                yield codes
            if len(rows) < PAGE:
                return
            last = rows[-1]["id"]

    async def changes(self, cursor: str | None) -> Changes:
        """What moved since the cursor."""
        return await (await self._ready()).feed.since(cursor)

    async def documents(self, refs: Collection[OrderId]) -> Mapping[OrderId, Document]:
        """Our sales by web id."""
        return await (await self._ready()).documents.by_refs(refs)

    async def copies(self, refs: Collection[OrderId]) -> Mapping[OrderId, tuple[DocumentId, ...]]:
        """Sales of a web id that are not cancelled."""
        return await (await self._ready()).documents.copies(refs)

    async def stock(self, skus: Collection[Sku]) -> StockSnapshot:
        """Stock and reservations of one moment."""
        return await (await self._ready()).shelves.snapshot(skus)

    async def create(self, sale: SalesDocument) -> Document:
        """Enter the sale, or find and finish the one that is there."""
        return await (await self._ready()).selling.enter(sale)

    async def amend(self, document: DocumentId, sale: SalesDocument) -> Document:
        """Amend a sale that is being processed; needs the module sale_amendment."""
        return await (await self._ready()).amending.amend(document, sale)

    async def post(self, document: DocumentId, entry: Entry) -> Mapping[str, Decimal]:
        """Post it in Tryton's books, unless it is there."""
        if not self._method:
            raise not_posted("Tryton")
        return await (await self._ready()).posting.post(document, entry)

    async def bill(self, document: DocumentId) -> None:
        """Tryton makes invoices itself, as the sale's invoice method says."""
        raise not_billed()

    async def cancel(self, document: DocumentId) -> None:
        """Cancel an unshipped sale."""
        await (await self._ready()).selling.cancel(document)

    async def reroute(self, document: DocumentId, moves: Mapping[Sku, WarehouseId]) -> None:
        """Let unshipped units leave from another warehouse."""
        await (await self._ready()).moving.reroute(document, moves)

    async def ship(self, document: DocumentId, units: Mapping[tuple[Sku, WarehouseId], int]) -> None:
        """Book so many units in total as gone."""
        await (await self._ready()).moving.ship(document, units)

    async def take_back(
        self, document: DocumentId, units: Mapping[tuple[Sku, WarehouseId], int], *, key: str
    ) -> None:
        """Book returned units up to these totals; the totals make it safe to repeat, `key` is not needed."""
        await (await self._ready()).moving.take_back(document, units)

    async def probe(self) -> tuple[tuple[str, str, str], ...]:
        """Rights, service products, and what must be set up to enter money that are missing."""
        return await probe(self._rpc, (await self._ready()).shop, self._methods)

    async def aclose(self) -> None:
        """Close connections."""
        await self._rpc.aclose()

    async def _ready(self) -> "Rooms":
        """The parts that need to know the web shop's id."""
        async with self._opening:
            return self._rooms or await self._open()

    async def _open(self) -> "Rooms":
        field = "id" if isinstance(self._web_shop, int) else "name"
        found = await self._rpc.rows("web.shop", [[field, "=", self._web_shop]], ["name"])
        if len(found) != 1:
            raise Misset(
                f"Tryton has no web shop {self._web_shop}",
                "Create it in Tryton (module web_shop) or correct web_shop in the settings",
                code="tryton_web_shop",
            )
        self._rooms = Rooms(self._rpc, self._places, self._clock, found[0]["id"], self._overlap, self._method)
        return self._rooms


class Rooms:
    """The parts of the adapter that work for one web shop."""

    def __init__(
        self, rpc: Rpc, places: Places, clock: Clock, shop: int, overlap: float, method: str
    ) -> None:
        self.shop = shop
        self.documents = Documents(rpc, places, shop)
        self.shelves = Shelves(rpc, places, clock, shop)
        self.feed = Feed(rpc, shop, overlap_seconds=overlap)
        self.selling = Selling(rpc, places, self.documents, shop)
        self.moving = Moving(rpc, places, self.documents)
        self.amending = Amending(rpc, places, self.documents)
        self.posting = Posting(rpc, shop, method)

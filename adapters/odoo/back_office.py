"""Odoo as a back office. Needs the apps Sales and Inventory.

Unconfirmed with a live account: whether Odoo Online limits calls per second (we keep to four at once and honour 429),
and the name of the tax field between 18 and 19 (asked of the server).
"""

from collections.abc import AsyncIterator, Mapping
from decimal import Decimal

import httpx

from adapters.odoo.amending import Amending
from adapters.odoo.articles import READS, Articles
from adapters.odoo.client import OdooClient, Protocol
from adapters.odoo.documents import Documents
from adapters.odoo.families import Families
from adapters.odoo.feed import LONGEST_TRANSACTION, Feed
from adapters.odoo.market_prices import MarketPrices
from adapters.odoo.moving import Moving
from adapters.odoo.places import Places
from adapters.odoo.posting import Posting
from adapters.odoo.probe import probe
from adapters.odoo.selling import Selling, Terms
from adapters.odoo.shelves import Shelves
from adapters.odoo.suppliers import Suppliers
from adapters.office import Office, Telling
from adapters.posting import not_posted
from engine.model.clock import Clock
from engine.model.entry import Entry, EntryKind
from engine.model.ids import DocumentId, Sku, WarehouseId
from engine.model.sale import Document, SalesDocument
from engine.ports import Amends, Capabilities, Place, Tier

TOGETHER = 4
"""Calls at the same time; an Odoo worker serves one call, and its web client needs some too."""


class OdooBackOffice(Telling, Office):
    """Implements `engine.ports.BackOffice` over JSON-2 (Odoo 19) or JSON-RPC (17, 18)."""

    _documents: Documents
    _selling: Selling
    _moving: Moving

    def __init__(
        self,
        url: str,
        *,
        database: str,
        user: str,
        key: str,
        protocol: Protocol,
        clock: Clock,
        terms: Terms | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
        overlap_seconds: float = LONGEST_TRANSACTION,
        answer_seconds: float = 60.0,
        market_pricelists: Mapping[str, int] | None = None,
        families: bool = False,
        bought: bool = False,
    ) -> None:
        """`market_pricelists`: id of the pricelist by market, as `engine.products.fields.market_key` writes it.

        `families`: articles say to whose product they belong and what tells them apart, which takes two calls more.
        `bought`: they say whom they are bought from and on which terms, which takes one.
        """
        self._client = OdooClient(
            url,
            database=database,
            user=user,
            key=key,
            protocol=protocol,
            clock=clock,
            transport=transport,
            connections=TOGETHER,
            answer_seconds=answer_seconds,
        )
        self._places = Places(self._client, clock)
        self._documents = Documents(self._client, self._places)
        self._shelves = Shelves(self._client, self._places, self._documents, clock)
        self._terms = terms or Terms()
        self._selling = Selling(self._client, self._places, self._documents, self._terms)
        self._moving = Moving(self._client, self._places, self._documents)
        self._amending = Amending(self._client, self._places, self._documents, self._selling, self._moving)
        self._posting = Posting(
            self._client, self._places, self._documents, self._terms.journal, self._terms.products
        )
        self._markets = MarketPrices(self._client, market_pricelists or {}, clock)
        self._families = Families(self._client, wanted=families)
        self._suppliers = Suppliers(self._client, clock, wanted=bought)
        self._articles = Articles(
            self._client, self._markets, self._families, self._suppliers, overlap=overlap_seconds
        )
        self._feed = Feed(self._client, self._places, self._documents, overlap=overlap_seconds)

    @property
    def capabilities(self) -> Capabilities:
        """Quotation first, then confirmed by id; changes are polled."""
        return Capabilities(
            "odoo",
            Tier.T1_5,
            settle_seconds=60.0,
            events=False,
            max_concurrency=TOGETHER,
            amends=Amends.ANY,
            reads=READS | self._markets.reads | self._suppliers.reads,
            posts=frozenset(EntryKind) if self._terms.journal else frozenset(),
        )

    async def warehouses(self) -> tuple[Place, ...]:
        """All warehouses, archived ones too; their id is their code."""
        return await self._places.listed()

    async def products(self) -> AsyncIterator[tuple[Sku, ...]]:
        """Internal references of all stocked products."""
        async for page in self._places.products():
            yield page

    async def amend(self, document: DocumentId, sale: SalesDocument) -> Document:
        """Write the lines of an order in one call, and let its deliveries follow."""
        return await self._amending.amend(document, sale)

    async def post(self, document: DocumentId, entry: Entry) -> Mapping[str, Decimal]:
        """Post it in Invoicing, unless it is there."""
        if not self._terms.journal:
            raise not_posted("Odoo")
        return await self._posting.post(document, entry)

    async def cancel(self, document: DocumentId) -> None:
        """Call an unshipped order off."""
        order = await self._moving.may_cancel(document)
        if order is not None:
            await self._selling.cancel(order)

    async def take_back(
        self, document: DocumentId, units: Mapping[tuple[Sku, WarehouseId], int], *, key: str
    ) -> None:
        """Book returned units up to these totals; the totals make it safe to repeat, `key` is not needed."""
        await self._moving.take_back(document, units)

    async def probe(self) -> tuple[tuple[str, str, str], ...]:
        """Rights and service products that are missing."""
        missing = await probe(self._client, self._places, self._terms.products, self._terms.journal)
        return missing or (
            *await self._markets.probe(),
            *await self._families.probe(),
            *await self._suppliers.probe(),
        )

    async def aclose(self) -> None:
        """Close connections."""
        await self._client.aclose()

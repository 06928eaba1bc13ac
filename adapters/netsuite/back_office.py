"""NetSuite as a back office.

Not confirmed with a live account, and built so that either answer is safe: what two first upserts of one external id
at the same moment do (one at a time here, and items are replaced, not added), price level -1 for a price of one's own,
and whether SuiteQL leaves NULL columns out of a row. Taxes stand as they were charged: on lines of the charge item TAX,
or in an account with SuiteTax as tax details (`adapters.netsuite.taxing` says what of them is not confirmed). That a
deposit cannot name an order that is billed in full: a payment is made.
"""

from collections.abc import AsyncIterator, Mapping
from decimal import Decimal

import httpx

from adapters.external_ids import ExternalIds
from adapters.netsuite.amending import Amending
from adapters.netsuite.articles import READS, Articles
from adapters.netsuite.auth import Signer
from adapters.netsuite.billing import Billing
from adapters.netsuite.client import NetSuiteClient
from adapters.netsuite.documents import BILLED, Documents
from adapters.netsuite.feed import LONGEST_TRANSACTION, Feed
from adapters.netsuite.moving import Moving
from adapters.netsuite.names import Names
from adapters.netsuite.posting import Posting
from adapters.netsuite.probe import probe
from adapters.netsuite.selling import Selling, Terms
from adapters.netsuite.shelves import Shelves
from adapters.netsuite.taxing import Taxing
from adapters.office import Office, Telling
from adapters.posting import not_billed, not_posted
from engine.model.clock import Clock
from engine.model.entry import Entry, EntryKind
from engine.model.failure import Refused
from engine.model.ids import DocumentId, Sku, WarehouseId
from engine.model.sale import Document, SalesDocument
from engine.ports import Amends, Capabilities, Place, Tier

TOGETHER = 2
"""Calls at once by default: the account's pool is shared by every integration, and may hold five."""


class NetSuiteBackOffice(Telling, Office):
    """Implements `engine.ports.BackOffice` and tells of its articles."""

    _documents: Documents
    _selling: Selling
    _moving: Moving

    def __init__(
        self,
        url: str,
        *,
        clock: Clock,
        signer: Signer | None = None,
        terms: Terms | None = None,
        prefix: str = "trueup-",
        together: int = TOGETHER,
        transport: httpx.AsyncBaseTransport | None = None,
        overlap_seconds: float = LONGEST_TRANSACTION,
        answer_seconds: float = 60.0,
    ) -> None:
        """`sign_with` must be called before the first call when no signer is given."""
        self.client = NetSuiteClient(
            url, clock=clock, together=together, transport=transport, answer_seconds=answer_seconds
        )
        if signer is not None:
            self.client.sign_with(signer)
        self._together = together
        ids = ExternalIds(prefix)
        self._names = Names(self.client)
        self._terms = terms or Terms()
        self._documents = Documents(self.client, self._names, ids, bills=self._terms.invoices)
        self._shelves = Shelves(self.client, self._names, ids, clock)
        self._taxing = Taxing(self.client, self._terms.tax_codes)
        self._selling = Selling(self.client, self._names, self._documents, ids, self._terms, self._taxing)
        self._amending = Amending(self.client, self._documents, self._selling, self._terms, self._taxing)
        self._moving = Moving(self.client, self._names, self._documents)
        self._billing = Billing(self.client, self._documents, self._terms)
        self._posting = Posting(self.client, self._names, self._billing, ids, self._terms, self._taxing)
        self._articles = Articles(self.client, overlap=overlap_seconds)
        self._feed = Feed(self.client, self._names, ids, overlap=overlap_seconds)

    @property
    def capabilities(self) -> Capabilities:
        """External ids are unique, so nothing is created twice; changes are polled."""
        return Capabilities(
            "netsuite",
            Tier.T0,
            settle_seconds=0.0,
            events=False,
            max_concurrency=self._together,
            amends=Amends.ANY,
            posts=frozenset(EntryKind) if self._terms.account else frozenset(),
            reads=READS,
            bills=self._terms.invoices,
        )

    async def warehouses(self) -> tuple[Place, ...]:
        """All locations, inactive ones too, by internal id."""
        return await self._names.locations()

    async def products(self) -> AsyncIterator[tuple[Sku, ...]]:
        """Names of all active inventory and assembly items."""
        async for page in self._names.stocked():
            yield page

    async def amend(self, document: DocumentId, sale: SalesDocument) -> Document:
        """Replace the lines of an order in one call."""
        return await self._amending.amend(document, sale)

    async def post(self, document: DocumentId, entry: Entry) -> Mapping[str, Decimal]:
        """Enter it by its external id, unless it is there."""
        if not self._terms.account:
            raise not_posted("NetSuite")
        return await self._posting.post(document, entry)

    async def bill(self, document: DocumentId) -> None:
        """Invoice what has left, unless that is done by NetSuite's own people."""
        if not self._terms.invoices:
            raise not_billed()
        await self._billing.bill(document)

    async def cancel(self, document: DocumentId) -> None:
        """Close every line of an order that is neither shipped nor billed."""
        held = await self._documents.by_id(document)
        if held.sent:
            raise Refused(
                f"Goods of sales order {document} have left already.",
                "Book a return in NetSuite instead, then resolve or retry this record.",
                code="shipped_already",
            )
        if held.status == BILLED:
            raise Refused(
                f"Sales order {document} is invoiced already.",
                "Credit its invoices and enter what was paid back in NetSuite, then resolve this record.",
                code="billed_already",
            )
        if not held.cancelled:
            await self._selling.close(held)

    async def take_back(
        self, document: DocumentId, units: Mapping[tuple[Sku, WarehouseId], int], *, key: str
    ) -> None:
        """Book returned units up to these totals; the records' external ids make it safe to repeat."""
        await self._moving.take_back(document, units)

    async def probe(self) -> tuple[tuple[str, str, str], ...]:
        """Permissions, charge items and tax codes that are missing."""
        missing = await probe(self.client, self._names, self._terms)
        return (*missing, *await self._taxing.probe())

    async def aclose(self) -> None:
        """Close connections."""
        await self.client.aclose()

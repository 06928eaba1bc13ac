"""Cin7 Omni as a back office.

Not confirmed with a live account, and built so that either answer is safe or a setting says so:
- what is answered to a reference that is taken: the order is looked up first, and again when Omni declines (T2);
- how long to wait after a call too many: fifteen seconds, doubled each time, see `trouble`;
- what PUT does to the lines of an order: none is ever changed, an order that is split is voided and entered anew;
- whether an order whose branch is changed keeps its reservation: stock counts what our orders wait for, if more;
- whether there are webhooks: changes are polled, spread over the day's calls;
- whether stock leaves at `dispatchedDate`: goods count as gone by the `qtyShipped` that Omni fills from it;
- the sign of a payment that pays a credit note back: refunds are left to a person;
- whether a line of a credit note may have the price 0, as those of returns have with `payment_method`;
- whether the draft of a credit note moves stock: only approved ones count as returned.
"""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

import httpx

from adapters.amending import not_here
from adapters.cin7_omni.articles import EVERY, READS, WHOLE, Asking
from adapters.cin7_omni.budget import budget_of
from adapters.cin7_omni.client import OmniClient
from adapters.cin7_omni.credit_notes import CreditNotes
from adapters.cin7_omni.feed import Feed
from adapters.cin7_omni.moving import Moving
from adapters.cin7_omni.orders import LONGEST_TRANSACTION, Orders
from adapters.cin7_omni.places import Places
from adapters.cin7_omni.posting import POSTED, Posting
from adapters.cin7_omni.probe import probe
from adapters.cin7_omni.returning import Returning
from adapters.cin7_omni.selling import Selling, Terms
from adapters.cin7_omni.shelves import Shelves
from adapters.cin7_omni.trouble import WHO
from adapters.external_ids import ExternalIds
from adapters.kept_articles import KeptArticles
from adapters.office import CountedOffice, Telling
from adapters.parted_documents import PartedDocuments
from adapters.posting import not_posted
from adapters.quota import Budget
from engine.model.clock import Clock
from engine.model.entry import Entry
from engine.model.ids import DocumentId
from engine.model.sale import Document, SalesDocument
from engine.ports import Capabilities, Tier

HOST = "https://api.cin7.com/api/v1"
TOGETHER = 3
"""Calls at the same time: Omni answers no more in a second."""
NEVER_SLOW = float("inf")
"""Calls wait for their turn: how long an answer takes says nothing of the server."""


class OmniBackOffice(Telling, CountedOffice):
    """Implements `engine.ports.BackOffice` over version 1 of the API."""

    _client: OmniClient
    _places: Places

    def __init__(
        self,
        url: str = HOST,
        *,
        user: str,
        key: str,
        clock: Clock,
        terms: Terms | None = None,
        budget: Budget | None = None,
        prefix: str = "trueup-",
        since: datetime | None = None,
        settle_seconds: float = 60.0,
        transport: httpx.AsyncBaseTransport | None = None,
        overlap_seconds: float = LONGEST_TRANSACTION,
        answer_seconds: float = 60.0,
        articles_seconds: float = EVERY,
    ) -> None:
        """`since`: no order last modified before can be one of ours."""
        self._terms = terms or Terms()
        self._calls = budget or budget_of(url, user, clock)
        self._settle = settle_seconds
        self._client = OmniClient(
            url,
            user=user,
            key=key,
            clock=clock,
            budget=self._calls,
            together=TOGETHER,
            transport=transport,
            answer_seconds=answer_seconds,
        )
        ids = ExternalIds(prefix)
        self._places = Places(self._client, self._terms.products.values())
        self._orders = Orders(self._client, self._places, ids, clock, begin=since, overlap=overlap_seconds)
        self._client.wrote = self._orders.changed
        self._documents = PartedDocuments(self._orders, WHO)
        self._shelves = Shelves(self._client, self._orders, clock)
        self._selling = Selling(self._client, self._places, self._orders, ids, self._terms)
        self._moving = Moving(self._places, self._documents, self._selling, clock)
        credits = CreditNotes(self._client, self._orders, clock)
        self._returning = Returning(
            self._places, self._orders, credits, self._documents, self._selling, ids,
            priced=not self._terms.payment_method,
        )  # fmt: skip
        self._posting = Posting(
            self._client, self._places, self._orders, credits, self._documents, self._selling, self._terms
        )
        self._articles = KeptArticles(
            WHO, clock, Asking(self._client, self._terms.products.values()).options,
            overlap=overlap_seconds, every=articles_seconds, whole=WHOLE,
        )  # fmt: skip
        self._feed = Feed(self._client, self._orders, overlap=overlap_seconds)

    @property
    def capabilities(self) -> Capabilities:
        """Orders are looked up before they are sent; changes are polled."""
        return Capabilities(
            "cin7_omni",
            Tier.T2,
            settle_seconds=self._settle,
            events=False,
            max_concurrency=TOGETHER,
            slow_seconds=NEVER_SLOW,
            credits_returns=not self._terms.payment_method,
            reads=READS,
            posts=POSTED if self._terms.payment_method else frozenset(),
        )

    async def amend(self, document: DocumentId, sale: SalesDocument) -> Document:
        """Not possible here."""
        raise not_here("Cin7 Omni")

    async def post(self, document: DocumentId, entry: Entry) -> Mapping[str, Decimal]:
        """Enter a payment or a credit note unless it is there."""
        if not self._terms.payment_method:
            raise not_posted(WHO)
        return await self._posting.post(document, entry)

    async def probe(self) -> tuple[tuple[str, str, str], ...]:
        """Endpoints, the contact and products that are missing."""
        return await probe(self._client, self._places, self._terms)

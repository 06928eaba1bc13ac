"""Unleashed as a back office.

Not confirmed with a live account, and built so that either answer is safe or a setting says so:
- what is answered to a GUID that is taken: the order is looked up first, and again when Unleashed declines;
- the scale of DiscountRate: none is sent, prices are net of every discount;
- how totals are rounded: each line is a whole number of cents, and the order is read back to the cent;
- a limit by the minute, and what refuses a call once the month's are used up: `calls_per_minute`, `calls_per_month`;
- the form of error bodies: read leniently, see `trouble`;
- negative charges: sent for cash that was rounded down, and refused there if they are not allowed;
- whether placed orders allocate more than there is: stock counts what our orders wait for, if that is more;
- whether the total row of a product is stamped when units only change their warehouse: the sweep finds it if not;
- whether completing an order whose goods were all dispatched moves stock again: not done unless `complete_orders`;
- field names of free credit notes (Reference, CreditLines, ReturnToStock), and whether a line may have the price 0,
  as those of returns have with `credit_notes`.
"""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

import httpx

from adapters.external_ids import ExternalIds
from adapters.kept_articles import KeptArticles
from adapters.office import CountedOffice, Telling
from adapters.posting import not_posted
from adapters.quota import Budget
from adapters.unleashed.amending import Amending
from adapters.unleashed.articles import EVERY, READS, Asking
from adapters.unleashed.budget import budget_of
from adapters.unleashed.client import UnleashedClient
from adapters.unleashed.credit_notes import CreditNotes
from adapters.unleashed.documents import Documents
from adapters.unleashed.feed import Feed
from adapters.unleashed.moving import Moving
from adapters.unleashed.orders import LONGEST_TRANSACTION, Orders
from adapters.unleashed.places import Places
from adapters.unleashed.posting import POSTED, Posting
from adapters.unleashed.probe import probe
from adapters.unleashed.returning import Returning
from adapters.unleashed.selling import Selling, Terms
from adapters.unleashed.shelves import Shelves
from adapters.unleashed.trouble import WHO
from engine.model.clock import Clock
from engine.model.entry import Entry
from engine.model.ids import DocumentId
from engine.model.sale import Document, SalesDocument
from engine.ports import Amends, Capabilities, Tier

HOST = "https://api.unleashedsoftware.com"
TOGETHER = 4
"""Calls at the same time."""
NEVER_SLOW = float("inf")
"""Calls wait for their turn: how long an answer takes says nothing of the server."""


class UnleashedBackOffice(Telling, CountedOffice):
    """Implements `engine.ports.BackOffice`."""

    _client: UnleashedClient
    _places: Places

    def __init__(
        self,
        url: str = HOST,
        *,
        api_id: str,
        key: str,
        terms: Terms,
        clock: Clock,
        budget: Budget | None = None,
        prefix: str = "trueup-",
        since: datetime | None = None,
        events: bool = False,
        complete: bool = False,
        transport: httpx.AsyncBaseTransport | None = None,
        overlap_seconds: float = LONGEST_TRANSACTION,
        answer_seconds: float = 60.0,
        articles_seconds: float = EVERY,
    ) -> None:
        """`since`: no order last modified before can be one of ours; `events`: its webhooks are taken in;
        `complete`: orders are completed once all their goods have left."""
        self._calls = budget or budget_of(url, api_id, clock)
        self._client = UnleashedClient(
            url,
            api_id=api_id,
            key=key,
            clock=clock,
            budget=self._calls,
            together=TOGETHER,
            transport=transport,
            answer_seconds=answer_seconds,
        )
        ids = ExternalIds(prefix)
        self._events, self._terms = events, terms
        self._places = Places(self._client)
        self._orders = Orders(self._client, self._places, ids, clock, begin=since, overlap=overlap_seconds)
        self._client.wrote = self._orders.changed
        self._documents = Documents(self._orders)
        self._shelves = Shelves(self._client, self._places, self._orders, clock)
        self._selling = Selling(self._client, self._places, self._orders, ids, terms)
        self._moving = Moving(
            self._client, self._places, self._documents, self._selling, clock, complete=complete
        )
        self._amending = Amending(self._documents, self._selling, self._moving)
        credits = CreditNotes(self._client, self._orders, ids)
        self._returning = Returning(
            self._places, self._orders, credits, self._documents, self._selling, clock,
            priced=not terms.credit_notes,
        )  # fmt: skip
        self._posting = Posting(self._places, self._orders, credits, self._documents, self._selling, terms)
        self._articles = KeptArticles(
            WHO, clock, Asking(self._client).products, overlap=overlap_seconds, every=articles_seconds
        )
        self._feed = Feed(self._client, self._orders, overlap=overlap_seconds)

    @property
    def capabilities(self) -> Capabilities:
        """Orders are made under GUIDs of our own, so nothing is created twice; changes are polled, webhooks hint."""
        return Capabilities(
            "unleashed",
            Tier.T0,
            settle_seconds=0.0,
            reads=READS,
            events=self._events,
            max_concurrency=TOGETHER,
            slow_seconds=NEVER_SLOW,
            credits_returns=not self._terms.credit_notes,
            posts=POSTED if self._terms.credit_notes else frozenset(),
            amends=Amends.ANY,
        )

    async def amend(self, document: DocumentId, sale: SalesDocument) -> Document:
        """Write over the orders whose lines change."""
        return await self._amending.amend(document, sale)

    async def post(self, document: DocumentId, entry: Entry) -> Mapping[str, Decimal]:
        """Enter a credit note under a GUID of our own, unless it is there."""
        if not self._terms.credit_notes:
            raise not_posted("Unleashed")
        return await self._posting.post(document, entry)

    async def probe(self) -> tuple[tuple[str, str, str], ...]:
        """Rights, the customer and service products that are missing."""
        return await probe(self._client, self._places, self._terms)

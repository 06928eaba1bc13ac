"""Cin7 Core as a back office.

Not confirmed with a live account, and built so that either answer is safe or a setting says so:
- whether the allowance of calls is counted by key or by account: taken as the account's (`calls_per_minute`);
- whether ExternalID is unique: taken as not;
- whether an order's total may differ from its lines by rounding: it is sent without any difference;
- negative additional charges: sent for cash that was rounded down, and refused there if they are not allowed;
- at which step of a fulfilment stock leaves: goods count as gone at the last, so that doubt errs low;
- whether a draft pick moves the reservation to the location of its lines: if it does not, doubt errs low;
- whether a credit note's line may have the price 0, as those of returns have with `deposit_account`;
- names of statuses beside AUTHORISED, DRAFT and VOIDED: none decides what a sale promises, its lines do.
"""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

import httpx

from adapters.amending import not_here
from adapters.cin7_core.articles import EVERY, READS, Asking
from adapters.cin7_core.budget import allowance_of
from adapters.cin7_core.client import Cin7CoreClient
from adapters.cin7_core.documents import Documents
from adapters.cin7_core.feed import Feed
from adapters.cin7_core.moving import Moving
from adapters.cin7_core.places import Places
from adapters.cin7_core.posting import Posting
from adapters.cin7_core.probe import probe
from adapters.cin7_core.returning import Returning
from adapters.cin7_core.sales import LONGEST_TRANSACTION, Sales
from adapters.cin7_core.selling import Selling, Terms
from adapters.cin7_core.shelves import Shelves
from adapters.cin7_core.trouble import WHO
from adapters.external_ids import ExternalIds
from adapters.kept_articles import KeptArticles
from adapters.limits import Allowance
from adapters.office import CountedOffice, Telling
from adapters.posting import not_posted
from engine.model.clock import Clock
from engine.model.entry import Entry, EntryKind
from engine.model.ids import DocumentId
from engine.model.sale import Document, SalesDocument
from engine.ports import Capabilities, Tier

HOST = "https://inventory.dearsystems.com/ExternalApi/v2"
TOGETHER = 4
"""Calls at the same time; the allowance of a minute is what limits them."""
NEVER_SLOW = float("inf")
"""Calls wait for their turn in the minute: how long an answer takes says nothing of the server."""


class Cin7CoreBackOffice(Telling, CountedOffice):
    """Implements `engine.ports.BackOffice` and tells of its articles, over version 2 of the API."""

    _client: Cin7CoreClient
    _places: Places

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
        articles_seconds: float = EVERY,
    ) -> None:
        """`since`: no sale last changed before can be one of ours; `events`: its webhooks are taken in."""
        shared = allowance or allowance_of(url, account, clock)
        self._calls = shared
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
        self._returning = Returning(
            self._client, self._places, self._documents, clock, priced=not terms.account
        )
        self._posting = Posting(self._client, self._places, self._documents, self._selling, terms, clock)
        self._articles = KeptArticles(
            WHO, clock, Asking(self._client).products, overlap=overlap_seconds, every=articles_seconds
        )
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
            credits_returns=not self._terms.account,
            posts=frozenset(EntryKind) if self._terms.account else frozenset(),
            reads=READS,
        )

    async def amend(self, document: DocumentId, sale: SalesDocument) -> Document:
        """Not possible here."""
        raise not_here("Cin7 Core")

    async def post(self, document: DocumentId, entry: Entry) -> Mapping[str, Decimal]:
        """Enter it unless it is there: looked up by its mark."""
        if not self._terms.account:
            raise not_posted("Cin7 Core")
        return await self._posting.post(document, entry)

    async def probe(self) -> tuple[tuple[str, str, str], ...]:
        """Rights, the customer, the tax rule and service products that are missing."""
        return await probe(self._client, self._places, self._terms)

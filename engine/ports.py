"""What the engine asks of its neighbours. Adapters implement these; every adapter sits the same exam.

All calls raise `engine.model.failure.Failure` and nothing else for trouble with the remote.
"""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from math import inf
from typing import Protocol, runtime_checkable

from engine.model.entry import Entry, EntryKind
from engine.model.ids import DocumentId, ItemId, LocationId, OrderId, Sku, WarehouseId
from engine.model.order import Order
from engine.model.sale import Document, Parcel, SalesDocument
from engine.model.stock import LevelRefusal, LevelWrite, ShopLevel, StockSnapshot


class Tier(StrEnum):
    """How a back office keeps us from creating a document twice, best first."""

    T0 = "T0"
    """A unique external key, enforced by the remote."""
    T1 = "T1"
    """An idempotency header."""
    T1_5 = "T1.5"
    """A draft that promises nothing, then confirmed by its id."""
    T2 = "T2"
    """Only a look-up by reference after a settling time."""
    T3 = "T3"
    """Nothing: a person decides."""


class Amends(StrEnum):
    """What can be changed of a document that holds its goods already."""

    NOTHING = "nothing"
    """A person does it in the back office."""
    FEWER = "fewer"
    """Units can be taken out; what needs a line more cannot be put in."""
    ANY = "any"
    """Units and lines can be taken out and put in."""


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a back office can do; shown to the operator by `trueup check`."""

    name: str
    tier: Tier
    settle_seconds: float
    """How long after a lost reply the remote may still apply the call (0 for T0)."""
    events: bool
    """True when the back office tells us of changes by signed webhooks."""
    max_concurrency: int
    slow_seconds: float = 5.0
    """An answer that takes longer says that it is given too much at a time; infinite where time does not tell."""
    amends: Amends = Amends.NOTHING
    """What `BackOffice.amend` can do; it is not asked for more."""
    reads: frozenset[str] = frozenset()
    """Fields of products it can tell, by the names of `engine.products.fields`."""
    posts: frozenset[EntryKind] = frozenset()
    """What `BackOffice.post` enters; anything else is a person's turn, with the figures."""
    credits_returns: bool = False
    """A return that is booked is a credit note already, at the price of the goods without tax."""
    keeps_payments: bool = False
    """Payments that a document is created with are entries of it already; otherwise they are words in its note."""
    bills: bool = False
    """`BackOffice.bill` bills what has left; elsewhere that is done there, and no document says that it is unbilled."""


@dataclass(frozen=True, slots=True)
class Place:
    """A location of the shop or a warehouse of the back office."""

    id: str
    name: str
    active: bool


@dataclass(frozen=True, slots=True)
class Changes:
    """What moved in the back office since a cursor."""

    skus: frozenset[Sku]
    orders: frozenset[OrderId]
    """External references of our documents that changed (shipped, cancelled, re-routed)."""
    cursor: str
    """Opaque; hand it back next time. Advance it only after the changes are stored."""


@dataclass(frozen=True, slots=True)
class OrderStub:
    """One row of the storefront's listing of changed orders."""

    id: OrderId
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Subscription:
    """One webhook subscription as the storefront has it."""

    id: str
    topic: str
    uri: str


class Storefront(Protocol):
    """A Shopify shop."""

    async def scopes(self) -> frozenset[str]:
        """Access scopes the token carries."""
        ...

    @property
    def dated(self) -> datetime | None:
        """The shop's clock at one of its last answers, to the second; None where that is withheld."""
        ...

    async def now(self) -> datetime:
        """The time by the shop's own clock, to the second: its orders are dated by it."""
        ...

    async def locations(self) -> tuple[Place, ...]:
        """All locations, inactive ones too."""
        ...

    def levels(self) -> AsyncIterator[tuple[ShopLevel, ...]]:
        """Every inventory level of the shop, page by page."""
        ...

    async def is_large(self) -> bool:
        """Whether an export of all levels is cheaper than reading them page by page."""
        ...

    def export_levels(self) -> AsyncIterator[tuple[ShopLevel, ...]]:
        """Every level as of some moment after the call, in no order; levels read since then are newer.

        Raises Failure after the last level when the export did not complete.
        """
        ...

    async def read_levels(
        self, items: Collection[ItemId], locations: Collection[LocationId]
    ) -> tuple[ShopLevel, ...]:
        """Levels of these items at these locations, fresh; items without a level there are left out."""
        ...

    async def set_on_hand(
        self, writes: Sequence[LevelWrite], *, key: str, until: float = inf
    ) -> tuple[LevelRefusal, ...]:
        """Compare-and-swap on_hand of up to 250 levels; all or nothing, as Shopify does it.

        An empty answer means all were written. A non-empty one means none was: it names the members to blame.
        `key` is the idempotency key: the same key and body never acts twice. Once the monotonic clock is past `until`
        nothing is sent any more: NotNow.
        """
        ...

    async def activate(self, item: ItemId, location: LocationId, *, key: str) -> None:
        """Stock an item at a location, with zero on hand."""
        ...

    async def read_order(self, order: OrderId) -> Order | None:
        """The whole order by id; None when it does not exist."""
        ...

    async def orders_changed(self, since: datetime) -> tuple[OrderStub, ...]:
        """Every order whose updated_at is at or after `since`; all pages."""
        ...

    async def fulfil(
        self,
        order: OrderId,
        fulfilment_order: str,
        lines: Mapping[str, int],
        parcels: Sequence[Parcel] = (),
        *,
        key: str,
    ) -> None:
        """Tell the shop that these units (line id → quantity) of a fulfilment order have left, and in which parcels."""
        ...

    async def track(self, fulfilment: str, parcels: Sequence[Parcel]) -> None:
        """Tell the shop by which numbers a fulfilment is tracked: these, and no others. Said twice it changes nothing."""
        ...

    async def move_fulfilment_order(
        self, fulfilment_order: str, location: LocationId, lines: Mapping[str, int], *, key: str
    ) -> None:
        """Let these units (line id → quantity) of a fulfilment order leave from another location."""
        ...

    async def cancel_order(self, order: OrderId, *, key: str) -> None:
        """Cancel an unfulfilled order with restock and refund to the buyer."""
        ...

    async def subscriptions(self) -> tuple[Subscription, ...]:
        """Webhook subscriptions of this app."""
        ...

    async def subscribe(self, topic: str, uri: str) -> None:
        """Create a webhook subscription for a topic such as ORDERS_UPDATED."""
        ...

    async def aclose(self) -> None:
        """Close connections."""
        ...


class BackOffice(Protocol):
    """An ERP, inventory or order-management system."""

    @property
    def capabilities(self) -> Capabilities:
        """What this system can do."""
        ...

    async def warehouses(self) -> tuple[Place, ...]:
        """All warehouses, inactive ones too."""
        ...

    def products(self) -> AsyncIterator[tuple[Sku, ...]]:
        """SKUs of every stocked product, page by page."""
        ...

    async def changes(self, cursor: str | None) -> Changes:
        """What moved since the cursor; with None: nothing, and a cursor that starts here."""
        ...

    async def documents(self, refs: Collection[OrderId]) -> Mapping[OrderId, Document]:
        """Our documents by external reference; references the system does not know are left out."""
        ...

    async def copies(self, refs: Collection[OrderId]) -> Mapping[OrderId, tuple[DocumentId, ...]]:
        """Every document that bears a reference and is not cancelled, oldest first; unknown references are left out.

        Asked to find out that there is one: where the remote enforces that, it says what the remote says.
        """
        ...

    async def stock(self, skus: Collection[Sku]) -> StockSnapshot:
        """Stock of these SKUs in every warehouse, one coherent snapshot with its reservations."""
        ...

    async def create(self, sale: SalesDocument) -> Document:
        """Create the document, reserve its stock, and read it back. With T0 an existing one is returned, not doubled."""
        ...

    async def amend(self, document: DocumentId, sale: SalesDocument) -> Document:
        """Let a document hold the goods and the amounts of this sale instead, and read it back.

        A target: said twice, it changes nothing. Of every SKU that the sale names (with quantity 0 when it was taken
        out altogether) the document has the sale's units afterwards. What is promised already stays where it is
        planned as far as it can; what comes on top is reserved at the sale's warehouse. Refused, with nothing
        changed, when the sale has fewer units than have left, or the total would not be the sale's.
        """
        ...

    async def post(self, document: DocumentId, entry: Entry) -> Mapping[str, Decimal]:
        """Enter a later payment, a credit memo or a refund for a document, shipped or cancelled ones too.

        An entry whose key is there already is not entered again, whatever it says. The answer is read back: by key,
        the amounts (in the shop currency) of all entries of this kind that the document has. Refused, with nothing
        changed, when there is no such document.
        """
        ...

    async def bill(self, document: DocumentId) -> None:
        """Bill a document that has left, as far as it is not billed; nothing to bill is success.

        Refused, when it is billed but not for what the document is worth, or when this back office bills by itself.
        """
        ...

    async def cancel(self, document: DocumentId) -> None:
        """Cancel an unshipped document; done already is success."""
        ...

    async def reroute(self, document: DocumentId, moves: Mapping[Sku, WarehouseId]) -> None:
        """Let unshipped units of these SKUs leave from another warehouse."""
        ...

    async def ship(self, document: DocumentId, units: Mapping[tuple[Sku, WarehouseId], int]) -> None:
        """Book that so many units in total have left from each warehouse (a target, not an increment).

        A cancelled document is booked all the same: the goods are gone.
        """
        ...

    async def take_back(
        self, document: DocumentId, units: Mapping[tuple[Sku, WarehouseId], int], *, key: str
    ) -> None:
        """Book returned units into stock, so that the document's total returned there is as given (a target)."""
        ...

    async def aclose(self) -> None:
        """Close connections."""
        ...


@dataclass(frozen=True, slots=True)
class Allowed:
    """How much of what a remote lets us ask is left, in the units it counts: points of cost, or calls."""

    left: float
    capacity: float
    per_second: float
    """How fast it comes back."""


@runtime_checkable
class Metered(Protocol):
    """A neighbour that counts what we ask of it."""

    def allowed(self) -> Allowed:
        """What is left at this moment, as far as it is known here."""
        ...


@runtime_checkable
class Rationed(Protocol):
    """A neighbour that answers so many calls a day or a month, and has to know of those made before a restart."""

    def spent(self) -> Mapping[datetime, int]:
        """Calls that count now, by when the part of the span began in which they were made; empty without such a limit."""
        ...

    def recall(self, spent: Mapping[datetime, int]) -> None:
        """Count what was spent before; told twice, it counts once."""
        ...


@dataclass(frozen=True, slots=True)
class Message:
    """What a channel carries to people: plain text, no markup, no control characters, no secret."""

    id: str
    """The same for every attempt to deliver it."""
    word: str
    """fired, escalated, reminded, resolved or test."""
    severity: str
    title: str
    body: str
    rule: str
    connection: str
    cause: str
    figure: int
    opened_at: datetime
    environment: str


class Notifier(Protocol):
    """A way to reach people."""

    async def tell(self, message: Message) -> None:
        """Return when the other side has taken it; raises Failure when it has not, or may not have."""
        ...


@dataclass(frozen=True, slots=True)
class Event:
    """What changed, for another system: a doorbell without figures, which it reads again where it wants them."""

    id: str
    """The same for every attempt to deliver it."""
    type: str
    """stock.changed or orders.changed, the words our own inbox takes."""
    connection: str
    skus: tuple[Sku, ...]
    refs: tuple[OrderId, ...]
    at: datetime
    """Of the newest change in it."""


class Subscriber(Protocol):
    """Another system that is told what changed."""

    async def hand(self, event: Event) -> None:
        """Return when the other side has taken it; raises Failure when it has not, or may not have."""
        ...


@runtime_checkable
class Probed(Protocol):
    """A back office that can be asked, without changing anything, whether it lets us do what we need."""

    async def probe(self) -> tuple[tuple[str, str, str], ...]:
        """What is missing, as (subject, cause, remedy); raises Failure when nothing can be asked at all."""
        ...

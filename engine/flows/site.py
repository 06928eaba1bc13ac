"""One connection at work: a shop, a back office, and what every flow needs to serve them."""

import asyncio
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from random import Random

from engine.delivery.budget import Budget
from engine.flows.bulkhead import Rooms
from engine.flows.guarded import BACK_OFFICE, SHOP, SHOP_CALLS, Gates, GuardedBackOffice, GuardedStorefront
from engine.flows.guarded_catalogue import office_catalogue, shop_catalogue
from engine.flows.listings import Listings
from engine.model.clock import Clock
from engine.model.entry import EntryKind
from engine.model.failure import Failure, Refused, Unmapped
from engine.model.ids import LocationId, Sku, WarehouseId
from engine.model.remit import Licence
from engine.model.wording import Wording
from engine.orders.booking import booked_at
from engine.orders.rewording import named
from engine.orders.sharing import Neighbour
from engine.orders.values import ValueMaps
from engine.ports import Allowed, BackOffice, Storefront, Subscriber
from engine.products.ownership import Ownership
from engine.stock.buffers import BufferRule
from engine.stock.kits import Recipe, families
from engine.stock.sisters import Sister
from engine.store.fenced import Fenced
from engine.store.session import Store

SEND_SECONDS = 5.0
"""The most a call needs from our check to their receipt; what it takes after that, the settling time covers."""


CLOCK_SET = timedelta(seconds=2)
"""A clock that is off by more than this from the monotonic one, after a while together, was set by somebody."""


@dataclass(frozen=True, slots=True)
class Rhythm:
    """How often the engine looks, and which delays it reckons with."""

    delta: float = 2.0
    """Seconds between two looks at what moved in the back office."""
    orders_poll: float = 15.0
    """Seconds between two listings of changed orders."""
    sweep: float = 300.0
    """Seconds between two full comparisons."""
    full_compare: timedelta = timedelta(hours=1)
    """How often all cells of a large shop are compared; in between, those that moved since."""
    listing_lag: timedelta = timedelta(seconds=60)
    """How late Shopify may tell of a movement that the level shows already."""
    freshness: timedelta = timedelta(seconds=3)
    """How old a back-office snapshot may be when a level is raised."""
    rest: float = 1.0
    """Seconds after which a loop looks again although nothing told it to."""
    breath: float = 0.01
    """Least seconds between two looks of one loop."""
    pulse: timedelta = timedelta(seconds=10)
    """How often the health of the remotes is written down although it did not change."""
    workers: int = 8
    lease: float = 15.0


USUAL_LAG = timedelta(seconds=1)


@dataclass(slots=True)
class Pace:
    """A running mean of how long cells wait from the mark to the confirmed write."""

    lag: timedelta = USUAL_LAG
    _arrived: bool = False

    def arrived(self, now: datetime, marked: Iterable[datetime | None]) -> None:
        """Writes of cells marked then were confirmed now."""
        self._arrived = True
        for at in marked:
            if at is not None and at <= now:
                self.lag += (now - at - self.lag) / 16

    def pulse(self, *, answered: bool) -> None:
        """A pulse is over; where every remote answered and nothing travelled, what was slow before is fading."""
        if answered and not self._arrived and self.lag > USUAL_LAG:
            self.lag += (USUAL_LAG - self.lag) / 16
        self._arrived = False


@dataclass(slots=True)
class RemoteState:
    """How a remote has been answering."""

    last_ok: datetime | None = None
    failing_since: datetime | None = None
    detail: str = ""


@dataclass
class Site:
    """What the flows of one connection share."""

    name: str
    store: Store | Fenced
    """Fenced from the start on: no flow writes past our lease."""
    shop: Storefront
    back_office: BackOffice
    clock: Clock
    locations: Mapping[LocationId, tuple[WarehouseId, ...]]
    """Warehouses behind each location; the first takes the orders."""
    buffers: tuple[BufferRule, ...] = ()
    """What is held back from sale; of those that cover a cell and hold, the last one counts."""
    asked: tuple[BufferRule, ...] = ()
    """What operators hold back; it comes after the configured buffers, and so counts before them."""
    kits: Mapping[Sku, Recipe] = field(default_factory=dict)
    """Articles made of others when they are sold, down to components that are no kits."""
    only_available: bool = False
    """The back office says what it may still promise, not what is on hand and what is reserved."""
    sells_when_off: bool = False
    """A warehouse that is switched off goes on selling by its figures; otherwise its units are held back."""
    shut: frozenset[LocationId] = frozenset()
    """Locations that are switched off in Shopify."""
    closed: frozenset[WarehouseId] = frozenset()
    """Warehouses that are switched off in the back office."""
    twice: Mapping[Sku, tuple[str, ...]] = field(default_factory=dict)
    """SKUs that several items of the shop bear, with those items."""
    rhythm: Rhythm = field(default_factory=Rhythm)
    callback: str | None = None
    """Address under which the shop reaches our listener; None when it cannot."""
    chance: Random = field(default_factory=Random)
    orders_since: datetime | None = None
    """Orders placed before this are left alone; None until the first start has settled it."""
    listings: Listings = field(default_factory=Listings)
    """Which changed orders are still to be read."""
    untold: frozenset[str] = frozenset()
    """Fields of orders whose content this back office is not told; an order that has one raises a mapping gap."""
    values: ValueMaps = field(default_factory=dict)
    """The back office's names for gateways, taxes, shipping methods and markets, as the configuration gives them."""
    words: tuple[Wording, ...] = ()
    """Names that people gave while the engine ran; they count before the configuration's."""
    ownership: Ownership = field(default_factory=Ownership)
    """Who owns which field of a product."""
    drafts: bool = False
    """Products may be made, as drafts, of articles that the shop lacks."""
    sisters: tuple[Sister, ...] = ()
    """Other connections whose back office is the same: their shops sell from the same shelves."""
    neighbours: tuple[Neighbour, ...] = ()
    """Other connections of the same shop: their back offices own other locations of it."""
    rooms: Rooms | None = None
    """Places for calls to the back office, where sisters in this process share them; its own when left out."""
    by_hand: frozenset[EntryKind] = frozenset(EntryKind)
    """Entries that a person is asked to make where the back office takes none; others of these are left out."""
    licence: Licence = field(default_factory=Licence)
    """What may be written; the transports of both remotes keep to the same one."""
    beside: bool = False
    """Another connector serves this connection too: what is not taken over is compared only."""
    orders_taken: datetime | None = None
    """Beside another connector: orders placed before this are its own."""
    subscribers: Mapping[str, Subscriber] = field(default_factory=dict)
    """Other systems that are told what changed, by name."""
    keep: timedelta = timedelta(days=90)
    """For how long what is done with stays in the store."""
    epoch: int = 0
    """Fencing epoch of our lease."""
    remotes: dict[str, RemoteState] = field(
        default_factory=lambda: {SHOP: RemoteState(), BACK_OFFICE: RemoteState()}
    )
    budget: Budget = field(default_factory=Budget)
    """What retries are paid from."""
    level_turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    """One at a time writes levels: to another, a write under way would look like one whose answer was lost."""
    product_turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    """One at a time writes products, for the same reason."""
    lease_until: float = float("inf")
    """When our lease ends, in monotonic seconds, reckoned from before it was asked for."""

    pace: Pace = field(default_factory=Pace)
    """How long a change of the back office takes to reach the shop."""
    attempts: Counter[str] = field(default_factory=Counter)
    """How attempts of records ended since the start: `delivered`, `defect`, or the kind of failure."""

    def __post_init__(self) -> None:
        """Put both neighbours behind their gates, and the store behind the lease."""
        if isinstance(self.store, Store):
            self.store = Fenced(self.store, self.name, lambda: self.epoch)
        able = self.back_office.capabilities
        self.rooms = self.rooms or Rooms.of(able.max_concurrency, able.slow_seconds)
        self.gates = {
            SHOP: Gates(self, SHOP, Rooms.of(SHOP_CALLS)),
            BACK_OFFICE: Gates(self, BACK_OFFICE, self.rooms),
        }
        self.variants = shop_catalogue(self.shop, self.gates[SHOP], self.licence)
        self.articles = office_catalogue(self.back_office, self.gates[BACK_OFFICE])
        theirs = frozenset(location for one in self.neighbours for location in one.locations)
        shop = GuardedStorefront(self.shop, self.gates[SHOP], self.licence, theirs)
        office = GuardedBackOffice(self.back_office, self.gates[BACK_OFFICE], self.licence)
        self.shop, self.back_office = shop, office
        self._meters = {SHOP: shop.allowed, BACK_OFFICE: office.allowed}

    def allowed(self) -> dict[str, Allowed]:
        """What is left of what each remote lets us ask, of those that say so."""
        return {remote: left for remote, meter in self._meters.items() if (left := meter()) is not None}

    @property
    def names(self) -> ValueMaps:
        """The tables of names as they are in force."""
        return named(self.values, self.words)

    def closed_for(self) -> float:
        """Seconds for which it is of no use to begin what needs both remotes."""
        return max(gates.closed_for() for gates in self.gates.values()).total_seconds()

    def may_send(self) -> bool:
        """Our lease lasts for long enough to get a call to a remote.

        Judged on our own monotonic clock: whatever a pause or another machine's clock did, a lease counted from
        before it was asked for ends here no later than anywhere else.
        """
        return self.lease_until - self.clock.monotonic() >= min(SEND_SECONDS, self.rhythm.lease / 3)

    @property
    def rules(self) -> tuple[BufferRule, ...]:
        """All buffers, those of operators last."""
        return (*self.buffers, *self.asked)

    @cached_property
    def warehouse_of(self) -> Mapping[LocationId, WarehouseId]:
        """The warehouse that takes the orders of a location."""
        return booked_at(self.locations)

    @cached_property
    def families(self) -> Mapping[Sku, frozenset[Sku]]:
        """SKUs that share components, by each of them."""
        return families(self.kits)

    @property
    def held_back(self) -> frozenset[WarehouseId]:
        """Warehouses whose units are not sold."""
        return frozenset() if self.sells_when_off else self.closed

    @property
    def books_at(self) -> Mapping[LocationId, WarehouseId]:
        """The warehouse at which an order of a location is booked."""
        return booked_at(self.locations, self.held_back)

    @cached_property
    def location_of(self) -> Mapping[WarehouseId, LocationId]:
        """The location in front of a warehouse."""
        return {warehouse: location for location, behind in self.locations.items() for warehouse in behind}

    @property
    def lag(self) -> timedelta:
        """How long the back office may go on selling what the shop still offers: until we look, and until we wrote."""
        return timedelta(seconds=self.rhythm.delta) + self.pace.lag

    @property
    def listed_at(self) -> datetime | None:
        """When the newest listing of changed orders began whose every order has been read since.

        None once the clock was set since then: by it, what was seen later would look older than the listing.
        """
        begun, passed = self.listings.read_until, self.clock.monotonic() - self.listings.read_tick
        if begun is None or abs(self.now() - begun - timedelta(seconds=passed)) > CLOCK_SET:
            return None
        return begun

    def fresh_key(self) -> str:
        """A name nothing has had: 128 random bits."""
        return f"{self.chance.getrandbits(128):032x}"

    def now(self) -> datetime:
        """Wall time, UTC."""
        return self.clock.now()

    def answered(self, remote: str) -> None:
        """A call went well."""
        state = self.remotes[remote]
        state.last_ok, state.failing_since, state.detail = self.now(), None, ""

    def failed(self, remote: str, failure: Failure) -> None:
        """A call did not; remembered for the health line, unless the remote understood and said no: then it is there."""
        if isinstance(failure, Refused | Unmapped):
            self.answered(remote)
            return
        state = self.remotes[remote]
        state.failing_since = state.failing_since or self.now()
        state.detail = f"{failure.cause} {failure.remedy}"

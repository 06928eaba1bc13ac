"""The desk: all that a face (screen, command line) may read or ask. Rows are frozen and already safe to keep.

Texts in rows come from remotes: a face must still pass them through its terminal sanitiser.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from engine.desk.conflicts import ConflictRow
from engine.desk.editing import Change, EditField, EditForm, Overtaken
from engine.desk.failures import Asked, CauseRow, Chosen, FailedDetail, FailedPage, FailedRow
from engine.desk.gaps import GapRow
from engine.desk.listing import Look, Page
from engine.desk.mapping import CompareRow, Comparison, MappingRow, Subject
from engine.desk.orders import OrderDetail, OrderLineRow
from engine.desk.plans import Came, PlanLine
from engine.desk.risk import RiskPage, RiskRow
from engine.desk.sync import SyncPage, TopicRow
from engine.desk.trail import TimelineRow, TrailRow, Verified
from engine.model.comparison import Proof
from engine.model.explanation import Explanation
from engine.model.hold import Hold
from engine.model.ids import OrderId, WorkId
from engine.model.plan import Plan

__all__ = [
    "Asked",
    "Came",
    "CauseRow",
    "Change",
    "Changes",
    "Chosen",
    "CompareRow",
    "Comparison",
    "ConflictRow",
    "Desk",
    "EditField",
    "EditForm",
    "EventRow",
    "FailedDetail",
    "FailedPage",
    "FailedRow",
    "GapRow",
    "Look",
    "MappingRow",
    "OrderDetail",
    "OrderLineRow",
    "Overtaken",
    "Page",
    "PlanLine",
    "Pulse",
    "RemoteHealth",
    "RiskPage",
    "RiskRow",
    "StockCell",
    "StockPage",
    "StockRow",
    "Subject",
    "SyncPage",
    "TimelineRow",
    "TopicRow",
    "TrailRow",
    "Verified",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class RemoteHealth:
    """One remote of one connection."""

    connection: str
    remote: str
    """`shop` or `back office`."""
    state: str
    """OK, SLOW, FAIL, PAUSED or STALE."""
    detail: str
    last_ok: datetime | None


@dataclass(frozen=True, slots=True)
class EventRow:
    """One line of recent activity, newest first."""

    at: datetime
    tone: str
    """ok, warn or fail."""
    text: str


@dataclass(frozen=True, slots=True)
class Pulse:
    """The overview: is everything in agreement, and if not, where not."""

    as_of: datetime
    engine: str
    """`running here`, `running elsewhere` or `stopped`."""
    orders_last_minute: int
    orders_total: int
    push_p95_ms: int | None
    queue: int
    """Cells and records waiting or being worked on."""
    failed: int
    uncertain: int
    cells: int
    cells_waiting: int
    conflicts: int
    """Cells in which an unexplained rise was written away and waits for a person."""
    remotes: tuple[RemoteHealth, ...]
    events: tuple[EventRow, ...]
    orders_series: tuple[int, ...] = ()
    """Orders per minute for the last 30 minutes, oldest first."""
    at_risk: int = 0
    """Cells that have sold more than there is or may before the next write, as the engine last reckoned."""
    topics: tuple[TopicRow, ...] = ()
    """What the shop's webhooks told lately, by topic."""
    over: int = 0
    """Of them, those that have."""
    writes_series: tuple[int, ...] = ()
    """Stock writes per minute for the last 30 minutes, oldest first."""
    alarms: tuple[tuple[str, str], ...] = ()
    """(cause, remedy) of what stands until somebody acts: a part of the engine that ended, an order with two documents."""
    alerts: tuple[str, ...] = ()
    """The newest alerts that stand and nobody looks after, each as a sentence."""
    remits: tuple[str, ...] = ()
    """Of each connection that another connector serves too, what TrueUp writes of it."""


@dataclass(frozen=True, slots=True)
class StockCell:
    """One SKU at one location as we last knew both sides."""

    location: str
    location_name: str
    on_hand: int | None
    available: int | None
    committed: int | None
    target: int | None
    erp_on_hand: int | None
    erp_reserved: int | None
    state: str
    """ok, waiting, failed, conflict, inactive or unknown."""
    published_at: datetime | None
    seen_at: datetime | None


@dataclass(frozen=True, slots=True)
class StockRow:
    """One SKU with its cells in the order of `StockPage.locations`; None where it is not stocked."""

    sku: str
    title: str
    total: int
    cells: tuple[StockCell | None, ...]


@dataclass(frozen=True, slots=True)
class StockPage:
    """Rows `offset` … of a filtered, sorted listing."""

    as_of: datetime
    total: int
    offset: int
    locations: tuple[tuple[str, str], ...]
    """(id, name) of the columns."""
    rows: tuple[StockRow, ...]


class Changes(Protocol):
    """Tells that something changed, coalesced."""

    async def after(self, seen: int, *, at_most: float) -> int:
        """Wait until the revision is past `seen` or `at_most` seconds went by; the revision then."""
        ...


class Desk(Protocol):
    """All that a face may read or ask."""

    @property
    def environment(self) -> str:
        """Name shown in the status line."""
        ...

    @property
    def changes(self) -> Changes:
        """The bell."""
        ...

    async def pulse(self) -> Pulse:
        """The overview."""
        ...

    async def proof(self) -> Proof:
        """Whether every cell was compared within the hours that were set."""
        ...

    async def stock(self, *, filter: str = "", offset: int = 0, limit: int = 200) -> StockPage:
        """SKUs containing `filter` in SKU or title, sorted by SKU."""
        ...

    async def risk(self) -> RiskPage:
        """Cells that sell, the soonest empty first, and how likely each sells what is not there."""
        ...

    async def holds(self) -> tuple[Hold, ...]:
        """What operators hold back from sale."""
        ...

    async def hold(
        self,
        connection: str,
        sku: str,
        location: str,
        *,
        units: int | None,
        minutes: int | None,
        operator: str,
    ) -> str:
        """Ask the engine to hold so many units back in a cell (None: all, nothing is sold there); why not, or empty.

        `location` is an id or a name, an empty `connection` the only one that has the cell.
        It counts alone there for so many minutes (None: until it is ended), and 0 units are a hold too.
        """
        ...

    async def let_go(self, connection: str, sku: str, location: str, *, operator: str) -> str:
        """Ask the engine to end what is held back in a cell; why not, or empty."""
        ...

    async def conflicts(self) -> tuple[ConflictRow, ...]:
        """Levels that something other than TrueUp changed, the oldest first."""
        ...

    async def decide(
        self,
        connection: str,
        sku: str,
        location: str,
        *,
        units: int,
        real: bool,
        operator: str,
        kind: str = "",
    ) -> str:
        """Ask the engine to note what so many units of a conflict were; why not, or empty.

        `kind` is `rise` or `fall`; by default the cell's fall, where there is one: it is judged before a rise.
        """
        ...

    async def explain(self, sku: str, location: str, at: datetime | None = None) -> tuple[Explanation, ...]:
        """Why a cell held what it held at a moment (by default now); one per connection that has it."""
        ...

    async def plans(self) -> tuple[PlanLine, ...]:
        """The newest plans, the newest first."""
        ...

    async def plan(self, number: int) -> Plan | None:
        """A plan with all its rows; None when there is none of that number."""
        ...

    async def make_plan(self, connection: str, subject: str = "stock", *, operator: str) -> int:
        """Ask the engine to compare a connection's `stock` or `products` and plan what differs; the number to ask by."""
        ...

    async def run_plan(
        self, number: int, cells: tuple[tuple[str, str], ...] | None, *, operator: str
    ) -> int | None:
        """Ask the engine to run a plan, or of it only these (SKU, location or field); the number to ask about it by.

        None when there is no such plan. Rows whose level has moved since are refused by the engine.
        """
        ...

    async def came_of(self, asked: int) -> Came | None:
        """What came of such a wish; None while the engine has not finished it."""
        ...

    async def failed(
        self, *, filter: str = "", limit: int = 500, offset: int = 0, sort: str = "", descending: bool = True
    ) -> FailedPage:
        """Records that wait for a person, newest first by default."""
        ...

    async def failed_causes(self, *, filter: str = "") -> tuple[CauseRow, ...]:
        """The same by cause, those with most records first."""
        ...

    async def failed_chosen(self, *, filter: str = "") -> tuple[Chosen, ...]:
        """Every record the filter lets through, as it is at this moment."""
        ...

    async def failed_detail(self, work: WorkId) -> FailedDetail | None:
        """One of them; None when it has been cleared meanwhile."""
        ...

    async def retry(self, works: tuple[WorkId, ...], *, operator: str) -> Asked:
        """Ask the engine to try these records again, whatever happened to them since they were seen."""
        ...

    async def act(
        self, verb: str, chosen: tuple[Chosen, ...], *, value: str, operator: str, stale: str = "skip"
    ) -> Asked:
        """Ask the engine for `retry`, `resolve`, `park`, `unpark`, `assign` or `tag`; `value` is the reason or name.

        Records that changed since they were seen are refused, each with a sentence (`skip`), acted on as they are at
        this moment (`newest`), or as whatever they will be when the engine gets to them (`force`).
        """
        ...

    async def overtaken(self, chosen: tuple[Chosen, ...]) -> tuple[Overtaken, ...]:
        """Of these records, those that are not as somebody saw them, and those whose order changed after the attempt."""
        ...

    async def editable(self, work: WorkId) -> EditForm | None:
        """What of a record may be told in other words; None when it does not wait any more."""
        ...

    async def edit(
        self, connection: str, record: Chosen | None, changes: Sequence[Change], *, stale: str, operator: str
    ) -> int | str:
        """Ask the engine to tell this from now on and to try the record again; the number to ask by, or why not.

        `stale` is what becomes of words about an order when Shopify says something else by then: `skip` (a person is
        asked), `newest` (Shopify's are sent) or `force`; with `force` a record that changed meanwhile is tried, too.
        """
        ...

    async def outcome(self, asked: int) -> str | None:
        """What came of an edit, in a few words; None while the engine has not finished it."""
        ...

    async def compare(self, subject: Subject) -> Comparison | None:
        """Both sides of an order or a product as they were last seen, field by field; None when it is not known."""
        ...

    async def mappings(self) -> tuple[MappingRow, ...]:
        """What the two sides call the same thing, what is missing first."""
        ...

    async def decide_field(
        self, connection: str, sku: str, field: str, what: str, *, minutes: int, operator: str
    ) -> str:
        """Ask the engine to `restore`, `adopt` or `snooze` a field of a product that the shop changed; why not, or empty."""
        ...

    async def subscribe(self, connection: str, *, operator: str) -> None:
        """Ask the engine to list the shop's subscriptions and to make anew what is gone."""
        ...

    async def undo(self, seq: int, *, operator: str) -> str:
        """Ask the engine to take back what this line of the ledger says; why not, or empty."""
        ...

    async def orders(self, look: Look) -> Page[OrderLineRow]:
        """Orders, newest first by default."""
        ...

    async def order(self, connection: str, order: str) -> OrderDetail | None:
        """One of them; None when it is not known."""
        ...

    async def sync(self) -> SyncPage:
        """Each connection with its steps and lanes."""
        ...

    async def trail(self, look: Look, *, people: bool) -> Page[TrailRow]:
        """Lines of the ledger, newest first: all, or only what people asked and what came of it."""
        ...

    async def verify_trail(self) -> Verified:
        """Follow the hash chain of the whole ledger."""
        ...

    async def acknowledge(self, *, operator: str) -> int:
        """Say that this person looks after every alert that stands; of how many nobody did before."""
        ...

    async def gaps(self) -> tuple[GapRow, ...]:
        """What has no mapping yet, and fields of products that wait for a decision."""
        ...

    async def pull(
        self, connection: str, orders: tuple[OrderId, ...], *, unseen: bool, operator: str
    ) -> Asked:
        """Ask the engine to look at these orders again; with `unseen` only at those it has never seen."""
        ...

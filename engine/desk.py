"""The desk: all that a face (screen, command line) may read or ask. Rows are frozen and already safe to keep.

Texts in rows come from remotes: a face must still pass them through its terminal sanitiser.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from engine.model.explanation import Explanation
from engine.model.ids import OrderId, WorkId


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
    writes_series: tuple[int, ...] = ()
    """Stock writes per minute for the last 30 minutes, oldest first."""


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


@dataclass(frozen=True, slots=True)
class FailedRow:
    """A record that waits for a person."""

    id: WorkId
    connection: str
    kind: str
    """order, or of stock: cell, sku, location."""
    ref: str
    state: str
    """held, dead_lettered or uncertain."""
    cause: str
    remedy: str
    code: str
    tries: int
    first_at: datetime
    last_at: datetime


@dataclass(frozen=True, slots=True)
class FailedPage:
    """The records that wait for a person, newest first."""

    as_of: datetime
    total: int
    groups: int
    rows: tuple[FailedRow, ...]


@dataclass(frozen=True, slots=True)
class TimelineRow:
    """One ledger line about a record."""

    at: datetime
    actor: str
    action: str
    detail: str


@dataclass(frozen=True, slots=True)
class FailedDetail:
    """One record with all that is known of it."""

    row: FailedRow
    sent: str
    got: str
    timeline: tuple[TimelineRow, ...]
    same_cause: int
    """Other records that failed with the same fingerprint."""


@dataclass(frozen=True, slots=True)
class GapRow:
    """Something that has no name or place on the other side."""

    connection: str
    kind: str
    """field: content of orders that the back office is not told."""
    name: str
    first: str
    """The first order that had it, with a sample."""
    times: int
    first_at: datetime
    last_at: datetime


@dataclass(frozen=True, slots=True)
class Asked:
    """What came of an action asked by an operator."""

    accepted: int
    refused: tuple[str, ...]


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

    async def stock(self, *, filter: str = "", offset: int = 0, limit: int = 200) -> StockPage:
        """SKUs containing `filter` in SKU or title, sorted by SKU."""
        ...

    async def explain(self, sku: str, location: str, at: datetime | None = None) -> tuple[Explanation, ...]:
        """Why a cell held what it held at a moment (by default now); one per connection that has it."""
        ...

    async def failed(self, *, filter: str = "", limit: int = 500) -> FailedPage:
        """Records that wait for a person."""
        ...

    async def failed_detail(self, work: WorkId) -> FailedDetail | None:
        """One of them; None when it has been cleared meanwhile."""
        ...

    async def retry(self, works: tuple[WorkId, ...], *, operator: str) -> Asked:
        """Ask the engine to try these records again."""
        ...

    async def gaps(self) -> tuple[GapRow, ...]:
        """What has no mapping yet."""
        ...

    async def pull(
        self, connection: str, orders: tuple[OrderId, ...], *, unseen: bool, operator: str
    ) -> Asked:
        """Ask the engine to look at these orders again; with `unseen` only at those it has never seen."""
        ...

"""What the store's verbs take and give: frozen rows, safe to keep after the transaction."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from engine.model.failure import Failure
from engine.model.ids import ItemId, LocationId, OrderId, Sku, WorkId
from engine.model.stock import CellKey
from engine.stock.memory import Memory
from engine.stock.velocity import UNKNOWN, Sold


@dataclass(frozen=True, slots=True)
class FailureNote:
    """Why something did not work: cause and remedy for a person, code for grouping, log for the file."""

    cause: str
    remedy: str
    code: str = ""
    log: str = ""

    @classmethod
    def of(cls, failure: Failure) -> "FailureNote":
        """The note of a failure raised by an adapter."""
        return cls(failure.cause, failure.remedy, failure.code, failure.log)


@dataclass(frozen=True, slots=True)
class Work:
    """One claimed row of the queue."""

    id: WorkId
    connection: str
    kind: str
    key: str
    lane: int
    attempt: int
    """Failed attempts so far."""
    epoch: int
    reason: str
    due_at: datetime
    probing: bool
    """An earlier attempt may have been applied: look on the other side before doing it again."""


@dataclass(frozen=True, slots=True)
class Incoming:
    """A webhook or file to be received."""

    connection: str
    source: str
    """`shop` or `back_office`."""
    webhook_id: str | None
    topic: str
    resource: str
    resource_version: str | None
    body: bytes
    triggered_at: datetime | None
    now: datetime


@dataclass(frozen=True, slots=True)
class InboxRow:
    """One received message that nobody has closed yet."""

    id: int
    connection: str
    source: str
    webhook_id: str | None
    topic: str
    resource: str
    resource_version: str | None
    body: bytes
    triggered_at: datetime | None
    received_at: datetime


@dataclass(frozen=True, slots=True)
class Effect:
    """One call that may change a remote, written down before it is made."""

    id: int
    connection: str
    work_id: WorkId | None
    remote: str
    op: str
    ext_ref: str
    key: str
    fingerprint: str
    body: str
    outcome: str
    """none, applied, rejected, unknown or superseded."""
    remote_id: str | None
    evidence: str
    created_at: datetime
    settled_at: datetime | None


@dataclass(frozen=True, slots=True)
class CellState:
    """What the stock rule remembers of one cell; read before anything remote is read."""

    sku: Sku
    location: LocationId
    item: ItemId
    ver: int
    base: int | None
    """On hand last agreed, free of all named movements; None until the first sync."""
    pos: int
    """Units of unexplained rises written away and undecided."""
    seen_low: int | None
    """Lowest negative remainder since `seen_at`; None when there is none."""
    seen_at: datetime | None
    dirty_seq: int
    active: bool
    tracked: bool
    on_hand: int | None
    """On hand in the shop as last seen; only a hint."""
    target: int | None
    attempt: int
    """Failed attempts since the last success."""
    dirty_at: datetime | None
    dirty_lane: int | None
    sold: Sold = UNKNOWN
    """The back office's own sales there."""

    @property
    def key(self) -> CellKey:
        """SKU and location."""
        return CellKey(self.sku, self.location)

    @property
    def memory(self) -> Memory:
        """What the stock rule goes by."""
        return Memory(self.ver, self.base, self.pos, self.seen_low, self.seen_at)


@dataclass(frozen=True, slots=True)
class Published:
    """A cell after a successful write, or after both sides were found equal."""

    key: CellKey
    read: Memory
    """As the attempt found it."""
    agreed: Memory
    """As the attempt leaves it; base None while a first sight is not proven yet."""
    target: int
    on_hand: int
    """What the shop held before the write."""
    terms_json: str
    """The terms of the target, for the explanation."""
    dirty_seq: int
    """As read with the cell: a mark made meanwhile stays."""
    open: bool = False
    """The mark stays in any case: more will be known later."""
    again_at: datetime | None = None
    """When the cell is to be looked at again although nothing moves: what is held back there lessens with time."""
    sold: Sold | None = None
    erp_on_hand: int | None = None
    erp_reserved: int | None = None
    erp_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class OrderRow:
    """One remembered order and what the back office last said of its document."""

    connection: str
    order_id: OrderId
    name: str
    updated_at: datetime
    body: str
    state: str
    total: Decimal | None
    first_seen_at: datetime
    document_id: str | None
    document_status: str
    document_lines: str
    document_at: datetime | None


@dataclass(frozen=True, slots=True)
class LeaseRow:
    """Who holds a lease, with its fencing epoch."""

    name: str
    holder: str | None
    epoch: int
    until: datetime | None
    live: bool


@dataclass(frozen=True, slots=True)
class LedgerLine:
    """One line to be appended to the ledger."""

    actor: str
    action: str
    entity: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """One line of the ledger as stored."""

    seq: int
    connection: str
    at: datetime
    actor: str
    action: str
    entity: str
    detail: str
    hash: str


@dataclass(frozen=True, slots=True)
class Command:
    """Something an operator asked from a face."""

    id: int
    connection: str
    verb: str
    args_json: str
    operator: str
    asked_at: datetime


@dataclass(frozen=True, slots=True)
class PlaceRow:
    """A location of the shop or a warehouse of the back office, as last listed."""

    connection: str
    side: str
    """`shop` or `back_office`."""
    id: str
    name: str
    active: bool


@dataclass(frozen=True, slots=True)
class Telling:
    """A message that is due to a channel, with the alert it tells of as it stands."""

    id: int
    channel: str
    word: str
    attempt: int
    """1 for the first."""
    notice: int
    rule: str
    connection: str
    cause: str
    severity: str
    figure: int
    text: str
    remedy: str
    opened_at: datetime
    over_at: datetime | None
    acked_by: str

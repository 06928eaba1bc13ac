"""The records that wait for a person, by themselves and by what they have in common."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from engine.desk.trail import TimelineRow
from engine.model.ids import WorkId


@dataclass(frozen=True, slots=True)
class FailedRow:
    """A record that waits for a person."""

    id: WorkId
    connection: str
    kind: str
    """order, product (by the back office's SKU), or of stock: cell, sku, location."""
    ref: str
    state: str
    """held, dead_lettered or uncertain."""
    cause: str
    remedy: str
    code: str
    tries: int
    first_at: datetime
    last_at: datetime
    version: int = 0
    """Moves with every change: what is asked of a record names the version it was seen at."""
    assignee: str = ""
    tags: str = ""
    """Separated by blanks."""
    parked: str = ""
    """Why it was set aside; empty when it was not."""


@dataclass(frozen=True, slots=True)
class FailedPage:
    """The records that wait for a person, newest first."""

    as_of: datetime
    total: int
    groups: int
    rows: tuple[FailedRow, ...]
    offset: int = 0


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
class CauseRow:
    """Records that failed for one cause, and what hangs on them."""

    kind: str
    code: str
    cause: str
    """Of the newest of them."""
    remedy: str
    records: int
    orders: int
    units: int
    """Committed units of those orders."""
    held: tuple[tuple[str, Decimal], ...]
    """Money of those orders by currency; of a record of money what a person is asked to enter."""
    first_at: datetime
    last_at: datetime


@dataclass(frozen=True, slots=True)
class Chosen:
    """A record as it was seen when somebody decided to act on it."""

    id: WorkId
    version: int
    ref: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """What came of an action asked by an operator."""

    accepted: int
    refused: tuple[str, ...]

"""The records that wait for a person, by themselves and by what they have in common."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Protocol

from engine.desk.trail import TimelineRow
from engine.model.ids import WorkId


@dataclass(frozen=True, slots=True)
class FailedRow:
    """A record that waits for a person."""

    id: WorkId
    connection: str
    kind: str
    """order, product or draft (by the back office's SKU), or of stock: cell, sku, location."""
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


class FailedDesk(Protocol):
    """The part of the desk that lists what waits for a person, and has it tried again or set aside."""

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

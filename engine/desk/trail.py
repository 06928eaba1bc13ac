"""The ledger as a face sees it."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class TimelineRow:
    """One ledger line about a record."""

    at: datetime
    actor: str
    action: str
    detail: str


@dataclass(frozen=True, slots=True)
class TrailRow:
    """One line of the ledger."""

    seq: int
    connection: str
    at: datetime
    actor: str
    action: str
    entity: str
    detail: str
    hash: str


@dataclass(frozen=True, slots=True)
class Verified:
    """What following the hash chain from the first line to the last showed."""

    at: datetime
    lines: int
    bad: int | None
    """The first line that does not follow from the one before it; None when every one does."""

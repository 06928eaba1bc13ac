"""Alerts as people are told of them."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class TellingRow:
    """One message to one channel."""

    channel: str
    word: str
    """fired, escalated, reminded or resolved."""
    due_at: datetime
    told_at: datetime | None
    given_up_at: datetime | None
    attempts: int
    trouble: str
    """Why the last attempt failed; empty when it did not."""


@dataclass(frozen=True, slots=True)
class NoticeRow:
    """One alert."""

    id: int
    rule: str
    connection: str
    cause: str
    severity: str
    figure: int
    """Records, cells, seconds or percent, as the rule's condition counts."""
    text: str
    remedy: str
    opened_at: datetime
    over_at: datetime | None
    acked_at: datetime | None
    acked_by: str
    tellings: tuple[TellingRow, ...]


@dataclass(frozen=True, slots=True)
class MuteRow:
    """A span of time in which nobody is told."""

    id: int
    connection: str
    """Empty: all."""
    begins: datetime
    ends: datetime
    set_by: str
    reason: str

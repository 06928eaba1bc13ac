"""Whether each connection is in step: its remotes, its lanes, its steps, and who runs it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class StepRow:
    """One step of one connection."""

    connection: str
    step: str
    state: str
    """OK, SLOW, FAIL, PAUSED, STALE or IDLE."""
    last: datetime | None
    """When it last did something."""
    waiting: int
    oldest: datetime | None
    """Since when the oldest of what waits has been waiting."""
    per_minute: int
    """What it got done in the last minute."""
    note: str


@dataclass(frozen=True, slots=True)
class LaneRow:
    """Records of one lane that wait to be worked on."""

    lane: int
    waiting: int
    running: int
    oldest: datetime | None


@dataclass(frozen=True, slots=True)
class TopicRow:
    """What one topic of webhooks told in the last hours."""

    connection: str
    topic: str
    heard: int
    """Messages of this hour and the one before."""
    heard_at: datetime | None
    expected: int
    """Changes of those hours that it should have told."""
    missed: int
    """Of them, those that were found without it."""


@dataclass(frozen=True, slots=True)
class SyncRow:
    """One connection."""

    connection: str
    holder: str
    """Process that holds the lease; empty when none does."""
    epoch: int
    until: datetime | None
    live: bool
    steps: tuple[StepRow, ...]
    lanes: tuple[LaneRow, ...]
    healed: int
    """Changes found without a webhook, ever."""
    heard: int
    """Webhooks received in the last hour."""
    topics: tuple[TopicRow, ...] = ()


@dataclass(frozen=True, slots=True)
class SyncPage:
    """All connections."""

    as_of: datetime
    rows: tuple[SyncRow, ...]


class SyncDesk(Protocol):
    """The part of the desk that shows each connection."""

    async def sync(self) -> SyncPage:
        """Each connection with its steps and lanes."""
        ...

    async def subscribe(self, connection: str, *, operator: str) -> None:
        """Ask the engine to list the shop's subscriptions and to make anew what is gone."""
        ...

"""The overview: whether everything is in agreement, and if not, where not."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from engine.desk.sync import TopicRow
from engine.model.comparison import Proof


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


class PulseDesk(Protocol):
    """The part of the desk that says how things stand."""

    async def pulse(self) -> Pulse:
        """The overview."""
        ...

    async def proof(self) -> Proof:
        """Whether every cell was compared within the hours that were set."""
        ...

    async def acknowledge(self, *, operator: str) -> int:
        """Say that this person looks after every alert that stands; of how many nobody did before."""
        ...

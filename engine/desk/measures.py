"""What is measured of each connection, for metrics and for the rules of alerts."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from engine.desk.sync import LaneRow, TopicRow


@dataclass(frozen=True, slots=True)
class GateRow:
    """How calls of one kind to one remote are let through."""

    remote: str
    """`shop` or `back office`."""
    kind: str
    """`read` or `write`."""
    open: bool
    """Nothing passes, or one trial at a time."""
    since: datetime
    """When that was written down."""


@dataclass(frozen=True, slots=True)
class RemoteRow:
    """How a remote has been answering."""

    remote: str
    state: str
    """OK, SLOW, FAIL, PAUSED or STALE."""
    detail: str
    last_ok: datetime | None


@dataclass(frozen=True, slots=True)
class WaitingRow:
    """Records of one cause that wait for a person."""

    code: str
    """The stable name of the cause; `other` where there is none."""
    records: int
    cause: str
    """Of the newest of them."""
    remedy: str
    since: datetime
    """When the first of them failed."""


@dataclass(frozen=True, slots=True)
class AlarmRow:
    """Something the engine itself found that stands until somebody acts."""

    code: str
    entity: str
    cause: str
    remedy: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Measured:
    """One connection at one moment."""

    connection: str
    led: bool
    """A living engine works on it."""
    lag_seconds: float
    """How long a change of the back office takes to be confirmed by the shop."""
    lanes: tuple[LaneRow, ...]
    topics: tuple[TopicRow, ...]
    healed: int
    """Changes found without a webhook, ever."""
    cells: Mapping[str, int]
    """Cells by state: kept, waiting, failed, conflict, oversold, at_risk. A cell may be in several."""
    waiting: tuple[WaitingRow, ...]
    gaps: int
    """Names that have no mapping."""
    alarms: tuple[AlarmRow, ...]
    gates: tuple[GateRow, ...]
    remotes: tuple[RemoteRow, ...]
    retries: float
    """Retries that can be paid for."""
    allowances: Mapping[str, int]
    """Percent of a remote's allowance of calls that is left, of those that count."""


@dataclass(frozen=True, slots=True)
class Measures:
    """All connections at one moment."""

    as_of: datetime
    rows: tuple[Measured, ...]

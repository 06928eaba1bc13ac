"""A rule of alerts: what must hold, how grave it is, who is told and who next."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from fnmatch import fnmatchcase
from zoneinfo import ZoneInfo


class Condition(StrEnum):
    """What a rule looks at."""

    FAILED_RECORDS = "failed_records"
    """Records of one cause that wait for a person, at least so many; by the code of the cause."""
    BACKLOG_AGE = "backlog_age"
    """The oldest due record or cell of a lane has waited for at least so many seconds; by lane."""
    BREAKER_OPEN = "breaker_open"
    """A remote is left alone after failing; by remote."""
    REMOTE_DOWN = "remote_down"
    """A remote does not answer well; by remote."""
    SYNC_LAG = "sync_lag"
    """A change of the back office takes at least so many seconds to reach the shop."""
    DRIFT = "drift"
    """At least so many cells differ and stay so: changed by something else, or refused."""
    OVERSELL_RISK = "oversell_risk"
    """At least so many cells are about to sell what is not there, or have."""
    OVERSOLD = "oversold"
    """At least so many cells have sold what is not there."""
    WEBHOOKS = "webhooks"
    """The shop leaves changes out, or fell silent; by topic."""
    BUDGET = "budget"
    """A remote lets us ask for less than so many percent of what it lets at most; by remote."""
    DISK = "disk"
    """Less than so many percent of the database's disk is free."""
    EXPIRY = "expiry"
    """A certificate or a key ends in less than so many days, or has; by its name."""
    DUPLICATE = "duplicate"
    """An order has two documents in the back office; by order."""
    LOOP_ENDED = "loop_ended"
    """A part of the engine ended by a defect; by its name."""
    NOT_LED = "not_led"
    """No engine works on the connection."""
    DATABASE = "database"
    """Our own database cannot be used. Told at once and not recorded: there is nowhere to."""


BELOW = frozenset({Condition.BUDGET, Condition.DISK, Condition.EXPIRY})
"""Conditions that hold under their limit; the others hold at it and above."""
LIMITS = {
    Condition.FAILED_RECORDS: 1.0, Condition.BACKLOG_AGE: 120.0, Condition.SYNC_LAG: 60.0, Condition.DRIFT: 1.0,
    Condition.OVERSELL_RISK: 1.0, Condition.OVERSOLD: 1.0, Condition.BUDGET: 10.0, Condition.DISK: 10.0,
    Condition.EXPIRY: 14.0,
}  # fmt: skip
"""What counts where a rule names no limit."""


class Severity(StrEnum):
    """How grave it is."""

    INFO = "info"
    WARNING = "warning"
    CRITICAL = "critical"
    """Told in quiet hours too."""


@dataclass(frozen=True, slots=True)
class Step:
    """Who is told once it has stood for so long without anybody acknowledging it."""

    after: timedelta
    tell: tuple[str, ...]
    """Names of channels."""


@dataclass(frozen=True, slots=True)
class Quiet:
    """Hours of the day in which only what is critical is told; the rest is told when they are over."""

    begins: time
    ends: time
    """Before `begins`: on the next morning."""
    zone: ZoneInfo

    def covers(self, now: datetime) -> bool:
        """Whether it is quiet at this moment."""
        at = now.astimezone(self.zone).time()
        if self.begins <= self.ends:
            return self.begins <= at < self.ends
        return at >= self.begins or at < self.ends


@dataclass(frozen=True, slots=True)
class Rule:
    """One entry of `[[alerts]]`."""

    name: str
    when: Condition
    limit: float
    severity: Severity
    steps: tuple[Step, ...]
    """The first at once, the others later and later."""
    stands: timedelta = timedelta(0)
    """How long it must have held before anybody is told."""
    calm: timedelta = timedelta(seconds=30)
    """How long it must have been over before that is told, so that what flaps is one alert."""
    only: tuple[str, ...] = ()
    """Causes, lanes, remotes, topics (with `*` and `?`) that count; empty: all."""
    connections: tuple[str, ...] = ()
    """Empty: all."""
    quiet: Quiet | None = None
    remind: timedelta | None = None
    """How often those told so far are told again while nobody acknowledges."""

    def covers(self, connection: str, cause: str) -> bool:
        """Whether this is about such a cause of such a connection."""
        here = not self.connections or connection in self.connections
        return here and (not self.only or any(fnmatchcase(cause, one) for one in self.only))


@dataclass(frozen=True, slots=True)
class Maintenance:
    """A span of time in which nobody is told."""

    begins: datetime
    ends: datetime
    connections: tuple[str, ...] = ()
    """Empty: all."""

    def covers(self, connection: str, now: datetime) -> bool:
        """Whether a connection is being worked on at this moment."""
        return self.begins <= now < self.ends and (not self.connections or connection in self.connections)

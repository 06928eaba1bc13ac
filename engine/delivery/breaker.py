"""The circuit breaker of one remote and one class of operation.

Closed lets everything pass. Open lets nothing pass until its time is over. Half-open lets one call through at a
time: for reads that is one read; writes wait until a read of the same remote has gone well since, then one write is
tried. Every failed trial doubles the time; a success closes.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

THRESHOLD = 5
"""Failures in a row."""
SHORTEST = timedelta(seconds=1)
LONGEST = timedelta(seconds=30)


class Circuit(StrEnum):
    """What the breaker lets pass."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"


class Kind(StrEnum):
    """Classes of operations; a remote may be able to answer and unable to write."""

    READ = "read"
    WRITE = "write"


@dataclass(frozen=True, slots=True)
class Breaker:
    """State of one breaker."""

    kind: Kind
    circuit: Circuit = Circuit.CLOSED
    failures: int = 0
    """In a row."""
    opened_until: datetime | None = None
    """Wall time, for people and for the next engine; the gate judges by its monotonic clock."""
    openings: int = 0
    """In a row; how often the time was doubled."""

    def wait(self, now: datetime) -> timedelta:
        """How long nothing passes yet."""
        if self.circuit is Circuit.CLOSED or self.opened_until is None:
            return timedelta(0)
        # a clock that was set back must not keep the breaker open for longer than ever intended
        return max(timedelta(0), min(self.opened_until - now, LONGEST))

    @property
    def needs_read(self) -> bool:
        """A write is not tried before a read has gone well since the time was over."""
        return self.kind is Kind.WRITE and self.opened_until is not None

    def admit(self) -> "Breaker":
        """A call passes; when the breaker was open, it is the one trial."""
        return replace(self, circuit=Circuit.HALF_OPEN) if self.circuit is Circuit.OPEN else self

    def succeeded(self) -> "Breaker":
        """The remote did what was asked, or understood and declined."""
        return Breaker(self.kind)

    def failed(self, now: datetime) -> "Breaker":
        """The remote is away or broken."""
        failures = self.failures + 1
        if self.circuit is Circuit.CLOSED and failures < THRESHOLD:
            return replace(self, failures=failures)
        openings = self.openings + (self.circuit is not Circuit.OPEN)
        until = now + min(LONGEST, SHORTEST * 2 ** min(openings - 1, 10))
        if self.circuit is Circuit.OPEN and self.opened_until is not None:
            until = self.opened_until  # a call that was under way when it opened says nothing further
        return Breaker(self.kind, Circuit.OPEN, failures, until, openings)

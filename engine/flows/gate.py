"""The gate every call to a remote passes: breaker, bulkhead, lease, and what the answer teaches.

A remote has one gate for reads and one for writes, each with a breaker and a window of its own: a remote that hangs
on writes holds no reader, and one remote's trouble holds nothing of the other's.
"""

from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from math import inf
from typing import Protocol, TypeVar

from engine.delivery.breaker import Breaker, Circuit, Kind
from engine.flows.bulkhead import Bulkhead
from engine.model.clock import Clock
from engine.model.failure import TOO_OLD, Failure, NotNow, OutcomeUnknown, RateLimited, TryLater, in_time

T = TypeVar("T")
TRIAL_SECONDS = 1.0
"""When to ask again while the one trial of a half-open breaker is under way."""


class Watcher(Protocol):
    """Who is told how a remote answers, and knows whether this engine may still write to it."""

    clock: Clock

    def answered(self, remote: str) -> None:
        """A call went well."""
        ...

    def failed(self, remote: str, failure: Failure) -> None:
        """A call did not."""
        ...

    def may_send(self) -> bool:
        """The lease is ours for long enough to send something."""
        ...


class Gate:
    """One remote and one kind of operation."""

    def __init__(
        self,
        watcher: Watcher,
        remote: str,
        kind: Kind,
        bulkhead: Bulkhead,
        read_ok: Callable[[], float | None],
    ) -> None:
        self._watcher = watcher
        self._remote = remote
        self._bulkhead = bulkhead
        self._read_ok = read_ok
        self._trial = False
        self.breaker = Breaker(kind)
        self.last_ok: float | None = None
        """When a call last went well, by the monotonic clock."""
        self._reckoned: datetime | None = None
        self._ends = 0.0
        """When the breaker, opened until then by the wall clock, lets something pass by the monotonic clock."""
        self.outcomes: Counter[str] = Counter()
        """How the calls ended that were made since the start: `ok`, or the kind of failure."""

    def closed_for(self) -> timedelta:
        """How long it is of no use to begin anything that will need this gate."""
        if self.breaker.circuit is not Circuit.CLOSED and self._trial:
            return timedelta(seconds=TRIAL_SECONDS)
        return timedelta(seconds=max(0.0, self._until() - self._watcher.clock.monotonic()))

    def _until(self) -> float:
        """Reckoned once for each opening: a clock that is set back keeps it open no longer."""
        breaker, clock = self.breaker, self._watcher.clock
        if breaker.opened_until is None:
            return clock.monotonic()
        if breaker.opened_until != self._reckoned:
            self._reckoned = breaker.opened_until
            self._ends = clock.monotonic() + breaker.wait(clock.now()).total_seconds()
        return self._ends

    def _wants_read(self) -> bool:
        read_ok = self._read_ok()
        return self.breaker.needs_read and (read_ok is None or read_ok < self._until())

    async def call(self, act: Callable[[], Awaitable[T]], *, until: float = inf) -> T:
        """Make a call when the gate lets it; raises NotNow when it does not, and what the call raises.

        What is not to be sent after `until`, by the monotonic clock, is not when its turn comes later.
        """
        self._check()
        async with self._bulkhead.place():
            self._check()  # much may have happened while it waited
            in_time(self._watcher.clock, until)
            trial = self.breaker.circuit is not Circuit.CLOSED
            self._trial, self.breaker = trial, self.breaker.admit()
            try:
                return await self._made(act)
            finally:
                if trial:
                    self._trial = False

    def _check(self) -> None:
        wait = self.closed_for()
        if not wait and self._wants_read():
            wait = timedelta(seconds=TRIAL_SECONDS)
        if wait:
            raise NotNow(
                f"The {self._remote} did not answer {self.breaker.failures} times in a row and is left alone.",
                "It is tried again by itself; look at its health line for the reason.",
                after=wait.total_seconds(),
                code="breaker_open",
            )
        if self.breaker.kind is Kind.WRITE and not self._watcher.may_send():
            raise NotNow(
                "This engine's lease is about to end.",
                "It goes on after the lease is renewed, or the engine that took over does.",
                after=TRIAL_SECONDS,
                code="lease_short",
            )

    async def _made(self, act: Callable[[], Awaitable[T]]) -> T:
        clock = self._watcher.clock
        begun = clock.monotonic()
        try:
            answer = await act()
        except Failure as failure:
            if failure.code != TOO_OLD:  # then it was not even asked: that tells nothing of the remote
                self._learn(failure, clock.monotonic() - begun)
            raise
        self._learn(None, clock.monotonic() - begun)
        return answer

    def _learn(self, failure: Failure | None, seconds: float) -> None:
        watcher, now = self._watcher, self._watcher.clock.monotonic()
        self.outcomes["ok" if failure is None else failure.outcome] += 1
        away = isinstance(failure, TryLater | OutcomeUnknown) and not isinstance(failure, NotNow)
        if away:
            self.breaker = self.breaker.failed(watcher.clock.now())
            self._until()
        else:
            self.breaker = self.breaker.succeeded()
            self.last_ok = now
        room = self._bulkhead
        slow = away or isinstance(failure, RateLimited)
        room.window = room.window.overloaded(now) if slow else room.window.answered(seconds, now)
        if failure is None:
            watcher.answered(self._remote)
        else:
            watcher.failed(self._remote, failure)

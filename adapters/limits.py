"""Pacing by cost: one leaky bucket per connection, kept true by what the remote says of it.

The remote's figures win over our own arithmetic whenever a reply carries them; between replies the bucket refills
at the stated rate and every call in flight holds back what it is expected to cost.
"""

from dataclasses import dataclass

from engine.model.clock import Clock
from engine.model.failure import RateLimited


@dataclass(frozen=True, slots=True)
class Throttle:
    """The bucket as the remote reports it."""

    capacity: float
    left: float
    per_second: float


class Pacer:
    """Shared by all calls of one connection; lets a call go when the bucket should hold its cost."""

    def __init__(
        self, clock: Clock, *, capacity: float = 2000.0, per_second: float = 100.0, longest: float = 10.0
    ) -> None:
        self._clock = clock
        self._capacity = capacity
        self._rate = per_second
        self._left = capacity
        self._held = 0.0
        self._at = clock.monotonic()
        self._longest = longest
        self._costs: dict[str, float] = {}

    def expected(self, name: str, first_guess: float) -> float:
        """What a call of this name asked for last time, or the guess."""
        return self._costs.get(name, first_guess)

    async def take(self, cost: float) -> None:
        """Wait until the bucket should hold `cost`; RateLimited when that is further away than the caller should wait."""
        cost = min(cost, self._capacity)
        waited = 0.0
        while True:
            self._refill()
            missing = cost - self._left
            if missing <= 1e-6:
                break
            pause = missing / self._rate
            if waited + pause > self._longest:
                raise RateLimited(
                    "The remote's allowance is used up",
                    "TrueUp waits and goes on",
                    after=pause,
                    code="allowance",
                )
            await self._clock.sleep(pause)
            waited += pause
        self._left -= cost
        self._held += cost

    def give_back(self, cost: float) -> None:
        """The call that took `cost` is over; call it once per `take`, before `learn`."""
        self._held = max(0.0, self._held - min(cost, self._capacity))

    def learn(self, name: str, requested: float, throttle: Throttle | None) -> None:
        """Take over what the remote said about its bucket, less what other calls in flight will still cost."""
        if requested > 0:
            self._costs[name] = requested
        if throttle is not None and throttle.per_second > 0 and throttle.capacity > 0:
            self._capacity = throttle.capacity
            self._rate = throttle.per_second
            self._left = min(throttle.left, throttle.capacity) - self._held
            self._at = self._clock.monotonic()

    def seconds_until(self, cost: float) -> float:
        """How long until the bucket should hold `cost`."""
        self._refill()
        return max(0.0, (min(cost, self._capacity) - self._left) / self._rate)

    def _refill(self) -> None:
        now = self._clock.monotonic()
        self._left = min(self._capacity, self._left + max(0.0, now - self._at) * self._rate)
        self._at = now

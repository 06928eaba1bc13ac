"""Pacing, by what the remote counts: the cost of calls in a leaky bucket, or calls in a window of time.

The remote's figures win over our own arithmetic whenever a reply carries them; between replies the bucket refills
at the stated rate and every call in flight holds back what it is expected to cost.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from engine.model.clock import Clock
from engine.model.failure import RateLimited
from engine.ports import Allowed


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

    async def take(self, cost: float, *, leave: float = 0.0) -> None:
        """Wait until the bucket should hold `cost`; RateLimited when that is further away than the caller should wait.

        `leave`: share of the bucket that must be left for more urgent calls, as far as the cost allows it.
        """
        cost = min(cost, self._capacity)
        waited = 0.0
        while True:
            self._refill()
            missing = cost + min(leave * self._capacity, self._capacity - cost) - self._left
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

    def allowed(self) -> Allowed:
        """What should be left in the bucket at this moment."""
        self._refill()
        return Allowed(max(0.0, self._left), self._capacity, self._rate)

    def _refill(self) -> None:
        now = self._clock.monotonic()
        self._left = min(self._capacity, self._left + max(0.0, now - self._at) * self._rate)
        self._at = now


LEAST_WAIT = 0.001
"""Seconds a wait lasts at least: a shorter one may not move the clock at all."""


@dataclass(slots=True, eq=False)
class Call:
    """One call of an allowance: the moment it was given, later the moment of its reply. Each is only itself."""

    at: float
    over: bool = False


class Allowance:
    """At most `calls` in any span of `seconds`, for all who share it; first come, first served.

    A call is given its moment when it asks, so that nobody overtakes. The remote counts when a call arrives, which is
    somewhere between sending and reply: a call counts here until a whole span after its reply, so that none is sent
    that the remote would refuse. The first half of the calls may go at once; the rest is spread over what is left of
    the span, so that an urgent call does not find the whole allowance gone and the span still to pass.
    """

    def __init__(self, clock: Clock, *, calls: int, seconds: float, longest: float) -> None:
        """`longest`: seconds a call may be made to wait before it is told to come back instead."""
        self._clock = clock
        self._calls, self._seconds, self._longest = calls, seconds, longest
        self._given: deque[Call] = deque()
        """Calls that still count, in the order they were given their moments."""
        self._closed_until = 0.0
        self.per_second = calls / seconds
        """Calls a second that can be kept up."""

    async def take(self) -> Call:
        """Wait for one's turn; RateLimited when it is further away than `longest`. Hand the call to `over`."""
        now = self._clock.monotonic()
        while self._given and self._given[0].over and self._given[0].at <= now - self._seconds:
            self._given.popleft()
        before = tuple(self._given)[: max(0, len(self._given) - self._calls + 1)]
        turn = self._turn(max(now, self._closed_until), before)
        if turn - now > self._longest:
            raise RateLimited(
                "The remote's allowance of calls is used up",
                "TrueUp waits and goes on",
                after=turn - now,
                code="allowance",
            )
        mine = Call(turn)
        self._given.append(mine)
        try:
            while (wait := self._allowed(turn, before) - self._clock.monotonic()) > 0:
                await self._clock.sleep(max(wait, LEAST_WAIT))
        except BaseException:
            self._given.remove(mine)
            raise
        return mine

    def over(self, call: Call) -> None:
        """The reply of a call is there, or it is known that none will be; say so once for each `take`."""
        call.at, call.over = self._clock.monotonic(), True

    def close_for(self, seconds: float) -> None:
        """The remote refused a call: others draw on the same allowance, so nobody calls for a while."""
        self._closed_until = max(self._closed_until, self._clock.monotonic() + seconds)

    def allowed(self) -> Allowed:
        """Calls that do not count at this moment; none while the remote has closed itself."""
        now = self._clock.monotonic()
        counting = sum(not call.over or call.at > now - self._seconds for call in self._given)
        left = 0 if now < self._closed_until else max(0, self._calls - counting)
        return Allowed(left, self._calls, self.per_second)

    def _turn(self, earliest: float, before: Sequence[Call]) -> float:
        """The first moment from `earliest` on that a call may have; `before` must count no more by then."""
        if not self._given:
            return earliest
        turn = max([earliest, self._given[-1].at, *(call.at + self._seconds for call in before)])
        counted = [call.at for call in self._given if call.at > turn - self._seconds]
        if len(counted) * 2 < self._calls:
            return turn
        room = self._calls - len(counted) + 1
        if room < 1:  # replies that are still out came later than was thought; `_allowed` waits for them
            return turn
        return turn + max(0.0, (min(counted) + self._seconds - turn) / room)

    def _allowed(self, turn: float, before: Sequence[Call]) -> float:
        """When a call may really go: replies may have come later than was thought, or are still out."""
        now = self._clock.monotonic()
        counting = [self._seconds + (call.at if call.over else now) for call in before]
        return max([turn, self._closed_until, *counting])

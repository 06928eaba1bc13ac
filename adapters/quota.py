"""A number of calls for a day or a month, spread over it so that it is never used up before its end.

Vendors that count by the day or the month refuse everything once the number is reached, orders too. So what looks for
changes may take only its share, evenly over the span; what an order needs takes whatever is left. A call counts until
a whole span has passed, whenever the vendor's own day or month begins. After a restart nothing is remembered of
earlier calls: then the share still holds, and a refusal of the vendor closes the rest.
"""

from collections import deque

from engine.model.clock import Clock
from engine.model.failure import RateLimited

PARTS = 240
"""Parts of the span by which calls are counted."""
SHARE = 0.6
"""Part of all calls that looking for changes may take."""
AT_ONCE = 1 / 24
"""Part of its share that looking for changes may take at once."""
LEAST = 60
"""Calls it may take at once however small the share: one reading of a small catalogue."""


class Quota:
    """Calls of one account in any span."""

    def __init__(self, clock: Clock, *, calls: int, seconds: float, who: str, remedy: str) -> None:
        self._clock, self._calls, self._seconds = clock, calls, seconds
        self._who, self._remedy = who, remedy
        self._made: deque[list[float]] = deque()
        """(when a part of the span began, calls made in it)"""
        self._used = 0
        self._rate = SHARE * calls / seconds
        self._most = max(min(LEAST, SHARE * calls), SHARE * calls * AT_ONCE)
        self._left, self._at = self._most, clock.monotonic()
        self._closed_until = 0.0

    @property
    def used(self) -> int:
        """Calls that count now."""
        self._forget()
        return self._used

    def take(self, *, looking: bool) -> None:
        """Count a call; RateLimited when there is none left, or none for what only looks for changes."""
        now = self._clock.monotonic()
        self._forget()
        if now < self._closed_until:
            raise self._over(self._closed_until - now)
        if self._used >= self._calls:
            raise self._over(self._made[0][0] + self._seconds * (1 + 1 / PARTS) - now)
        self._left = min(self._most, self._left + (now - self._at) * self._rate)
        self._at = now
        if looking:
            if self._left < 1:
                raise RateLimited(
                    f"Looking for changes has used its share of the calls {self._who} answers.",
                    "TrueUp waits and goes on; a longer poll_seconds looks less often and never waits.",
                    after=(1 - self._left) / self._rate,
                    code="share_of_quota",
                )
            self._left -= 1
        if not self._made or now - self._made[-1][0] >= self._seconds / PARTS:
            self._made.append([now, 0])
        self._made[-1][1] += 1
        self._used += 1

    def close_for(self, seconds: float) -> None:
        """The vendor says that nothing is left."""
        self._closed_until = max(self._closed_until, self._clock.monotonic() + seconds)

    def _forget(self) -> None:
        floor = self._clock.monotonic() - self._seconds * (1 + 1 / PARTS)
        while self._made and self._made[0][0] <= floor:
            self._used -= int(self._made.popleft()[1])

    def _over(self, after: float) -> RateLimited:
        return RateLimited(
            f"The calls {self._who} answers are used up.", self._remedy, after=after, code="quota"
        )

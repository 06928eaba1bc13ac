"""A number of calls for a day or a month, spread over it so that it is never used up before its end.

Vendors that count by the day or the month refuse everything once the number is reached, orders too. So what looks for
changes may take only its share, evenly over the span; what an order needs takes whatever is left. A call counts until
a whole span has passed, whenever the vendor's own day or month begins. What was spent can be told and taken up again
after a restart; calls of the last seconds before a crash may be missing then, and a refusal of the vendor closes the
rest.
"""

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from adapters.limits import Allowance, Call
from engine.model.clock import Clock
from engine.model.failure import RateLimited
from engine.ports import Allowed

PARTS = 240
"""Parts of the span by which calls are counted."""
SHARE = 0.6
"""Part of all calls that looking for changes may take."""
AT_ONCE = 1 / 24
"""Part of its share that looking for changes may take at once."""
LEAST = 60
"""Calls it may take at once however small the share: one reading of a small catalogue."""


class UsedUp(RateLimited):
    """The vendor says that the calls of the day or the month are gone."""


@dataclass(slots=True)
class Part:
    """Calls made in one part of the span."""

    at: float
    """When it began, in monotonic seconds."""
    began: datetime
    """The same by the wall clock: its name over a restart."""
    calls: int = 0


class Quota:
    """Calls of one account in any span."""

    def __init__(self, clock: Clock, *, calls: int, seconds: float, who: str, remedy: str) -> None:
        self._clock, self._calls, self._seconds = clock, calls, seconds
        self._who, self._remedy = who, remedy
        self._made: deque[Part] = deque()
        self._used = 0
        self._rate = SHARE * calls / seconds
        self._most = max(min(LEAST, SHARE * calls), SHARE * calls * AT_ONCE)
        self._left, self._at = self._most, clock.monotonic()
        self._closed_until = 0.0

    def allowed(self) -> Allowed:
        """What is left of the span."""
        return Allowed(float(self._calls - self.used), float(self._calls), self._calls / self._seconds)

    @property
    def used(self) -> int:
        """Calls that count now."""
        self._forget()
        return self._used

    def take(self, *, looking: int) -> None:
        """Count a call; RateLimited when there is none left, or none for what only looks for changes.

        `looking`: calls of its share that this one begins, itself and those that follow it; 0 for what orders need.
        """
        now = self._clock.monotonic()
        self._forget()
        if now < self._closed_until:
            raise self._over(self._closed_until - now)
        if self._used >= self._calls:
            raise self._over(self._made[0].at + self._seconds * (1 + 1 / PARTS) - now)
        self._most = max(self._most, looking)  # what is larger than its share at once is saved up for
        self._left = min(self._most, self._left + (now - self._at) * self._rate)
        self._at = now
        if looking:
            if self._left < looking:
                raise RateLimited(
                    f"Looking for changes has used its share of the calls {self._who} answers.",
                    "TrueUp waits and goes on; a longer poll_seconds looks less often and never waits.",
                    after=(looking - self._left) / self._rate,
                    code="share_of_quota",
                )
            self._left -= looking
        if not self._made or now - self._made[-1].at >= self._seconds / PARTS:
            self._made.append(Part(now, self._clock.now()))
        self._made[-1].calls += 1
        self._used += 1

    def spent(self) -> Mapping[datetime, int]:
        """Calls that count now, by when the part of the span began in which they were made."""
        self._forget()
        return {part.began: part.calls for part in self._made}

    def recall(self, spent: Mapping[datetime, int]) -> None:
        """Count what an earlier life of this account's engine spent, too; told twice, it counts once."""
        now, wall = self._clock.monotonic(), self._clock.now()
        known = {part.began: part for part in self._made}
        for began, calls in spent.items():
            age = max(wall - began, timedelta(0)).total_seconds()
            part = known.setdefault(began, Part(now - age, began))
            part.calls = max(part.calls, calls)
        self._made = deque(sorted(known.values(), key=lambda part: part.at))
        self._used = sum(part.calls for part in self._made)
        lately = sum(part.calls for part in self._made if part.at > now - self._most / self._rate)
        self._left = max(0.0, min(self._left, self._most - lately))

    def close_for(self, seconds: float) -> None:
        """The vendor says that nothing is left."""
        self._closed_until = max(self._closed_until, self._clock.monotonic() + seconds)

    def _forget(self) -> None:
        floor = self._clock.monotonic() - self._seconds * (1 + 1 / PARTS)
        while self._made and self._made[0].at <= floor:
            self._used -= self._made.popleft().calls

    def _over(self, after: float) -> RateLimited:
        return RateLimited(
            f"The calls {self._who} answers are used up.", self._remedy, after=after, code="quota"
        )


class Budget:
    """Paces by the second or the minute over a number of calls by the day or the month, for all who share them."""

    def __init__(self, paces: Sequence[Allowance], quota: Quota) -> None:
        self._paces, self.quota = tuple(paces), quota

    async def take(self, *, looking: int) -> tuple[Call, ...]:
        """Wait for one's turn; RateLimited when it is too far away. Hand the turn to `over`."""
        turn: list[Call] = []
        try:
            for pace in self._paces:
                turn.append(await pace.take())
            self.quota.take(looking=looking)
        except BaseException:
            self.over(tuple(turn))
            raise
        return tuple(turn)

    def over(self, turn: tuple[Call, ...]) -> None:
        """The reply is there, or none will be."""
        for pace, call in zip(self._paces, turn, strict=False):
            pace.over(call)

    def close_for(self, refusal: RateLimited) -> None:
        """The vendor refused a call: nobody calls until it may answer again."""
        if isinstance(refusal, UsedUp):
            self.quota.close_for(refusal.after)
        else:
            for pace in self._paces:
                pace.close_for(refusal.after)

    def allowed(self) -> Allowed:
        """What is left of the day or the month."""
        return self.quota.allowed()

"""How vendors limit their callers: so many calls in a window, so many at once."""

from collections import deque
from collections.abc import Callable


class Window:
    """At most `calls` in any span of `seconds`, as most vendors count."""

    def __init__(self, calls: int, seconds: float, now: Callable[[], float]) -> None:
        self.calls, self.seconds = calls, seconds
        self._now = now
        self._made: deque[float] = deque()

    def wait(self) -> float:
        """Seconds until another call is allowed; 0 when one is."""
        now = self._now()
        while self._made and self._made[0] <= now - self.seconds:
            self._made.popleft()
        return 0.0 if len(self._made) < self.calls else self._made[0] + self.seconds - now

    def take(self) -> float:
        """Count a call and answer 0; the seconds to wait, uncounted, when it is one too many."""
        wait = self.wait()
        if not wait:
            self._made.append(self._now())
        return wait

    @property
    def left(self) -> int:
        """Calls still allowed now."""
        self.wait()
        return self.calls - len(self._made)


class Together:
    """At most so many calls at the same time."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.busy = 0
        self.calls = 0
        """Every call so far, those too many with them."""
        self.peak = 0
        """The most that ever ran at the same time."""
        self.too_many = 0

    def __enter__(self) -> bool:
        """Whether this call is one too many; it counts either way until it ends."""
        self.busy += 1
        self.calls += 1
        self.peak = max(self.peak, self.busy)
        self.too_many += self.busy > self.most
        return self.busy > self.most

    def __exit__(self, *_: object) -> None:
        self.busy -= 1

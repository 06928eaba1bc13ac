"""How many calls a remote is given at a time: additive increase, multiplicative decrease, between 1 and its cap."""

from dataclasses import dataclass, replace

SLOWER = 0.7
"""What is left of the window after a sign of overload."""
SLOW_SECONDS = 5.0
"""An answer that took so long is such a sign, where nothing else is known of the remote."""
CALM_SECONDS = 1.0
"""Calls that were under way together fail together: one sign in so many seconds counts."""


@dataclass(frozen=True, slots=True)
class Window:
    """Calls allowed at a time."""

    cap: int
    size: float
    slowed_at: float = float("-inf")
    """Monotonic seconds."""
    slow: float = SLOW_SECONDS
    """Seconds after which an answer is slow."""

    @classmethod
    def of(cls, cap: int, slow: float = SLOW_SECONDS) -> "Window":
        """A window that is fully open."""
        return cls(max(1, cap), float(max(1, cap)), slow=slow)

    @property
    def limit(self) -> int:
        """Whole calls."""
        return int(self.size)

    def answered(self, seconds: float, now: float) -> "Window":
        """A call ended after so long; a slow answer counts as overload."""
        if seconds >= self.slow:
            return self.overloaded(now)
        return replace(self, size=min(float(self.cap), self.size + 1.0 / self.size))

    def overloaded(self, now: float) -> "Window":
        """Throttled, timed out or failed on their side."""
        if now - self.slowed_at < CALM_SECONDS:
            return self
        return replace(self, size=max(1.0, self.size * SLOWER), slowed_at=now)

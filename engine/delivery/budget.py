"""A retry budget per remote: retries are paid from successes, so trouble is not multiplied by trying."""

from dataclasses import dataclass

CAPACITY = 10.0
EARNED = 0.1
"""Per success: at most one retry for ten calls that went well."""


@dataclass(frozen=True, slots=True)
class Budget:
    """Tokens at hand; one is one retry."""

    tokens: float = CAPACITY

    def earn(self) -> "Budget":
        """A call went well."""
        return Budget(min(CAPACITY, self.tokens + EARNED))

    def spend(self) -> "Budget | None":
        """One retry; None when it cannot be paid."""
        return Budget(self.tokens - 1.0) if self.tokens >= 1.0 else None

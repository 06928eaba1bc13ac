"""When to try again: exponential backoff with full jitter."""

from datetime import timedelta
from random import Random

FIRST_SECONDS = 1.0
LONGEST_SECONDS = 300.0
MAX_ATTEMPTS = 12
"""About half an hour of trying; then a person is asked."""


def delay(attempt: int, chance: Random) -> timedelta:
    """How long to wait after so many failed attempts: anything up to 1 s, 2 s, 4 s … 5 min."""
    ceiling = min(LONGEST_SECONDS, FIRST_SECONDS * 2 ** min(attempt, 20))
    return timedelta(seconds=chance.uniform(0.0, ceiling))


def short(attempt: int, chance: Random) -> timedelta:
    """How long to wait for our own database after so many failures in a row: up to ½ s, 1 s … 5 s, at least a tenth."""
    ceiling = min(5.0, 0.5 * 2 ** min(attempt, 10))
    return timedelta(seconds=chance.uniform(0.1 * ceiling, ceiling))

"""The moment at which the made-up data stands still."""

import asyncio
from datetime import UTC, datetime, timedelta

NOW = datetime(2026, 11, 23, 12, 4, 31, tzinfo=UTC)


def before(seconds: float) -> datetime:
    """So long before the moment all of this is frozen at."""
    return NOW - timedelta(seconds=seconds)


class FrozenClock:
    """A clock that stands at the moment of the made-up data until it is moved."""

    def __init__(self) -> None:
        self.at = NOW

    def now(self) -> datetime:
        """The frozen moment."""
        return self.at

    def monotonic(self) -> float:
        """Seconds of the frozen moment."""
        return self.at.timestamp()

    async def sleep(self, seconds: float) -> None:
        """Move on at once."""
        self.at += timedelta(seconds=seconds)
        await asyncio.sleep(0)

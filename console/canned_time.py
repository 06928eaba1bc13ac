"""The moment at which the made-up data stands still, and a bell that rings when it is told to."""

import asyncio
from dataclasses import dataclass, field
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


@dataclass
class Bell:
    """Rings when a test or a demo says so."""

    revision: int = 0
    rung: asyncio.Event = field(default_factory=asyncio.Event)

    def ring(self) -> None:
        """Something changed."""
        self.revision += 1
        self.rung.set()

    async def after(self, seen: int, *, at_most: float) -> int:
        """Wait for a revision past `seen`."""
        while self.revision <= seen:
            self.rung.clear()
            await self.rung.wait()
        return self.revision

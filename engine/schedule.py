"""APScheduler rings bells; it never does the work."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Protocol

from apscheduler.schedulers.asyncio import AsyncIOScheduler


class Scheduler(Protocol):
    """Rings bells while it runs."""

    def start(self) -> None:
        """Begin; must be called on the engine's loop."""
        ...

    def stop(self) -> None:
        """Ring no more."""
        ...


Bells = Callable[[Mapping[str, float]], tuple[Scheduler, dict[str, asyncio.Event]]]
"""A bell per name, rung every so many seconds once the scheduler runs."""


class IntervalBells:
    """Events that are set at intervals on the running loop."""

    def __init__(self) -> None:
        self._scheduler = AsyncIOScheduler(
            timezone="UTC", job_defaults={"coalesce": True, "max_instances": 1}
        )

    def every(self, seconds: float, bell: asyncio.Event) -> None:
        """Ring a bell every so many seconds."""
        self._scheduler.add_job(_ring, "interval", seconds=seconds, args=[bell])

    def start(self) -> None:
        """Begin; must be called on the engine's loop."""
        self._scheduler.start()

    def stop(self) -> None:
        """Ring no more."""
        self._scheduler.shutdown(wait=False)


async def _ring(bell: asyncio.Event) -> None:
    bell.set()


def bells(intervals: Mapping[str, float]) -> tuple[IntervalBells, dict[str, asyncio.Event]]:
    """A bell per name, by the machine's clock."""
    scheduler, events = IntervalBells(), {name: asyncio.Event() for name in intervals}
    for name, seconds in intervals.items():
        scheduler.every(seconds, events[name])
    return scheduler, events

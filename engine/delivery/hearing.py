"""Whether webhooks of a topic went quiet, or leave changes out: judged by figures alone.

Silence is learned: how many messages of a topic came in this hour of earlier days, or in the hours just before where
there is no such day yet. It is an alarm once so many should have come that chance does not explain their absence.
Completeness needs no learning: changes that were found by other ways are set beside the messages about them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import sqrt

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
DAYS = 14
"""How far back an hour is learned from."""
LOUD = 12.0
"""Messages that should have come: by chance none of so many does less than once in 100,000 times."""
FEW = 3
SHARE = 0.1
"""So many changes, and so large a part of them, that nobody told of are more than the delays of an ordinary day."""


@dataclass(frozen=True, slots=True)
class Window:
    """One stretch of time that was proven: what there was to tell, and what nobody told."""

    expected: int = 0
    missed: int = 0

    def __add__(self, other: "Window") -> "Window":
        return Window(self.expected + other.expected, self.missed + other.missed)


def awaited(heard: Mapping[datetime, int], since: datetime, now: datetime) -> float:
    """Messages that should have come between two moments, by whole hours heard before; 0 where nothing is learned."""
    total, at = 0.0, since
    while at < now:
        begin = hour_of(at)
        until = min(begin + HOUR, now)
        total += learned(heard, begin, hour_of(since)) * ((until - at) / HOUR)
        at = until
    return total


def learned(heard: Mapping[datetime, int], hour: datetime, before: datetime) -> float:
    """Messages to be expected in an hour, from hours that ended before the silence began; on the careful side."""
    days = [hour - DAY * back for back in range(1, DAYS + 1)]
    known = [heard.get(day, 0) for day in days if day < before and _known(heard, day)]
    if not known:
        known = [heard.get(before - HOUR * back, 0) for back in (1, 2) if _known(heard, before - HOUR * back)]
    if not known:
        return 0.0
    mean = sum(known) / len(known)
    # days differ by more than chance: what an hour's counts vary by is taken off
    spread = sqrt(sum((count - mean) ** 2 for count in known) / len(known))
    return max(mean - spread, 0.0)


def silent(heard: Mapping[datetime, int], last: datetime | None, now: datetime) -> float | None:
    """Messages that should have come since the last one, where their absence is an alarm; else None."""
    if last is None:
        return None
    due = awaited(heard, last, now)
    return due if due >= LOUD else None


def incomplete(windows: Sequence[Window]) -> Window | None:
    """What these windows leave out together, where it is an alarm; none once the newest that had any is complete."""
    having = [window for window in windows if window.expected]
    if not having or not having[-1].missed:
        return None
    whole = sum(having, Window())
    return whole if whole.missed >= FEW and whole.missed >= SHARE * whole.expected else None


def hour_of(at: datetime) -> datetime:
    """The hour a moment lies in."""
    return at.replace(minute=0, second=0, microsecond=0)


def _known(heard: Mapping[datetime, int], hour: datetime) -> bool:
    """We were there in that hour: before the first message of all nothing was counted."""
    return bool(heard) and min(heard) <= hour

"""The shop's own time."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime


@dataclass(frozen=True, slots=True)
class ShopClock:
    """Two sources of seconds: the calendar's and one that never goes back."""

    wall: Callable[[], float] = time.time
    monotonic: Callable[[], float] = time.monotonic

    def now(self) -> datetime:
        """The time as Shopify stamps it: whole seconds, UTC."""
        return datetime.fromtimestamp(int(self.wall()), UTC)

    def moment(self) -> str:
        """The time as webhook headers say it: to the nanosecond, of which the clock knows microseconds."""
        return datetime.fromtimestamp(self.wall(), UTC).strftime("%Y-%m-%dT%H:%M:%S.%f") + "000Z"

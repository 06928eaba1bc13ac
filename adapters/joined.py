"""One reading for all who ask at the same time, where calls are few.

Whoever asks is given what began after the question: a reading under way may have passed what one wants to see.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

from engine.model.clock import Clock

T = TypeVar("T")


class Joined(Generic[T]):
    """A reading that is made once for all who wait for it."""

    def __init__(self, read: Callable[[], Awaitable[T]], clock: Clock) -> None:
        self._read, self._clock = read, clock
        self._turn = asyncio.Lock()
        self._last: tuple[float, T] | None = None
        self._floor = float("-inf")

    async def now(self, *, at_most_old: float = 0.0) -> T:
        """What a reading said that began after this call, or no more than so many seconds before it."""
        asked = self._clock.monotonic() - at_most_old
        async with self._turn:
            if self._last is None or self._last[0] < max(asked, self._floor):
                began = self._clock.monotonic()
                self._last = (began, await self._read())
            return self._last[1]

    def forget(self) -> None:
        """What was read is out of date: nothing older than this moment will do."""
        self._floor = self._clock.monotonic()

"""Places for calls under way: as many as the remote bears at the moment, first come first served."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Self

from engine.delivery.concurrency import SLOW_SECONDS, Window


class Bulkhead:
    """A pool of places whose number follows its window."""

    def __init__(self, cap: int, slow: float = SLOW_SECONDS) -> None:
        self.window = Window.of(cap, slow)
        self._busy = 0
        self._queue: deque[asyncio.Future[None]] = deque()

    @asynccontextmanager
    async def place(self) -> AsyncIterator[None]:
        """Hold a place; waits for one."""
        await self._enter()
        try:
            yield
        finally:
            self._leave()

    async def _enter(self) -> None:
        if self._busy < self.window.limit and not self._queue:
            self._busy += 1
            return
        mine: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._queue.append(mine)
        try:
            await mine
        except asyncio.CancelledError:
            if mine.done() and not mine.cancelled():
                self._leave()  # the place was given in the moment its taker went away
            raise

    def _leave(self) -> None:
        self._busy -= 1
        while self._queue and self._busy < self.window.limit:
            first = self._queue.popleft()
            if not first.done():
                self._busy += 1
                first.set_result(None)


@dataclass(frozen=True, slots=True)
class Rooms:
    """A remote's places for reads and for writes; connections that share a remote share them."""

    reads: Bulkhead
    writes: Bulkhead

    @classmethod
    def of(cls, at_most: int, slow: float = SLOW_SECONDS) -> Self:
        """Divide what the remote bears between reads and writes; one call at a time is one place for both."""
        writes = Bulkhead(at_most - at_most // 2, slow)
        return cls(Bulkhead(at_most // 2, slow) if at_most > 1 else writes, writes)

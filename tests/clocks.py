"""Time for tests of what waits."""

import asyncio
import itertools

from engine.model.clock import SystemClock


class Played(SystemClock):
    """Time that passes only while everybody waits."""

    def __init__(self) -> None:
        self.at = 0.0
        self._waiting: list[tuple[float, int, asyncio.Event]] = []
        self._numbers = itertools.count()

    def monotonic(self) -> float:
        return self.at

    async def sleep(self, seconds: float) -> None:
        woken = asyncio.Event()
        self._waiting.append((self.at + seconds, next(self._numbers), woken))
        await woken.wait()

    async def play(self, until: float) -> None:
        """Let everybody run until then."""
        while True:
            for _ in range(20):
                await asyncio.sleep(0)
            due = min(self._waiting, default=None)
            if due is None or due[0] > until:
                self.at = until
                return
            self._waiting.remove(due)
            self.at = max(self.at, due[0])
            due[2].set()

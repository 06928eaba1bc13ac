"""One engine process of the simulated machine: it works, stands still, dies and is started again."""

import asyncio
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

PROCESS: ContextVar["Process | None"] = ContextVar("process", default=None)
"""The process in whose name code runs; None for the world outside."""
BEGINNING = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def unharmed(where: str) -> bool:
    """The fate of a process that dies at no point of those that are told apart by name."""
    return False


class Killed(BaseException):
    """The process is dead; no code of it runs on, not even what catches every Exception."""


@dataclass(eq=False)
class Process:
    """An incarnation of the engine. Everything it asks of the outside passes `pass_point`."""

    name: str
    chance: Random
    crash_rate: float
    say: Callable[[str], None]
    skew: timedelta = timedelta(0)
    """How wrong its wall clock is."""
    dead: bool = False
    frozen: bool = False
    fate: Callable[[str], bool] = unharmed
    """Asked at each named point: does it die here?"""
    kept: list[Any] = field(default_factory=list)
    points: int = 0
    _tasks: dict[asyncio.Task[Any], None] = field(default_factory=dict)

    def adopt(self, task: asyncio.Task[Any]) -> None:
        """A task that dies with the process."""
        self._tasks[task] = None
        task.add_done_callback(lambda done: self._tasks.pop(done, None))

    def alive(self) -> None:
        """Raise Killed when it is not."""
        if self.dead:
            raise Killed

    def point(self, where: str) -> None:
        """A place at which the process may die."""
        self.alive()
        self.points += 1
        if self.crash_rate and self.chance.random() < self.crash_rate:
            self.say(f"{self.name} CRASH at {where}")
            self.kill()
            raise Killed

    def passed(self, where: str) -> None:
        """A point with a name: on one side of a commit that changes something, or of a call to a remote."""
        if self.fate(where):
            self.say(f"{self.name} CRASH at the point {where}")
            self.kill()
            raise Killed

    def kill(self) -> None:
        """SIGKILL: nothing of it has an effect outside from here on."""
        self.dead, self.frozen = True, False
        self.sweep()

    def sweep(self) -> list[asyncio.Task[Any]]:
        """Cancel what is left of its tasks."""
        left = list(self._tasks)
        for task in left:
            task.cancel()
        return left


class SimulatedClock:
    """The wall clock of one process over the loop's time."""

    def __init__(self, process: Process, time: Callable[[], float]) -> None:
        self._process, self._time = process, time

    def now(self) -> datetime:
        return BEGINNING + timedelta(seconds=self._time()) + self._process.skew

    def monotonic(self) -> float:
        return self._time()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class SimulatedBells:
    """Rings bells at intervals by the loop's time."""

    def __init__(self, intervals: "dict[str, float]") -> None:
        self.events = {name: asyncio.Event() for name in intervals}
        self._intervals = intervals
        self._ringing: list[asyncio.Task[None]] = []

    def start(self) -> None:
        loop = asyncio.get_running_loop()
        self._ringing = [
            loop.create_task(self._ring(self.events[name], seconds))
            for name, seconds in self._intervals.items()
        ]

    def stop(self) -> None:
        for task in self._ringing:
            task.cancel()

    async def _ring(self, bell: asyncio.Event, seconds: float) -> None:
        while True:
            await asyncio.sleep(seconds)
            bell.set()

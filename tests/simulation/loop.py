"""An event loop without wall time, threads or sockets: what happens next is decided by a seed alone.

Time moves only when nothing is ready, straight to the next timer. Ready callbacks run in an order drawn by the
seed. Blocking calls run on the spot. Callbacks of a process that stands still are kept until it goes on.
"""

import asyncio
import heapq
from collections.abc import Callable
from random import Random
from typing import Any

from tests.simulation.process import PROCESS, Process


class Stalled(Exception):
    """Nothing is ready and no timer is set: somebody waits for ever; or enough has been seen."""


class _Shuffled:
    """The ready queue: the seed chooses who is next; frozen processes are passed over."""

    def __init__(self, chance: Random, nothing: asyncio.Handle) -> None:
        self._chance, self._nothing = chance, nothing
        self._waiting: list[Any] = []

    def append(self, handle: Any) -> None:
        self._waiting.append(handle)

    def popleft(self) -> Any:
        waiting = self._waiting
        count = len(waiting)
        if count > 1:
            at = int(self._chance.random() * count)
            waiting[at], waiting[-1] = waiting[-1], waiting[at]
        handle = waiting.pop()
        process: Process | None = handle._context.get(PROCESS)
        if process is not None and process.frozen and not handle._cancelled:
            process.kept.append(handle)
            return self._nothing
        return handle

    def clear(self) -> None:
        self._waiting.clear()

    def __len__(self) -> int:
        return len(self._waiting)


class _Ticker:
    """Stands where a selector would: waiting is moving the clock."""

    def __init__(self, loop: "VirtualLoop") -> None:
        self._loop = loop

    def select(self, timeout: float | None) -> list[Any]:
        if timeout is None or self._loop.enough:
            raise Stalled
        self._loop.now += timeout
        return []


class NumberedTask(asyncio.Task[Any]):
    """A task whose place in a set does not depend on where it lies in memory."""

    number = 0

    def __hash__(self) -> int:
        return self.number


class VirtualLoop(asyncio.BaseEventLoop):
    """Runs until a given coroutine is done; the whole run is a function of the seed."""

    def __init__(self, chance: Random) -> None:
        super().__init__()
        self.now = 0.0
        self.steps = 0
        self.enough = False
        """The run ends before time moves on."""
        self._made = 0
        nothing = asyncio.Handle(lambda: None, (), self)
        self._ready = _Shuffled(chance, nothing)
        self._selector = _Ticker(self)
        self._clock_resolution = 1e-6
        self.set_task_factory(_numbered)
        self.set_exception_handler(lambda loop, context: None)

    def time(self) -> float:
        return self.now

    def run_in_executor(self, executor: Any, func: Callable[..., Any], *args: Any) -> Any:
        """On the spot: nothing of the simulation runs beside the loop."""
        promise = self.create_future()
        try:
            promise.set_result(func(*args))
        except Exception as trouble:
            promise.set_exception(trouble)
        return promise

    def thaw(self, process: Process) -> None:
        """Let a process go on with everything that came meanwhile."""
        kept, process.kept = process.kept, []
        for handle in kept:
            self._ready.append(handle)

    def numbered(self) -> int:
        self._made += 1
        return self._made

    def _process_events(self, event_list: Any) -> None:
        self.steps += 1

    def _write_to_self(self) -> None:
        """Nobody sleeps outside this thread."""

    def drop_all(self) -> None:
        """Forget every timer and callback, so that closing is quiet."""
        self._scheduled.clear()
        heapq.heapify(self._scheduled)
        self._ready.clear()


def _numbered(loop: asyncio.AbstractEventLoop, coro: Any, context: Any = None) -> asyncio.Task[Any]:
    assert isinstance(loop, VirtualLoop)
    task = (
        NumberedTask(coro, loop=loop) if context is None else NumberedTask(coro, loop=loop, context=context)
    )
    task.number = loop.numbered()
    process = PROCESS.get() if context is None else context.get(PROCESS)
    if process is not None:
        process.adopt(task)
    return task

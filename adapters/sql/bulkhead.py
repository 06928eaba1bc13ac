"""A small room of threads for blocking calls: what floods one room does not reach the next."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol, TypeVar

from engine.model.failure import Failure, OutcomeUnknown, TryLater

T = TypeVar("T")


class Room(Protocol):
    """Where blocking calls run."""

    async def run(self, call: Callable[[], T]) -> T:
        """What the call returns; OutcomeUnknown or TryLater when it takes too long."""
        ...

    def close(self) -> None:
        """Wait for what runs, drop what has not begun."""
        ...


class Rooms(Protocol):
    """Builds rooms."""

    def __call__(self, name: str, size: int, *, patience: float, writes: bool) -> Room:
        """A room for so many calls at a time, each waited for at most `patience` seconds."""
        ...


class Bulkhead:
    """A room of threads: runs calls in at most `size` of them and waits for each at most `patience` seconds."""

    def __init__(self, name: str, size: int, *, patience: float, writes: bool) -> None:
        self._threads = ThreadPoolExecutor(size, thread_name_prefix=f"sql-{name}")
        self._patience = patience
        self._writes = writes

    async def run(self, call: Callable[[], T]) -> T:
        """What the call returns; a call that had begun to write when patience ended may still land."""
        running = self._threads.submit(call)
        try:
            return await asyncio.wait_for(asyncio.wrap_future(running), self._patience)
        except TimeoutError as error:
            raise too_slow(self._patience, begun=self._writes and not running.cancelled()) from error

    def close(self) -> None:
        """Wait for what runs, drop what has not begun."""
        self._threads.shutdown(wait=True, cancel_futures=True)


def too_slow(patience: float, *, begun: bool) -> Failure:
    """No answer in time; `begun` says that the call may have written, or still may."""
    cause = f"The back office database gave no answer in {patience:g} s."
    if begun:
        return OutcomeUnknown(
            cause, "Nothing to do: it is looked up before it is tried again.", code="sql.unknown"
        )
    return TryLater(cause, "Nothing to do: it is tried again by itself.", code="sql.busy")

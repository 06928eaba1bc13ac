"""A small room of threads for blocking calls: what floods one room does not reach the next."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from engine.model.failure import OutcomeUnknown, TryLater

T = TypeVar("T")


class Bulkhead:
    """Runs calls in at most `size` threads and waits for each at most `patience` seconds."""

    def __init__(self, name: str, size: int, *, patience: float, writes: bool) -> None:
        self._name = name
        self._threads = ThreadPoolExecutor(size, thread_name_prefix=f"sql-{name}")
        self._patience = patience
        self._writes = writes

    async def run(self, call: Callable[[], T]) -> T:
        """What the call returns; a call that had begun to write when patience ended may still land."""
        running = self._threads.submit(call)
        try:
            return await asyncio.wait_for(asyncio.wrap_future(running), self._patience)
        except TimeoutError as error:
            if self._writes and not running.cancelled():
                raise OutcomeUnknown(
                    f"The back office database gave no answer in {self._patience:g} s.",
                    "Nothing to do: it is looked up before it is tried again.",
                    code="sql.unknown",
                ) from error
            raise TryLater(
                f"The back office database gave no answer in {self._patience:g} s.",
                "Nothing to do: it is tried again by itself.",
                code="sql.busy",
            ) from error

    def close(self) -> None:
        """Wait for what runs, drop what has not begun."""
        self._threads.shutdown(wait=True, cancel_futures=True)

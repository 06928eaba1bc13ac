"""The bell: tells any event loop that the store changed, here or in another process."""

import asyncio
import contextlib
import threading
from collections.abc import Callable


class Bell:
    """A revision that only grows, and waiters on any loop.

    `watch` is started with the first waiter, on a thread of its own: it calls `ring` for other processes'
    changes and returns when `stopped` is set. Without it only this process's own changes ring.
    """

    def __init__(self, watch: Callable[["Bell"], None] | None) -> None:
        self.stopped = threading.Event()
        self._watch = watch
        self._lock = threading.Lock()
        self._revision = 0
        self._waiters: dict[asyncio.Event, asyncio.AbstractEventLoop] = {}
        """In the order in which they came, so that they are woken in it."""
        self._thread: threading.Thread | None = None

    @property
    def revision(self) -> int:
        """How many changes were noticed so far."""
        return self._revision

    def ring(self) -> None:
        """Something changed."""
        with self._lock:
            self._revision += 1
            waiters = list(self._waiters.items())
        for event, loop in waiters:
            with contextlib.suppress(RuntimeError):  # that loop is closed; its waiter is gone
                loop.call_soon_threadsafe(event.set)

    async def after(self, seen: int, at_most: float) -> int:
        """Wait until the revision is past `seen`, at most so many seconds; the revision then."""
        mine = asyncio.Event()
        with self._lock:
            if self._watch is not None and self._thread is None and not self.stopped.is_set():
                self._thread = threading.Thread(
                    target=self._watch, args=(self,), name="store-bell", daemon=True
                )
                self._thread.start()
            if self._revision > seen or self.stopped.is_set():
                return self._revision
            self._waiters[mine] = asyncio.get_running_loop()
        try:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(at_most):
                    await mine.wait()
        finally:
            with self._lock:
                self._waiters.pop(mine, None)
        return self._revision

    def close(self) -> None:
        """Stop watching; waiters are woken."""
        self.stopped.set()
        with self._lock:
            thread = self._thread
        if thread is not None:
            thread.join()
        self.ring()

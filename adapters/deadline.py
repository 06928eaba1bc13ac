"""The listener's HTTP protocol: a request must be here, whole, within a deadline and a size of headers.

However many senders dawdle, genuine ones are heard: nobody is turned away because of a crowd of unfinished requests,
instead the one that has dawdled longest is cut.
"""

import asyncio
import resource
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEAD_LIMIT = 32 * 1024
_LATE = b"HTTP/1.1 408 Request Timeout\r\nconnection: close\r\ncontent-length: 9\r\n\r\ntoo slow\n"
_FAT = b"HTTP/1.1 431 Request Header Fields Too Large\r\nconnection: close\r\ncontent-length: 9\r\n\r\ntoo long\n"


CROWD = 3000
"""Most connections on which a request is awaited or unfinished; each holds a file of the process."""


def crowd() -> int:
    """The same, or half of the files this process may have open when that is less."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return CROWD if soft == resource.RLIM_INFINITY else max(1, min(CROWD, soft // 2))


def deadline_protocol(receive_seconds: float, most: int | None = None) -> type[HttpToolsProtocol]:
    """A protocol class that cuts a connection whose request is not complete after so many seconds.

    When more than `most` are unfinished the oldest of them is cut.
    """
    at_most = crowd() if most is None else most
    unfinished: dict[HttpToolsProtocol, None] = {}
    """In the order in which they began to dawdle."""

    class DeadlineProtocol(HttpToolsProtocol):
        """uvicorn's protocol with a clock on receiving."""

        _due: float | None = None
        """When the request must be whole, by the loop's clock; None while none is being received."""
        _timer: asyncio.TimerHandle | None = None
        """Looks again when the due time has moved on: cheaper than one timer for each request."""
        _head = 0
        _in_head = True
        _busy = False

        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
            super().connection_made(transport)
            self._arm()
            if len(unfinished) > at_most:
                oldest: Any = next(iter(unfinished))
                oldest._cut(_LATE)

        def connection_lost(self, exc: Exception | None) -> None:
            self._disarm()
            if self._timer is not None:
                self._timer.cancel()
                self._timer = None
            super().connection_lost(exc)

        def data_received(self, data: bytes) -> None:
            if self._due is None and not self._busy:
                self._arm()
            if self._in_head:
                self._head += len(data)
            super().data_received(data)
            if self._in_head and self._head > HEAD_LIMIT:
                self._cut(_FAT)

        def on_message_begin(self) -> None:
            self._in_head = True
            if self._due is None:
                self._arm()
            super().on_message_begin()

        def on_headers_complete(self) -> None:
            self._in_head, self._head, self._busy = False, 0, True
            super().on_headers_complete()

        def on_message_complete(self) -> None:
            self._disarm()
            super().on_message_complete()
            self._in_head = True

        def on_response_complete(self) -> None:
            self._busy = False
            super().on_response_complete()

        def _arm(self) -> None:
            self._due = self.loop.time() + receive_seconds
            unfinished.pop(self, None)
            unfinished[self] = None
            if self._timer is None:
                self._timer = self.loop.call_at(self._due, self._look)

        def _disarm(self) -> None:
            self._due = None
            unfinished.pop(self, None)

        def _look(self) -> None:
            self._timer = None
            if self._due is None:
                return
            if self.loop.time() < self._due:
                self._timer = self.loop.call_at(self._due, self._look)
            else:
                self._cut(_LATE)

        def _cut(self, last_words: bytes) -> None:
            self._disarm()
            cycle: Any = self.cycle
            if self.transport.is_closing():
                return
            if cycle is None or cycle.response_complete or not cycle.response_started:
                if cycle is not None and not cycle.response_complete:
                    cycle.disconnected = True
                    cycle.message_event.set()
                self.transport.write(last_words)
            self.transport.close()

    return DeadlineProtocol

"""Bodies of requests as they come in: each up to a limit, and all that are not whole yet together up to another.

A crowd of senders that never finish holds neither the memory nor the places of those who do: what is given up for want
of room is the body that has been coming in for longest.
"""

from collections.abc import Callable, Mapping
from enum import Enum
from typing import Any

DRAIN = 4
"""A body over the limit is read on and dropped up to so many times the limit, so that the sender hears the answer."""
TOGETHER = 32
"""All unfinished bodies may hold so many times the limit of one."""


class NoBody(Enum):
    """Why there is none."""

    TOO_BIG = "too big"
    GIVEN_UP = "given up for want of room"
    GONE = "the sender went away or was cut"


class _Coming:
    """One that is not whole yet."""

    __slots__ = ("given_up", "parts", "size")

    def __init__(self) -> None:
        self.parts: list[bytes] = []
        self.size = 0
        self.given_up = False


class Bodies:
    """Reads bodies of at most `limit` bytes."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._coming: dict[_Coming, None] = {}
        """In the order in which they began."""
        self.held = 0
        """Bytes of all of them."""

    async def read(self, headers: Mapping[str, str], receive: Callable[[], Any]) -> bytes | NoBody:
        """The whole body, or why there is none."""
        declared = headers.get("content-length", "")
        over = declared.isascii() and declared.isdigit() and int(declared[:20]) > self._limit
        if over and "expect" in headers:
            return NoBody.TOO_BIG
        message = await receive()
        if message["type"] == "http.request" and not over and not message.get("more_body", False):
            body: bytes = message.get("body", b"")
            return body if len(body) <= self._limit else NoBody.TOO_BIG
        one = _Coming()
        self._coming[one] = None
        try:
            return await self._rest(one, message, receive, over=over)
        finally:
            self._drop(one)

    async def _rest(
        self, one: _Coming, message: Any, receive: Callable[[], Any], *, over: bool
    ) -> bytes | NoBody:
        while message["type"] == "http.request":
            part = message.get("body", b"")
            one.size += len(part)
            over = over or one.size > self._limit
            if over:
                self._empty(one)
            elif not one.given_up:
                one.parts.append(part)
                self.held += len(part)
                self._make_room()
            if one.given_up:
                return NoBody.GIVEN_UP
            if one.size > DRAIN * self._limit:
                return NoBody.TOO_BIG
            if not message.get("more_body", False):
                return NoBody.TOO_BIG if over else b"".join(one.parts)
            message = await receive()
        return NoBody.GONE

    def _make_room(self) -> None:
        """Give up the oldest until all fit; whoever sends it is told with its next bytes, or cut by its deadline."""
        while self.held > TOGETHER * self._limit:
            oldest = next(each for each in self._coming if each.parts)
            oldest.given_up = True
            self._empty(oldest)

    def _empty(self, one: _Coming) -> None:
        self.held -= sum(map(len, one.parts))
        one.parts.clear()

    def _drop(self, one: _Coming) -> None:
        self._empty(one)
        del self._coming[one]

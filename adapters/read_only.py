"""The last gate before the wire of a connection that another connector serves too: what is not ours is not sent.

Every request says by itself what it would do; which code made it does not matter. What is not known to be a mere
reading counts as a change. The vendor's room says how its requests are read (`Reads`).
"""

import logging
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import httpx
import orjson

from adapters.http import wire
from engine.model.failure import Failure
from engine.model.remit import Deed, Licence, Subject

log = logging.getLogger("trueup.shadow")

Reads = Callable[[httpx.Request], Iterable[Deed]]
"""What a request would change; nothing when it only reads."""
BOOKS = frozenset({Subject.ORDERS, Subject.FULFILMENT})
"""What is written in a back office."""


class Asserted(httpx.AsyncBaseTransport):
    """Sends what the licence allows and raises `Refused` for anything else."""

    def __init__(self, licence: Licence, reads: Reads, inner: httpx.AsyncBaseTransport) -> None:
        self._licence, self._reads, self._inner = licence, reads, inner

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Judge by what stands in the request at the moment it is sent."""
        if not self._licence.remit.whole:
            try:
                self._licence.check(self._reads(request))
            except Failure as refused:
                log.error("%s %s was stopped: %s", request.method, request.url.path, refused.cause)
                raise
        return await self._inner.handle_async_request(request)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._inner.aclose()


def asserted(licence: Licence, reads: Reads, *, connections: int = 10) -> httpx.AsyncBaseTransport | None:
    """A transport that keeps to the licence; None, for the usual one, where everything is ours."""
    return None if licence.remit.whole else Asserted(licence, reads, wire(connections))


def by_method(request: httpx.Request) -> Iterable[Deed]:
    """Of an interface in which only GET and HEAD read."""
    return () if request.method in ("GET", "HEAD") else [booked(f"{request.method} {request.url.path}")]


def booked(name: str) -> Deed:
    """A change in a back office."""
    return Deed(name, BOOKS)


def body_of(request: httpx.Request) -> Mapping[str, Any]:
    """The JSON object that is sent; empty when it is none."""
    try:
        body = orjson.loads(request.content)
    except (orjson.JSONDecodeError, httpx.RequestNotRead):
        return {}
    return body if isinstance(body, dict) else {}

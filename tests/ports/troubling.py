"""Trouble on request in front of back offices whose sandbox has none: a real server's line, a database's rooms.

The modes are those of `adapters.sandbox.faults`: what a network and a busy server do to calls on the way.
"""

import asyncio
import json
import threading
from collections.abc import Callable
from typing import TypeVar

import httpx
from sqlalchemy.exc import InternalError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from adapters.sandbox.faults import Faults
from adapters.sql.bulkhead import Bulkhead
from adapters.sql.trouble import translate
from adapters.tryton.rpc import only_reads
from engine.model.failure import Failure

T = TypeVar("T")
PATIENCE = 0.7


class Line(httpx.AsyncHTTPTransport):
    """The line to a real server: every call goes there, or something happens to it on the way."""

    def __init__(self, faults: Faults) -> None:
        super().__init__()
        self._faults = faults
        self._later: list[httpx.Request] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """The server's answer, or trouble."""
        method = str(json.loads(request.content or b"{}").get("method", ""))
        kind = "read" if only_reads(method) or not method.startswith("model.") else "change"
        fault = self._faults.strike(kind, method)
        if fault is None or not method.startswith("model."):
            return await super().handle_async_request(request)
        match fault.mode:
            case "429":
                headers = {"Retry-After": str(int(fault.seconds))}
                return httpx.Response(429, headers=headers, request=request)
            case "soft":
                page = "<html>We will be back in a few minutes.</html>"
                return httpx.Response(200, text=page, request=request)
            case "conflict":
                error = ["ConcurrencyException", ["sale.sale", 1, "Records have been modified"]]
                return httpx.Response(200, json={"id": 1, "error": error}, request=request)
            case "5xx":
                return httpx.Response(502, text="<html>Bad gateway</html>", request=request)
            case "hang":
                raise httpx.ReadTimeout("no answer", request=request)
            case "apply_then_timeout":
                await (await super().handle_async_request(request)).aread()
                raise httpx.ReadTimeout("no answer", request=request)
            case "cut":
                await (await super().handle_async_request(request)).aread()
                raise httpx.RemoteProtocolError("peer closed the connection", request=request)
            case "late_apply":
                self._later.append(request)
        raise httpx.ReadError("connection reset", request=request)

    async def late(self) -> int:
        """Make every call that broke after all; how many there were."""
        waiting, self._later = self._later, []
        for request in waiting:
            await (await super().handle_async_request(request)).aread()
        return len(waiting)


class Serialization(Exception):
    """What a driver raises when two transactions wrote the same row."""

    sqlstate = "40001"

    def __init__(self) -> None:
        super().__init__("could not serialize access due to concurrent update")


class Rooms:
    """Rooms of a database whose connections break: what runs in them is real, and so is the waiting."""

    def __init__(self, faults: Faults) -> None:
        self._faults = faults
        self._later: list[threading.Thread] = []

    def __call__(self, name: str, size: int, *, patience: float, writes: bool) -> "Room":
        """A room with little patience while there is trouble, and with that of the adapter otherwise."""
        short, usual = (
            Bulkhead(f"{name} {seconds}", size, patience=seconds, writes=writes)
            for seconds in (PATIENCE, patience)
        )
        return Room(self, short, usual, writes=writes)

    @property
    def quiet(self) -> bool:
        """No fault is switched on."""
        return self._faults.now.mode == "none"

    def troubled(self, call: Callable[[], T], *, writes: bool) -> T:
        """The call, or what becomes of it."""
        fault = self._faults.strike("change" if writes else "read", "")
        if fault is None:
            return call()
        match fault.mode:
            case "429":
                raise translate(PoolTimeout("QueuePool limit reached"))
            case "soft":
                raise translate(InternalError("", {}, Exception("something is wrong in here")))
            case "conflict":
                raise translate(OperationalError("", {}, Serialization()))
            case "hang":
                threading.Event().wait(2 * PATIENCE)
                raise broken(committing=False)
            case "apply_then_timeout":
                answer = call()
                threading.Event().wait(2 * PATIENCE)
                return answer
            case "cut":
                call()
                raise broken(committing=writes)
            case "late_apply":
                timer = threading.Timer(fault.seconds, call)
                timer.start()
                self._later.append(timer)
                raise broken(committing=writes)
        raise broken(committing=False)

    async def late(self) -> int:
        """As `Line.late`."""
        waiting, self._later = self._later, []
        for timer in waiting:
            await asyncio.to_thread(timer.join)
        return len(waiting)


class Room:
    """One of them."""

    def __init__(self, rooms: Rooms, short: Bulkhead, usual: Bulkhead, *, writes: bool) -> None:
        self._rooms, self._short, self._usual, self._writes = rooms, short, usual, writes

    async def run(self, call: Callable[[], T]) -> T:
        """See `adapters.sql.bulkhead.Room.run`."""
        inside = self._usual if self._rooms.quiet else self._short
        return await inside.run(lambda: self._rooms.troubled(call, writes=self._writes))

    def close(self) -> None:
        """See `adapters.sql.bulkhead.Room.close`."""
        self._short.close()
        self._usual.close()


def broken(*, committing: bool) -> Failure:
    """What the adapter makes of a connection that the server closed."""
    error = OperationalError("", {}, Exception("server closed the connection unexpectedly"), False, True)
    return translate(error, committing=committing)

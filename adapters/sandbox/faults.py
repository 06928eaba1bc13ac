"""Trouble on request: what a network and a busy vendor do to calls, around any ASGI application.

latency             the answer comes late
429                 asked too often, in the vendor's own words
soft                a success that is none, as the vendor or a page before it says it; the call is not made
conflict            somebody else changed the same record, in the vendor's own words; the call is not made
5xx                 a gateway's error page; the call is not made
hang                no answer at all; the call is not made
cut                 the call is made, half of the answer arrives
apply_then_timeout  the call is made, no answer arrives
late_apply          the connection breaks at once, the call is made later
outage              every connection is broken at once
"""

import asyncio
import random
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from typing import Any

from starlette.responses import HTMLResponse, Response

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

MODES = (
    "none",
    "latency",
    "429",
    "soft",
    "conflict",
    "5xx",
    "hang",
    "cut",
    "apply_then_timeout",
    "late_apply",
    "outage",
)
FREE = ("/_control/", "/healthz")
"""Paths no trouble ever hits."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What to do to calls: how, how often, for how long, and to which: `change`, `read`, or a part of the path."""

    mode: str = "none"
    rate: float = 1.0
    seconds: float = 1.0
    op: str | None = None


class Faults:
    """The fault that is switched on, if any."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self.now = Fault()
        self._left: int | None = None

    def switch(self, asked: dict[str, Any]) -> None:
        """Take a request of the control API; ValueError for a mode nobody knows."""
        mode = str(asked.get("mode", "none"))
        if mode not in MODES:
            raise ValueError(f"unknown fault mode: {mode}; known: {', '.join(MODES)}")
        self.now = Fault(
            mode, float(asked.get("rate", 1.0)), float(asked.get("seconds", 1.0)), asked.get("op")
        )
        self._left = None if asked.get("count") is None else int(asked["count"])

    def strike(self, kind: str, path: str) -> Fault | None:
        """The fault that hits this call; `kind` is `change` or `read`."""
        fault = self.now
        if fault.mode == "none" or (fault.op is not None and fault.op != kind and fault.op not in path):
            return None
        if self._left == 0 or self._random.random() >= fault.rate:
            return None
        if self._left is not None:
            self._left -= 1
        return fault


def maintenance() -> Response:
    """A page with status 200 in place of data, as what stands before a vendor puts up while it is away."""
    return HTMLResponse("<html><body>We will be back in a few minutes.</body></html>", 200)


def conflict() -> Response:
    """How HTTP says that the record is not what the caller takes it for."""
    return Response(status_code=409)


class Troubled:
    """An application whose calls may go wrong on the way."""

    def __init__(
        self,
        app: App,
        faults: Faults,
        throttled: Callable[[float], Response],
        changes: Callable[[str, str, bytes], bool],
        *,
        soft: Callable[[], Response] = maintenance,
        conflict: Callable[[], Response] = conflict,
    ) -> None:
        """`throttled` makes the vendor's own answer to a call too many; it is given the seconds to wait.

        `soft` and `conflict` make its answers in these modes. `changes` tells by method, path and body whether a call may change something.
        """
        self._app, self._faults, self._throttled, self._changes = app, faults, throttled, changes
        self._soft, self._conflict = soft, conflict
        self._later: set[asyncio.Task[None]] = set()

    async def late_calls(self) -> int:
        """Wait until every call that broke has been made after all; how many there were."""
        waiting = list(self._later)
        await asyncio.gather(*waiting, return_exceptions=True)
        return len(waiting)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the call through, or do to it what was asked for."""
        if scope["type"] != "http" or scope["path"].startswith(FREE) or self._faults.now.mode == "none":
            await self._app(scope, receive, send)
            return
        body = await _whole(receive)
        kind = "change" if self._changes(scope["method"], scope["path"], body) else "read"
        fault = self._faults.strike(kind, scope["path"])
        if fault is None:
            await self._app(scope, _again(body), send)
            return
        match fault.mode:
            case "latency":
                await asyncio.sleep(fault.seconds)
                await self._app(scope, _again(body), send)
            case "429":
                await self._throttled(fault.seconds)(scope, receive, send)
            case "soft":
                await self._soft()(scope, receive, send)
            case "conflict":
                await self._conflict()(scope, receive, send)
            case "5xx":
                await HTMLResponse("<html><body>Bad gateway</body></html>", 502)(scope, receive, send)
            case "cut":
                await _half(scope, await self._made(scope, body), send)
            case "late_apply":
                self._make_later(scope, body, fault.seconds)
                _hang_up(scope)
            case "outage":
                _hang_up(scope)
            case _:
                if fault.mode == "apply_then_timeout":
                    await self._made(scope, body)
                await asyncio.sleep(max(fault.seconds, 1.0))
                _hang_up(scope)

    async def _made(self, scope: Scope, body: bytes) -> list[Message]:
        told: list[Message] = []

        async def keep(message: Message) -> None:
            told.append(message)

        await self._app(scope, _again(body), keep)
        return told

    def _make_later(self, scope: Scope, body: bytes, seconds: float) -> None:
        async def make() -> None:
            await asyncio.sleep(seconds)
            await self._made(scope, body)

        task = asyncio.get_running_loop().create_task(make())
        self._later.add(task)
        task.add_done_callback(self._later.discard)


async def _whole(receive: Receive) -> bytes:
    parts: list[bytes] = []
    while True:
        message = await receive()
        parts.append(message.get("body", b""))
        if message["type"] != "http.request" or not message.get("more_body"):
            return b"".join(parts)


def _again(body: bytes) -> Receive:
    told = False

    async def receive() -> Message:
        nonlocal told
        if told:
            return {"type": "http.disconnect"}
        told = True
        return {"type": "http.request", "body": body, "more_body": False}

    return receive


async def _half(scope: Scope, told: list[Message], send: Send) -> None:
    """The head of the answer and half of its body; then the line is dead."""
    body = b"".join(message.get("body", b"") for message in told)
    await send(told[0])
    await send({"type": "http.response.body", "body": body[: len(body) // 2], "more_body": True})
    scope["sandbox.transport"].close()


def _hang_up(scope: Scope) -> None:
    scope["sandbox.transport"].abort()

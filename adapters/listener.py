"""Where webhooks arrive: size cap, deadline, signature over the raw bytes, durable insert, 200. Nothing more.

It runs inside the caller's event loop, installs no signal handlers, and neither echoes nor logs what was sent.
"""

import asyncio
import contextlib
import logging
import socket
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, MutableMapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import orjson
import uvicorn
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram, ProcessCollector
from prometheus_client.core import Metric

from adapters import exposition
from adapters.bodies import Bodies, NoBody
from adapters.deadline import deadline_protocol
from adapters.intake import ConnectionSecrets, Forged, Received, Source, Unreadable, judge
from engine.model.clock import Clock, SystemClock

__all__ = ["Busy", "ConnectionSecrets", "HealthReport", "Listener", "Received", "Sink"]

log = logging.getLogger("trueup.listener")

_PATHS: dict[str, Source] = {"/webhooks/shopify/": "shop", "/webhooks/back-office/": "back_office"}

Scope = MutableMapping[str, Any]
Receive = Callable[[], Any]
Send = Callable[[MutableMapping[str, Any]], Any]


class Busy(Exception):
    """Raised by a sink that cannot take more now; the sender is asked to come back."""

    def __init__(self, retry_after: int = 5) -> None:
        super().__init__("the inbox is full")
        self.retry_after = retry_after


class Sink(Protocol):
    """Where genuine webhooks go."""

    async def receive(self, row: Received) -> bool:
        """Return after the durable commit: True for a new row, False for one seen before. May raise Busy."""
        ...


@dataclass(frozen=True, slots=True)
class HealthReport:
    """Is the process alive, is it doing its work, and what stands in the way."""

    live: bool
    ready: bool
    checks: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    text: str
    outcome: str
    retry_after: int | None = None
    close: bool = False


_STORED = _Answer(200, "", "stored")
_SEEN = _Answer(200, "", "duplicate")
"""Nothing follows the head of these: one packet less for every webhook."""
_FORGED = _Answer(401, "not signed by a key we know", "forged")
_UNREADABLE = _Answer(400, "not JSON", "unreadable")
_CROWDED = _Answer(503, "busy", "busy", retry_after=2, close=True)
_WITHOUT_BODY = {
    NoBody.TOO_BIG: _Answer(413, "too large", "too_big", close=True),
    NoBody.GIVEN_UP: _CROWDED,
    NoBody.GONE: None,
}


class _Server(uvicorn.Server):
    """uvicorn without signal handlers: the process belongs to the caller.

    Its own loop looks ten times a second whether it is to end; this one is told, and keeps the date of its answers.
    """

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.up = asyncio.Event()
        self._told = asyncio.Event()

    def end(self) -> None:
        """Finish what is in flight and stop."""
        self.should_exit = True
        self._told.set()

    async def main_loop(self) -> None:
        while not await self.on_tick(0):
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(1.0):
                    await self._told.wait()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.up.set()


class Listener:
    """Serves `POST /webhooks/…`, `GET /healthz`, `/readyz` and `/metrics`."""

    def __init__(
        self,
        host: str,
        port: int,
        routes: Mapping[str, ConnectionSecrets],
        sink: Sink,
        health: Callable[[], HealthReport],
        metrics: CollectorRegistry | None = None,
        *,
        more: Callable[[], Awaitable[Iterable[Metric]]] | None = None,
        clock: Clock | None = None,
        body_limit: int = 2_000_000,
        receive_seconds: float = 10.0,
        max_inflight: int = 64,
        max_waiting: int | None = None,
    ) -> None:
        """`max_inflight`: most webhooks that have come in whole and are being stored. `max_waiting`: most connections
        with an unfinished request; by default as many as the process may hold.
        """
        self._host, self._asked_port = host, port
        self._routes, self._sink, self._health = routes, sink, health
        self._clock = clock or SystemClock()
        self._bodies, self._max_inflight = Bodies(body_limit), max_inflight
        self._receive_seconds, self._max_waiting = receive_seconds, max_waiting
        self._inflight = 0
        self._server: _Server | None = None
        self._task: asyncio.Task[None] | None = None
        self._port = port
        self._registry = metrics if metrics is not None else CollectorRegistry()
        self._more = more
        ProcessCollector(registry=self._registry)
        self._counted = Counter(
            "trueup_webhooks",
            "Webhooks by source and outcome.",
            ["source", "outcome"],
            registry=self._registry,
        )
        self._timed = Histogram(
            "trueup_webhook_seconds",
            "From the first look at a webhook to its answer.",
            ["source"],
            registry=self._registry,
            buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
        )
        self._times = {source: self._timed.labels(source) for source in _PATHS.values()}
        self._counts: dict[tuple[str, str], Counter] = {}

    @property
    def port(self) -> int:
        """The port listened on; the one the system gave when 0 was asked for."""
        return self._port

    async def start(self, handed_over: socket.socket | None = None) -> None:
        """Listen, on a socket that somebody else opened where one is `handed_over`. OSError when the address is taken
        or not ours.
        """
        sock = handed_over or self._bound()
        sock.setblocking(False)
        self._port = int(sock.getsockname()[1])
        config = uvicorn.Config(
            self.app,
            http=deadline_protocol(self._receive_seconds, self._max_waiting),
            interface="asgi3",
            proxy_headers=False,
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_keep_alive=5,
            timeout_graceful_shutdown=5,
        )
        self._server = _Server(config)
        self._task = asyncio.create_task(self._server.serve(sockets=[sock]), name="listener")
        up = asyncio.create_task(self._server.up.wait())
        await asyncio.wait({up, self._task}, return_when=asyncio.FIRST_COMPLETED)
        if not up.done():
            up.cancel()
            sock.close()
            await self._task

    def _bound(self) -> socket.socket:
        family = socket.AF_INET6 if ":" in self._host else socket.AF_INET
        sock = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        try:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            sock.bind((self._host, self._asked_port))
            sock.listen(512)
        except OSError:
            sock.close()
            raise
        return sock

    async def stop(self) -> None:
        """Stop accepting, let requests in flight finish, then close."""
        if self._server is None or self._task is None:
            return
        self._server.end()
        task, self._task, self._server = self._task, None, None
        await task

    async def app(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The web server as ASGI, whatever listens in front of it."""
        if scope["type"] != "http":
            return
        path, method = str(scope["path"]), str(scope["method"])
        for prefix, source in _PATHS.items():
            if path.startswith(prefix):
                if method != "POST":
                    await _reply(send, 405, b"POST only\n", [(b"allow", b"POST")])
                    return
                await self._webhook(scope, receive, send, source, path.removeprefix(prefix))
                return
        if path in ("/healthz", "/readyz", "/metrics"):
            if method not in ("GET", "HEAD"):
                await _reply(send, 405, b"GET only\n", [(b"allow", b"GET, HEAD")])
                return
            await self._told(send, path)
            return
        await _reply(send, 404, b"nothing here\n")

    async def _told(self, send: Send, path: str) -> None:
        if path == "/metrics":
            more = await self._more() if self._more is not None else ()
            said = exposition.text(self._registry, more)
            await _reply(send, 200, said, kind=CONTENT_TYPE_LATEST.encode())
            return
        report = self._health()
        fine = report.live if path == "/healthz" else report.live and report.ready
        body = orjson.dumps({"ok": fine, "checks": dict(report.checks)}, option=orjson.OPT_APPEND_NEWLINE)
        await _reply(send, 200 if fine else 503, body, kind=b"application/json")

    async def _webhook(
        self, scope: Scope, receive: Receive, send: Send, source: Source, connection: str
    ) -> None:
        if self._inflight >= self._max_inflight:  # its body need not be read
            await self._close_with(send, source, _CROWDED)
            return
        began = self._clock.monotonic()
        answer = await self._answer(scope, receive, source, connection)
        if answer is None:
            self._count(source, "cut")
            return
        self._times[source].observe(self._clock.monotonic() - began)
        await self._close_with(send, source, answer)

    async def _answer(
        self, scope: Scope, receive: Receive, source: Source, connection: str
    ) -> _Answer | None:
        headers = {
            name.decode("latin-1"): value.decode("latin-1") for name, value in reversed(scope["headers"])
        }
        body = await self._bodies.read(headers, receive)
        if isinstance(body, NoBody):
            return _WITHOUT_BODY[body]
        if self._inflight >= self._max_inflight:
            return _CROWDED
        self._inflight += 1
        try:
            return await self._kept(source, connection, headers, body)
        finally:
            self._inflight -= 1

    async def _kept(
        self, source: Source, connection: str, headers: Mapping[str, str], body: bytes
    ) -> _Answer:
        try:
            row = judge(self._routes, source, connection, headers, body, self._clock.now())
        except Forged:
            return _FORGED
        except Unreadable:
            return _UNREADABLE
        try:
            return _STORED if await self._sink.receive(row) else _SEEN
        except Busy as busy:
            return _Answer(503, "busy", "busy", retry_after=busy.retry_after)
        except Exception as trouble:  # noqa: BLE001  whatever broke, it is not stored: the sender must come back
            log.error("a webhook of %s could not be stored: %s", row.connection, type(trouble).__name__)
            return _Answer(503, "not stored", "store_trouble", retry_after=30)

    def _count(self, source: Source, outcome: str) -> None:
        """Count one webhook; finding the counter by its labels each time costs more than counting."""
        counter = self._counts.get((source, outcome))
        if counter is None:
            counter = self._counts[source, outcome] = self._counted.labels(source, outcome)
        counter.inc()

    async def _close_with(self, send: Send, source: Source, answer: _Answer) -> None:
        self._count(source, answer.outcome)
        headers: list[tuple[bytes, bytes]] = []
        if answer.retry_after is not None:
            headers.append((b"retry-after", str(answer.retry_after).encode()))
        if answer.close:
            headers.append((b"connection", b"close"))
        body = answer.text.encode() + b"\n" if answer.text else b""
        await _reply(send, answer.status, body, headers)


async def _reply(
    send: Send,
    status: int,
    body: bytes,
    headers: list[tuple[bytes, bytes]] | None = None,
    kind: bytes = b"text/plain; charset=utf-8",
) -> None:
    fixed = [
        (b"content-type", kind),
        (b"content-length", str(len(body)).encode()),
        (b"x-content-type-options", b"nosniff"),
        (b"cache-control", b"no-store"),
    ]
    await send({"type": "http.response.start", "status": status, "headers": fixed + (headers or [])})
    await send({"type": "http.response.body", "body": body, "more_body": False})

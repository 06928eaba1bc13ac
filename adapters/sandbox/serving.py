"""A sandbox as a real HTTP server on loopback, in a thread of its own."""

import asyncio
import socket
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import orjson
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from adapters.sandbox.books import Books, Json, NotPossible
from adapters.sandbox.faults import Faults, Troubled, conflict, maintenance
from adapters.sandbox.staff import Staff

ARRIVALS = 0.05
"""Seconds between two looks at goods under way."""


class Wire(HttpToolsProtocol):
    """Lets an application cut the connection under a request."""

    def on_message_begin(self) -> None:
        """Hand the transport on with the request."""
        super().on_message_begin()
        self.scope["sandbox.transport"] = self.transport  # type: ignore[typeddict-unknown-key]


class Served:
    """A running sandbox; `stop()` ends its thread and closes its socket.

    `api` are the vendor's routes, `throttled` its answer to a call too many, `soft` and `conflict` its answers in these
    modes of `adapters.sandbox.faults`, `changes` tells a changing call from a reading one, `living` is a context the vendor wants open while the server runs (a webhook sender, say).
    """

    def __init__(
        self,
        name: str,
        books: Books,
        api: list[BaseRoute],
        *,
        throttled: Callable[[float], Response],
        soft: Callable[[], Response] = maintenance,
        conflict: Callable[[], Response] = conflict,
        not_found: Callable[[Request], Response] | None = None,
        more: dict[str, Callable[[Json], Json]] | None = None,
        living: Callable[[], Any] | None = None,
        shows: Callable[[], Json] = dict,
        changes: Callable[[str, str, bytes], bool] = lambda method, _path, _body: method != "GET",
        port: int = 0,
        seed: int = 0,
    ) -> None:
        self.books, self._shows = books, shows
        self.faults = Faults(seed)
        self._living = living
        self._not_found = not_found
        # named TCP, or asyncio leaves the delay of small packets on and every call costs 40 ms
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._socket.bind(("127.0.0.1", port))
        self.port = int(self._socket.getsockname()[1])
        self.url = f"http://127.0.0.1:{self.port}"
        self._troubled = Troubled(
            self._app(api, more or {}), self.faults, throttled, changes, soft=soft, conflict=conflict
        )
        config = uvicorn.Config(
            self._troubled, http=Wire, log_config=None, access_log=False, lifespan="on", ws="none",
            timeout_graceful_shutdown=1,
        )  # fmt: skip
        self._server = uvicorn.Server(config)
        self._ready = threading.Event()
        self._thread = threading.Thread(
            target=self._server.run, kwargs={"sockets": [self._socket]}, name=f"{name}-sandbox", daemon=True
        )

    def run(self) -> None:
        """Start the thread; returns once the server listens."""
        self._socket.listen(256)
        self._thread.start()
        if not self._ready.wait(20):
            raise RuntimeError("the sandbox did not start")

    def stop(self) -> None:
        """Stop, wait, close."""
        self._server.should_exit = True
        self._thread.join()
        self._socket.close()

    def _app(self, api: list[BaseRoute], more: dict[str, Callable[[Json], Json]]) -> Starlette:
        staff = Staff(self.books)
        verbs = staff.verbs | {"faults": self._fault} | more
        control = [
            Route("/healthz", lambda _request: PlainTextResponse("ok")),
            Route("/_control/state", self._state(staff)),
            Route("/_control/late_calls", self._late_calls, methods=["POST"]),
            *(Route(f"/_control/{name}", _endpoint(verb), methods=["POST"]) for name, verb in verbs.items()),
        ]
        app = Starlette(routes=[*control, *api], lifespan=self._alive)
        if self._not_found is not None:
            answer = self._not_found
            app.add_exception_handler(404, lambda request, _error: answer(request))
            app.add_exception_handler(405, lambda request, _error: answer(request))
        return app

    @asynccontextmanager
    async def _alive(self, app: Starlette) -> AsyncIterator[None]:
        arrivals = asyncio.get_running_loop().create_task(self._arrivals())
        try:
            if self._living is None:
                self._ready.set()
                yield
            else:
                async with self._living():
                    self._ready.set()
                    yield
        finally:
            arrivals.cancel()

    async def _arrivals(self) -> None:
        while True:
            self.books.arrive()
            await asyncio.sleep(ARRIVALS)

    def _state(self, staff: Staff) -> Callable[[Request], Awaitable[Response]]:
        async def state(_request: Request) -> Response:
            """Within the loop, as whatever changes the books: a thread of its own would see them half changed."""
            return as_json(staff.state() | self._shows())

        return state

    async def _late_calls(self, _request: Request) -> Response:
        return as_json({"made": await self._troubled.late_calls()})

    def _fault(self, ask: Json) -> Json:
        mode = str(ask.get("mode", "none"))
        if mode == "refuse_orders":
            count = ask.get("count")
            self.books.refuse_orders(
                str(ask.get("match", "*")),
                str(ask.get("message", "refused by the back office")),
                None if count is None else int(count),
            )
            return {"mode": mode}
        if mode == "none":
            self.books.accept_orders()
        self.faults.switch(ask)
        return {"mode": mode}


def as_json(value: object, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """A JSON answer."""
    return Response(orjson.dumps(value), status, headers, "application/json")


def _endpoint(verb: Callable[[Json], Json]) -> Callable[[Request], Any]:
    """An HTTP face for a verb of the staff: 409 where the answer is no, 400 for a question that cannot be read."""

    async def answer(request: Request) -> Response:
        body = await request.body()
        try:
            return as_json(verb(orjson.loads(body or b"{}")))
        except NotPossible as no:
            return as_json({"error": str(no)}, 409)
        except (KeyError, TypeError, ValueError) as error:
            return as_json({"error": f"cannot read this: {error!r}"}, 400)

    return answer

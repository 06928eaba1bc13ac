"""The sandbox as a real HTTP server on loopback, in a thread of its own."""

import asyncio
import re
import secrets
import socket
import threading
import uuid
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs

import orjson
import uvicorn
from graphql import FieldNode
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import FileResponse, HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from adapters.shopify.sandbox.bulk import BulkOperations, read_page
from adapters.shopify.sandbox.bulk_query import BulkQuery
from adapters.shopify.sandbox.context import Context
from adapters.shopify.sandbox.control import Control, answer
from adapters.shopify.sandbox.cost import Bucket
from adapters.shopify.sandbox.executor import Executor, Prepared
from adapters.shopify.sandbox.faults import Fault, Faults
from adapters.shopify.sandbox.scopes import GRANTED
from adapters.shopify.sandbox.shop import Shop
from adapters.shopify.sandbox.things import SandboxSku
from adapters.shopify.sandbox.webhooks import Webhooks

VERSION = "2026-10"
OLDEST = "2025-01"
TOKEN_LIFE = 86399
BAD_TOKEN = "[API] Invalid API key or access token (unrecognized login or wrong password)"  # noqa: S105 - a text


class Wire(HttpToolsProtocol):
    """Lets an endpoint cut the connection under a request."""

    def on_message_begin(self) -> None:
        """Hand the transport on with the request."""
        super().on_message_begin()
        self.scope["sandbox.transport"] = self.transport  # type: ignore[typeddict-unknown-key]


class Silence(Response):
    """No answer: the connection ends, after the first bytes of a body when there are some."""

    def __init__(self, request: Request, body: bytes = b"") -> None:
        """Remember what to cut."""
        super().__init__(body, media_type="application/json")
        self._transport = request.scope["sandbox.transport"]

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Send half of what there is, and hang up."""
        if self.body:
            await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
            await send(
                {
                    "type": "http.response.body",
                    "body": bytes(self.body)[: len(self.body) // 2],
                    "more_body": True,
                }
            )
            self._transport.close()
        else:
            self._transport.abort()
        while (await receive())["type"] != "http.disconnect":
            continue


class ShopSandbox:
    """A running sandbox shop."""

    def __init__(
        self,
        shop: Shop,
        *,
        port: int,
        seed: int,
        token: str,
        secret: str,
        client: tuple[str, str],
        plan_rate: int,
        scopes: Collection[str],
        webhook_url: str | None,
    ) -> None:
        """Bind the port; `run` starts to listen."""
        self.shop = shop
        self.token, self.secret = token, secret
        self._client = client
        self._tokens: dict[str, float] = {}
        self._faults = Faults(seed)
        self._webhooks = Webhooks(
            secret=secret, domain=shop.domain, seed=seed, url=webhook_url, clock=shop.clock
        )
        self._bulk = BulkOperations(shop.clock, self._later, self._bulk_page, self._webhooks.emit, seed)
        self._context = Context(
            shop, frozenset(scopes), self._webhooks.subscriptions, {}, self._later, self._bulk
        )
        self._executor = Executor(self._context, plan_rate)
        shop.emit = self._webhooks.emit
        self._timers: set[asyncio.TimerHandle] = set()
        # named TCP, or asyncio leaves the delay of small packets on and every call costs 40 ms
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._socket.bind(("127.0.0.1", port))
        self.port = int(self._socket.getsockname()[1])
        self.url = f"http://127.0.0.1:{self.port}"
        self._bulk.url = self.url
        config = uvicorn.Config(
            self._app(), http=Wire, log_config=None, access_log=False, lifespan="on", ws="none",
            timeout_graceful_shutdown=1,
        )  # fmt: skip
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(
            target=self._server.run, kwargs={"sockets": [self._socket]}, name="shop-sandbox", daemon=True
        )
        self._ready = threading.Event()

    def run(self) -> None:
        """Start the thread; returns once the server listens."""
        self._socket.listen(256)
        self._thread.start()
        if not self._ready.wait(20):
            raise RuntimeError("the sandbox shop did not start")

    def move_to_plan(self, rate: int) -> None:
        """The shop takes another plan: a full bucket that refills at so many points a second."""
        self._executor.bucket = Bucket(rate, self._executor.bucket.monotonic)

    def stop(self) -> None:
        """Stop, wait, close."""
        self._server.should_exit = True
        self._thread.join()
        self._socket.close()
        self._bulk.close()

    def _app(self) -> Starlette:
        control = Control(self.shop, self._webhooks, self._faults, self._executor, self._bulk)
        return Starlette(
            routes=[
                Route("/healthz", lambda request: PlainTextResponse("ok")),
                Route("/admin/oauth/access_token", self._grant, methods=["POST"]),
                Route("/admin/api/{version}/graphql.json", self._graphql, methods=["POST"]),
                Route("/_bulk/{name}", self._bulk_file),
                *control.routes(),
            ],
            lifespan=self._living,
        )

    @asynccontextmanager
    async def _living(self, app: Starlette) -> AsyncIterator[None]:
        self._webhooks.open()
        self._ready.set()
        yield
        for timer in self._timers:
            timer.cancel()
        await self._webhooks.close()

    def _later(self, seconds: float, act: Callable[[], None]) -> None:
        def run() -> None:
            self._timers.discard(timer)
            act()

        timer = asyncio.get_running_loop().call_later(seconds, run)
        self._timers.add(timer)

    async def _grant(self, request: Request) -> Response:
        """The client credentials grant; refusals are HTML pages, as at Shopify."""
        raw = await request.body()
        if "json" in request.headers.get("content-type", ""):
            asked: dict[str, Any] = orjson.loads(raw or b"{}")
        else:
            asked = {name: values[0] for name, values in parse_qs(raw.decode()).items()}
        said = (asked.get("client_id"), asked.get("client_secret"))
        if asked.get("grant_type") != "client_credentials" or said != self._client:
            return HTMLResponse("<html><body>Oauth error application_cannot_be_found</body></html>", 400)
        token = f"shpat_{secrets.token_hex(16)}"
        self._tokens[token] = self.shop.clock.monotonic() + TOKEN_LIFE
        return answer(
            {"access_token": token, "scope": ",".join(sorted(self._context.scopes)), "expires_in": TOKEN_LIFE}
        )

    def _bulk_page(self, query: BulkQuery, root: FieldNode, after: str | None) -> dict[str, Any]:
        return read_page(query, root, after, replace(self._context, unbounded=True, searches=[]))

    async def _bulk_file(self, request: Request) -> Response:
        """The lines of a bulk operation: whoever has the address may read, as at Shopify's file store."""
        wanted = [one for one in self._bulk.all.values() if one.name == request.path_params["name"]]
        if not wanted or not wanted[0].file.exists() or wanted[0].status == "EXPIRED":
            return Response("<Error><Code>ExpiredToken</Code></Error>", 400, media_type="application/xml")
        return FileResponse(wanted[0].file, media_type="application/jsonl")

    def _may_enter(self, request: Request) -> bool:
        said = request.headers.get("x-shopify-access-token", "")
        return said == self.token or self._tokens.get(said, 0.0) > self.shop.clock.monotonic()

    async def _graphql(self, request: Request) -> Response:
        version = request.path_params["version"]
        if not re.fullmatch(r"20\d\d-(01|04|07|10)", version) or not OLDEST <= version <= VERSION:
            return answer({"errors": "Not Found"}, 404)
        response = await self._answered(request)
        response.headers["X-Shopify-API-Version"] = VERSION
        response.headers["X-Request-Id"] = str(uuid.uuid4())
        return response

    async def _answered(self, request: Request) -> Response:
        if self._faults.now.mode == "outage" and self._faults.strike(set()):
            return Silence(request)
        if not self._may_enter(request):
            return answer({"errors": BAD_TOKEN}, 401)
        try:
            body = orjson.loads(await request.body())
        except ClientDisconnect:
            return Silence(request)
        except orjson.JSONDecodeError:
            return answer({"errors": {"query": "Required parameter missing or invalid"}}, 400)
        call = self._executor.prepare(body)
        if not isinstance(call, Prepared):
            return answer(call, 400 if "query" in call["errors"] else 200)
        fault = self._faults.strike(set(call.roots))
        return (
            answer(self._executor.run(call)) if fault is None else await self._troubled(request, call, fault)
        )

    async def _troubled(self, request: Request, call: Prepared, fault: Fault) -> Response:
        match fault.mode:
            case "429":
                return Response(
                    orjson.dumps({"errors": "Exceeded 2 calls per second for api client."}),
                    429,
                    {"Retry-After": f"{fault.seconds:.1f}"},
                    "application/json",
                )
            case "5xx":
                return Response("<html><body>Bad gateway</body></html>", 502, media_type="text/html")
            case "hang":
                await asyncio.sleep(max(fault.seconds, 1.0))
                return Silence(request)
            case "cut":
                return Silence(request, orjson.dumps(self._executor.run(call)))
            case "apply_then_timeout":
                self._executor.run(call)
                await asyncio.sleep(max(fault.seconds, 1.0))
                return Silence(request)
            case "late_apply":
                self._later(fault.seconds, lambda: self._late(call))
                return Silence(request)
            case "outage":
                return Silence(request)
        await asyncio.sleep(fault.seconds)
        return answer(self._executor.run(call))

    def _late(self, call: Prepared) -> None:
        self._executor.run(call)


def start(
    port: int = 0,
    *,
    seed: int = 0,
    skus: Sequence[SandboxSku],
    locations: Sequence[str] = ("Main", "East"),
    stock: Mapping[tuple[str, int], int] | None = None,
    unstocked: Collection[tuple[str, int]] = (),
    token: str = "shpat_sandbox",  # noqa: S107 - public: it only opens sandboxes
    secret: str = "shop-secret",  # noqa: S107 - as above
    client_id: str = "sandbox-client",
    client_secret: str = "sandbox-client-secret",  # noqa: S107 - as above
    plan_rate: int = 1000,
    scopes: Collection[str] = GRANTED,
    webhook_url: str | None = None,
    block: int = 0,
) -> ShopSandbox:
    """Open a shop on loopback and return once it listens.

    `stock` maps (SKU, index of the location) to units on hand; `unstocked` names cells without a level. Shops of
    different `block` give no number twice.
    """
    shop = Shop(
        seed=seed, skus=skus, locations=locations, stock=stock or {}, unstocked=unstocked, block=block
    )
    sandbox = ShopSandbox(
        shop,
        port=port,
        seed=seed,
        token=token,
        secret=secret,
        client=(client_id, client_secret),
        plan_rate=plan_rate,
        scopes=scopes,
        webhook_url=webhook_url,
    )
    sandbox.run()
    return sandbox

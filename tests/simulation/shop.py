"""The sandbox shop on the virtual loop: its API behind a wire, its webhooks through the real listener."""

import asyncio
import contextvars
import hashlib
from bisect import insort
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from email.utils import format_datetime
from typing import Any

import httpx
import orjson
from graphql import FieldNode

from adapters.shopify.sandbox.bulk import BulkOperations
from adapters.shopify.sandbox.bulk_query import BulkQuery
from adapters.shopify.sandbox.clock import ShopClock
from adapters.shopify.sandbox.context import Context
from adapters.shopify.sandbox.executor import Executor, Prepared
from adapters.shopify.sandbox.scopes import GRANTED
from adapters.shopify.sandbox.server import VERSION
from adapters.shopify.sandbox.shop import Shop
from adapters.shopify.sandbox.things import Level, Order, SandboxSku
from adapters.shopify.sandbox.webhooks import Webhooks
from tests.simulation.process import BEGINNING, Killed
from tests.simulation.stage import Stage
from tests.simulation.wire import BadGateway, NoAnswer, NoConnection, Wire

SECRET = "shop-secret"
LOCATIONS = ("Main", "East")


class LaggingShop(Shop):
    """The sandbox's world, whose listing of changed orders runs behind its other answers."""

    stage: Stage
    written: Callable[[Level, int, int, str], None]
    key: str = ""
    """Idempotency key of the call being carried out."""

    def touch_order(self, order: Order, *, silent: bool = False) -> None:
        super().touch_order(order, silent=silent)
        self._list_later(order)

    def add_order(self, order: Order) -> None:
        super().add_order(order)
        self._list_later(order)

    def note_write(self, level: Level, name: str, before: int, after: int) -> None:
        super().note_write(level, name, before, after)
        self.written(level, before, after, self.key)

    def _list_later(self, order: Order) -> None:
        """Out of the listing until the index has caught up; one that waits already is not put off further."""
        lag = self.stage.weather.listing_lag
        if not lag or not self.stage.stormy:
            return
        self.unlist(order)
        entry = (order.updated_at.timestamp(), order.number)

        def listed() -> None:
            if (order.updated_at.timestamp(), order.number) == entry and entry not in self.orders_by_update:
                insort(self.orders_by_update, entry)

        self.stage.later(self.stage.chance.uniform(0.0, lag), listed)


class Storefront:
    """The running shop: world, API and webhooks."""

    def __init__(
        self,
        stage: Stage,
        skus: list[SandboxSku],
        stock: dict[tuple[str, int], int],
        door: httpx.AsyncBaseTransport,
    ) -> None:
        clock = ShopClock(
            lambda: (BEGINNING + timedelta(seconds=stage.loop.now + stage.weather.shop_clock)).timestamp(),
            lambda: stage.loop.now,
        )
        self.stage = stage
        self.shop = LaggingShop(seed=stage.seed, skus=skus, locations=LOCATIONS, stock=stock, clock=clock)
        self.shop.stage = stage
        self.webhooks = Webhooks(
            secret=SECRET, domain=self.shop.domain, seed=stage.seed, url=None, clock=clock
        )

        def later(seconds: float, act: Callable[[], None]) -> None:
            stage.later(seconds, act)

        bulk = BulkOperations(clock, later, _no_bulk, self.webhooks.emit, stage.seed)
        context = Context(self.shop, frozenset(GRANTED), self.webhooks.subscriptions, {}, later, bulk)
        self.executor = Executor(context, 1000)
        self.shop.emit = self.webhooks.emit
        self.webhooks.open(door)
        weather = stage.weather
        self.webhooks.weather.drop = weather.drop
        self.webhooks.weather.duplicate = weather.duplicate
        self.webhooks.weather.delay_max = weather.delay
        self.webhooks.weather.reorder = weather.reorder

    def calm(self) -> None:
        """Webhooks arrive again as they should."""
        self.webhooks.weather.drop = self.webhooks.weather.duplicate = self.webhooks.weather.delay_max = 0.0

    def answer(self, body: bytes) -> httpx.Response:
        """What the API says to a request."""
        asked = orjson.loads(body)
        self.shop.key = str((asked.get("variables") or {}).get("key", ""))
        call = self.executor.prepare(asked)
        said = self.executor.run(call) if isinstance(call, Prepared) else call
        headers = {
            "X-Shopify-API-Version": VERSION,
            "Date": format_datetime(self.shop.clock.now(), usegmt=True),
        }
        return httpx.Response(200, headers=headers, content=orjson.dumps(said))


class ShopTransport(httpx.AsyncBaseTransport):
    """How one process's HTTP client reaches the shop."""

    def __init__(self, front: Storefront, sent: Callable[[bytes], None]) -> None:
        self._front, self._sent = front, sent
        self._wire = Wire(front.stage, "shop")

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        body = await request.aread()
        said = orjson.loads(body)
        kind, what = str(said["query"]).split(None, 2)[:2]
        write, what = kind == "mutation", what.split("(", 1)[0]
        self._sent(body)
        patience = float(request.extensions["timeout"]["read"])
        try:
            return await self._wire.carry(
                f"shop {what}", lambda: self._front.answer(body), write=write, patience=patience
            )
        except NoConnection as no:
            raise httpx.ConnectError("no route", request=request) from no
        except NoAnswer as silence:
            raise httpx.ReadTimeout("silence", request=request) from silence
        except BadGateway:
            return httpx.Response(502, text="<html>Bad gateway</html>", request=request)


@dataclass(frozen=True, slots=True)
class Door:
    """A listener and the process it belongs to."""

    app: Any
    context: contextvars.Context


class DoorTransport(httpx.AsyncBaseTransport):
    """How the shop's webhooks reach whichever process listens now."""

    def __init__(self, stage: Stage, door: Callable[[], Door | None]) -> None:
        self._stage, self._door = stage, door

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        await asyncio.sleep(self._stage.chance.uniform(0.005, 0.2))
        door = self._door()
        if door is None:
            raise httpx.ConnectError("nobody listens", request=request)
        body = await request.aread()
        status: list[int] = []
        served = asyncio.get_running_loop().create_task(
            _serve(door.app, request, body, status), context=door.context.copy()
        )
        await asyncio.wait((served,))
        if not status:
            raise httpx.ReadError("the listener died", request=request)
        if 200 <= status[0] < 300:
            self._stage.acked[request.headers["x-shopify-webhook-id"]] = hashlib.sha256(body).hexdigest()
            self._replay(request, body)
        return httpx.Response(status[0], request=request)

    def _replay(self, request: httpx.Request, body: bytes) -> None:
        """Somebody sends the same signed body again under another id: the header is not part of the signature."""
        stage = self._stage
        if (
            not stage.stormy
            or not stage.weather.duplicate
            or stage.chance.random() >= stage.weather.duplicate / 2
        ):
            return
        headers = request.headers.copy()
        headers["x-shopify-webhook-id"] = f"replay-{stage.loop.numbered()}"
        again = httpx.Request(request.method, request.url, headers=headers, content=body)
        loop = stage.loop
        stage.later(stage.chance.uniform(0.1, 60.0), lambda: _forget(loop.create_task(self._again(again))))

    async def _again(self, request: httpx.Request) -> None:
        with suppress(httpx.HTTPError):
            await self.handle_async_request(request)


def _forget(_task: asyncio.Task[None]) -> None:
    """The loop keeps it until it is done."""


async def _serve(app: Any, request: httpx.Request, body: bytes, status: list[int]) -> None:
    """One request through an ASGI application."""
    scope = {
        "type": "http",
        "method": request.method,
        "path": request.url.path,
        "headers": [(name.lower(), value) for name, value in request.headers.raw],
    }

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            status.append(message["status"])

    with suppress(Killed):
        await app(scope, receive, send)


def _no_bulk(query: BulkQuery, root: FieldNode, after: str | None) -> dict[str, Any]:
    raise AssertionError("the engine runs no bulk operations here")

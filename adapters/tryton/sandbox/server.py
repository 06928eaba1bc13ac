"""The sandbox: a real trytond, and before it one small server that is its front and its control."""

import random
import socket
import threading
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Protocol

import httpx
import orjson
import uvicorn
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from adapters.tryton.sandbox.front import Front
from adapters.tryton.sandbox.install import database, default_cache, environment
from adapters.tryton.sandbox.process import Trytond
from adapters.tryton.sandbox.staff import NotPossible, Staff

Json = dict[str, Any]
USER = "trueup"
PASSWORD = "trueup-sandbox"  # noqa: S105 - public: it only opens sandboxes
WEB_SHOP = "Shopify"
PAYMENT_METHOD = "Shopify"


class Named(Protocol):
    """Anything with a SKU, a title and a price."""

    @property
    def sku(self) -> str:
        """The stock-keeping unit."""
        ...

    @property
    def title(self) -> str:
        """What people call it."""
        ...

    @property
    def price(self) -> str:
        """What one costs."""
        ...


class TrytonSandbox:
    """A running sandbox; `stop()` ends its server and its trytond."""

    database = "erp"
    user = USER
    password = PASSWORD
    web_shop = WEB_SHOP
    payment_method = PAYMENT_METHOD

    def __init__(self, trytond: Trytond, staff: Staff, front: Front, port: int) -> None:
        self._trytond = trytond
        self._staff = staff
        self._front = front
        self.pid = trytond.pid
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._socket.bind(("127.0.0.1", port))
        self.port = int(self._socket.getsockname()[1])
        self.url = self.control_url = f"http://127.0.0.1:{self.port}"
        config = uvicorn.Config(
            self._app(), log_config=None, access_log=False, ws="none", timeout_graceful_shutdown=2
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(
            target=self._server.run, kwargs={"sockets": [self._socket]}, name="tryton-sandbox", daemon=True
        )

    def run(self) -> None:
        """Start the server thread; the socket listens when this returns."""
        self._socket.listen(128)
        self._thread.start()

    def stop(self) -> None:
        """Stop, wait, close."""
        self._server.should_exit = True
        if self._thread.is_alive():
            self._thread.join()
        self._socket.close()
        self._staff.stop()
        self._trytond.stop()

    def _app(self) -> Starlette:
        staff, front = self._staff, self._front
        verbs: dict[str, Callable[[Json], Json]] = {
            "sale": staff.sale,
            "receipt": staff.receipt,
            "adjust": staff.adjust,
            "transfer": staff.transfer,
            "transfer_in": staff.transfer_in,
            "cancel": staff.cancel,
            "double": staff.double,
            "ship": staff.ship,
            "ship_any": staff.ship_any,
            "faults": front.fault,
        }

        @asynccontextmanager
        async def life(_app: Starlette) -> AsyncIterator[None]:
            yield
            await front.aclose()

        async def state(_request: Request) -> Response:
            truth = await run_in_threadpool(staff.state)
            return _json(truth | {"refusals": front.refusals, "api": {"calls": front.calls}})

        async def healthy(_request: Request) -> Response:
            return PlainTextResponse("ok")

        controls = [
            Route(f"/_control/{name}", _endpoint(verb), methods=["POST"]) for name, verb in verbs.items()
        ]
        return Starlette(
            routes=[
                Route("/healthz", healthy),
                Route("/_control/state", state),
                *controls,
                Route("/{database}/rpc/", front.pass_on, methods=["POST"]),
            ],
            lifespan=life,
        )


def start(
    cache: Path | None = None,
    *,
    products: Sequence[str | Named],
    warehouses: Sequence[str] = ("WH1", "WH2"),
    stock: Mapping[tuple[str, int], int] | None = None,
    port: int = 0,
    seed: int = 0,
    transit_seconds: float = 1.0,
) -> TrytonSandbox:
    """Start a sandbox. The first time it installs trytond into `cache` (a minute) and builds the database.

    `stock` maps (SKU, index of the warehouse) to units; without it the seed decides.
    """
    cache = cache or default_cache()
    goods = [(p, p, "10.00") if isinstance(p, str) else (p.sku, p.title, p.price) for p in products]
    if stock is None:
        chance = random.Random(seed)
        stock = {(sku, i): chance.randint(0, 40) for sku, *_ in goods for i in range(len(warehouses))}
    file = database(cache, goods, warehouses, stock)
    trytond = Trytond(environment(cache), file, cache / "runs")
    try:
        staff = Staff(trytond.url, USER, PASSWORD, transit_seconds=transit_seconds)
        front = Front(trytond.url, seed)
        front.codes = staff.codes
        sandbox = TrytonSandbox(trytond, staff, front, port)
    except BaseException:
        trytond.stop()
        raise
    sandbox.run()
    return sandbox


def _endpoint(verb: Callable[[Json], Json]) -> Callable[[Request], Any]:
    """An HTTP face for a verb: 409 where Tryton says no, 400 for a question it cannot read."""

    async def answer(request: Request) -> Response:
        body = await request.body()
        try:
            return _json(await run_in_threadpool(verb, orjson.loads(body or b"{}")))
        except NotPossible as no:
            return _json({"error": str(no)}, 409)
        except (KeyError, TypeError, ValueError) as error:
            return _json({"error": f"cannot read this: {error!r}"}, 400)
        except httpx.HTTPError as error:
            return _json({"error": f"trytond: {error!r}"}, 503)

    return answer


def _json(value: Json, status: int = 200) -> Response:
    return Response(orjson.dumps(value), status, media_type="application/json")

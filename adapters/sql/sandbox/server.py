"""The control server: drives the ERP's staff over HTTP and shows the whole truth as JSON."""

import random
import socket
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import orjson
import uvicorn
from sqlalchemy import Engine, inspect
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from adapters.sandbox.goods import Named
from adapters.sql.driver import open_database
from adapters.sql.sandbox.bell import Bell
from adapters.sql.sandbox.faults import Faults
from adapters.sql.sandbox.statements import STATEMENTS
from adapters.sql.sandbox.world import Json, NotPossible, World

SECRET = "whsec_c2FuZGJveC1iYWNrLW9mZmljZS1zZWNyZXQ="  # noqa: S105 - public: it only opens sandboxes


class SqlSandbox:
    """A running sandbox; `stop()` ends its threads and closes its connections."""

    def __init__(
        self,
        database_url: str,
        engines: tuple[Engine, Engine],
        world: World,
        bell: Bell,
        port: int,
        secret: str,
    ) -> None:
        self.database_url = database_url
        self.statements: Mapping[str, str] = STATEMENTS
        self.webhook_secret = secret
        self.world = world
        self._engines = engines
        self._bell = bell
        self._faults = Faults(engines[0])
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._socket.bind(("127.0.0.1", port))
        self.port = int(self._socket.getsockname()[1])
        self.url = f"http://127.0.0.1:{self.port}"
        self._server = uvicorn.Server(
            uvicorn.Config(
                self._app(),
                log_config=None,
                access_log=False,
                lifespan="off",
                ws="none",
                timeout_graceful_shutdown=2,
            )
        )
        self._thread = threading.Thread(
            target=self._server.run, kwargs={"sockets": [self._socket]}, name="sql-sandbox", daemon=True
        )

    @property
    def webhook_url(self) -> str | None:
        """Where changes are told; may be set while the sandbox runs."""
        return self._bell.url

    @webhook_url.setter
    def webhook_url(self, url: str | None) -> None:
        self._bell.url = url

    def run(self) -> None:
        """Start the threads and return once the server listens."""
        self._socket.listen(128)
        self._thread.start()
        self._bell.start()

    def stop(self) -> None:
        """Stop, wait, close."""
        self._faults.unlock()
        self._server.should_exit = True
        self._thread.join()
        self._bell.stop()
        self._socket.close()
        for engine in self._engines:
            engine.dispose()

    def _app(self) -> Starlette:
        world, faults = self.world, self._faults
        verbs: dict[str, Callable[[Json], Json]] = {
            "sale": lambda ask: world.sale(ask["sku"], ask["warehouse"], int(ask["quantity"])),
            "receipt": lambda ask: world.enter(
                ask["sku"], ask["warehouse"], "receipt", _positive(ask["quantity"])
            ),
            "adjust": lambda ask: world.enter(ask["sku"], ask["warehouse"], "adjust", int(ask["delta"])),
            "transfer": lambda ask: world.transfer(ask["sku"], ask["from"], ask["to"], int(ask["quantity"])),
            "transfer_in": lambda ask: world.transfer_in(everything=True),
            "parcel": lambda ask: world.parcel(
                str(ask["document"]), str(ask["number"]), str(ask.get("carrier", "")), ask.get("warehouse")
            ),
            "ship": lambda ask: world.ship(str(ask["document"])),
            "ship_any": lambda ask: world.ship_any(int(ask.get("limit", 1))),
            "cancel": lambda ask: world.cancel(str(ask["document"])),
            "double": lambda ask: world.double(str(ask["document"])),
            "article": lambda ask: world.article(ask["sku"], ask["facts"]),
            "prices": lambda ask: world.priced(ask["prices"]),
            "stocked": lambda ask: world.stocked(ask["sku"], bool(ask["stocked"])),
            "warehouse": lambda ask: world.switched(ask["warehouse"], bool(ask["active"])),
            "faults": lambda ask: _fault(faults, ask),
            "webhooks": self._webhooks,
        }
        return Starlette(
            routes=[
                Route("/healthz", lambda _request: PlainTextResponse("ok")),
                Route("/_control/state", lambda _request: _json(self._state())),
                *(
                    Route(f"/_control/{name}", _endpoint(verb), methods=["POST"])
                    for name, verb in verbs.items()
                ),
            ]
        )

    def _state(self) -> Json:
        told = self._bell.told
        counts = {
            "sent": told.sent,
            "delivered": told.delivered,
            "failed": told.failed,
            "dropped": told.dropped,
        }
        return self.world.state() | {"webhooks": counts | {"ack_ms": list(told.ack_ms)}}

    def _webhooks(self, ask: Json) -> Json:
        self._bell.drop = float(ask.get("drop", self._bell.drop))
        self._bell.url = ask.get("url", self._bell.url)
        return {"drop": self._bell.drop, "url": self._bell.url}


def start(
    directory: Path,
    port: int = 0,
    *,
    seed: int = 0,
    skus: Sequence[str | Named],
    warehouses: Sequence[str] = ("WH1", "WH2"),
    stock: Mapping[tuple[str, int], int] | None = None,
    webhook_url: str | None = None,
    webhook_secret: str = SECRET,
    transit_seconds: float = 1.0,
    database_url: str | None = None,
) -> SqlSandbox:
    """Start a sandbox on an SQLite file in `directory`, or on the empty PostgreSQL database of `database_url`.

    A database that was filled before is carried on with.

    `stock` maps (SKU, index of the warehouse) to units; without it the seed decides.
    """
    url = database_url or f"sqlite:///{directory / 'erp.db'}"
    directory.mkdir(parents=True, exist_ok=True)
    writes = open_database(url, writes=True, connections=8, wait_seconds=10)
    fresh = not inspect(writes).has_table("product")
    if fresh:
        _create(writes)
    reads = open_database(url, writes=False, connections=8, wait_seconds=10)
    world = World(writes, reads, transit_seconds=transit_seconds)
    if fresh:
        products = [(each, each) if isinstance(each, str) else (each.sku, each.title) for each in skus]
        chance = random.Random(seed)
        if stock is None:
            stock = {
                (sku, index): chance.randint(0, 40) for sku, _ in products for index in range(len(warehouses))
            }
        shelves = {(sku, warehouses[index]): units for (sku, index), units in stock.items()}
        world.fill(products, warehouses, shelves)
    bell = Bell(reads, world, url=webhook_url, secret=webhook_secret, seed=seed)
    sandbox = SqlSandbox(url, (writes, reads), world, bell, port, webhook_secret)
    sandbox.run()
    return sandbox


def _create(writes: Engine) -> None:
    """Tables and triggers, by the driver itself: the script is many statements."""
    schema = Path(__file__).parent / f"schema_{writes.dialect.name}.sql"
    raw = writes.raw_connection()
    driver: Any = raw.driver_connection
    if writes.dialect.name == "sqlite":
        driver.executescript(schema.read_text(encoding="utf-8"))
    else:
        driver.execute(schema.read_text(encoding="utf-8"))
    raw.commit()
    raw.close()


def _endpoint(verb: Callable[[Json], Json]) -> Callable[[Request], Any]:
    """An HTTP face for a verb: 409 where the ERP says no, 503 while it is locked, 400 for a question it cannot read."""

    async def answer(request: Request) -> Response:
        body = await request.body()
        try:
            ask = orjson.loads(body or b"{}")
            return _json(await run_in_threadpool(verb, ask))
        except NotPossible as no:
            return _json({"error": str(no)}, 409)
        except (KeyError, TypeError, ValueError) as error:
            return _json({"error": f"cannot read this: {error!r}"}, 400)
        except OperationalError as error:
            return _json({"error": str(error.orig)}, 503)
        except (IntegrityError, DBAPIError) as error:
            return _json({"error": str(error.orig)}, 409)

    return answer


def _json(value: Json, status: int = 200) -> Response:
    return Response(orjson.dumps(value), status, media_type="application/json")


def _positive(value: object) -> int:
    number = int(str(value))
    if number < 1:
        raise ValueError("quantity must be at least 1")
    return number


def _fault(faults: Faults, ask: Json) -> Json:
    mode = ask["mode"]
    if mode == "refuse_orders":
        count = ask.get("count")
        faults.refuse_orders(
            str(ask.get("match", "*")),
            str(ask.get("message", "refused by the back office")),
            None if count is None else int(count),
        )
    elif mode == "locked":
        faults.lock(float(ask.get("seconds", 5.0)))
    elif mode == "none":
        faults.clear()
    else:
        raise ValueError(f"no fault named {mode}")
    return {"mode": mode}

"""Calls that a back office of 10,000 SKUs in 5 locations takes, beside the fewest its API allows.

For a database calls are statements. Tryton, a real server that takes long to be filled, has 200 SKUs; it is asked for
2,000 at once, and its orders, which come together, are entered together.

Each adapter reads its sandbox, whose limits are lifted for it, and counts what it sends; the time is what those calls
take at the vendor's own rate. A coherent reading looks at the orders before and after, which the fewest leave out;
not for Odoo and Tryton, which answer any number of rows at once.
"""

import asyncio
from collections.abc import Callable
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import httpx
from figure import Figure

SKUS, PLACES, MOVED, ORDERS = 10_000, 5, 100, 50
TARGET = 1.2
NAMES = [f"SKU-{number:05}" for number in range(SKUS)]
WAREHOUSES = [f"WH{at}" for at in range(1, PLACES + 1)]
STOCK = {(sku, at): 9 for sku in NAMES for at in range(PLACES)}


class Counting(httpx.AsyncHTTPTransport):
    """Counts what is sent."""

    calls = 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.calls += 1
        return await super().handle_async_request(request)


@dataclass
class Vendor:
    """A back office over its sandbox."""

    name: str
    office: Any
    books: Any
    counted: Counting
    first: str
    """Id of the first warehouse."""
    sweep: int
    """Fewest calls that read all stock."""
    delta: int
    """Fewest calls that find what moved, orders and stock."""
    order: int
    """Fewest calls that enter an order so that it is not entered twice, and read it back."""
    per_minute: float
    """Calls that the vendor answers in a minute; 0 where it does not count them."""
    skus: int = SKUS
    at_once: bool = False
    """Its orders come together."""


@contextmanager
def _cin7_core() -> Any:
    from adapters.cin7_core.back_office import Cin7CoreBackOffice
    from adapters.cin7_core.sandbox import start
    from adapters.cin7_core.selling import Terms
    from adapters.limits import Allowance
    from engine.model.clock import SystemClock

    sandbox, clock, counted = (
        start(skus=NAMES, warehouses=WAREHOUSES, stock=STOCK, currency="EUR", calls=10**6, seconds=1.0),
        SystemClock(),
        Counting(),
    )
    office = Cin7CoreBackOffice(
        sandbox.url, account=sandbox.account, key=sandbox.key, terms=Terms(sandbox.customer), clock=clock,
        allowance=Allowance(clock, calls=10**6, seconds=1.0, longest=30.0), transport=counted,
    )  # fmt: skip
    pages = 2 * SKUS * PLACES // 1000  # each location has a bin and the rest beside it
    yield Vendor("Cin7 Core", office, sandbox.books, counted, "WH1", pages, pages + 1, 4, 60.0)
    sandbox.stop()


@contextmanager
def _unleashed() -> Any:
    from adapters.quota import Budget, Quota
    from adapters.unleashed.back_office import UnleashedBackOffice
    from adapters.unleashed.sandbox import start
    from adapters.unleashed.selling import Terms
    from engine.model.clock import SystemClock

    sandbox, clock, counted = (
        start(
            skus=NAMES, warehouses=WAREHOUSES, stock=STOCK, currency="EUR", calls=10**6, seconds=1.0, month=10**7
        ),
        SystemClock(),
        Counting(),
    )  # fmt: skip
    quota = Quota(clock, calls=10**7, seconds=31 * 86_400.0, who="Unleashed", remedy="Wait.")
    office = UnleashedBackOffice(
        sandbox.url, api_id=sandbox.api_id, key=sandbox.key, terms=Terms(sandbox.customer), clock=clock,
        budget=Budget([], quota), transport=counted,
    )  # fmt: skip
    pages = PLACES * SKUS // 1000
    yield Vendor("Unleashed", office, sandbox.books, counted, "WH1", pages, 3, 3, 60.0)
    sandbox.stop()


@contextmanager
def _cin7_omni() -> Any:
    from adapters.cin7_omni.back_office import OmniBackOffice
    from adapters.cin7_omni.sandbox import start
    from adapters.quota import Budget, Quota
    from engine.model.clock import SystemClock

    sandbox, clock, counted = (
        start(skus=NAMES, warehouses=WAREHOUSES, stock=STOCK, currency="EUR", limits=[], day=10**7),
        SystemClock(),
        Counting(),
    )
    quota = Quota(clock, calls=10**7, seconds=86_400.0, who="Cin7 Omni", remedy="Wait.")
    office = OmniBackOffice(
        sandbox.url,
        user=sandbox.user,
        key=sandbox.key,
        clock=clock,
        budget=Budget([], quota),
        transport=counted,
    )
    pages = SKUS * PLACES // 250 + 1  # and the empty page that ends a listing
    yield Vendor("Cin7 Omni", office, sandbox.books, counted, "1", pages, 3, 3, 60.0)
    sandbox.stop()


@contextmanager
def _netsuite() -> Any:
    from adapters.netsuite.auth import Token
    from adapters.netsuite.back_office import NetSuiteBackOffice
    from adapters.netsuite.sandbox import start
    from engine.model.clock import SystemClock

    sandbox, clock, counted = (
        start(skus=NAMES, warehouses=WAREHOUSES, stock=STOCK, currency="EUR"),
        SystemClock(),
        Counting(),
    )
    office = NetSuiteBackOffice(
        sandbox.url, clock=clock, signer=Token(sandbox.account, *sandbox.keys, clock), transport=counted
    )
    pages = SKUS * PLACES // 1000
    # an order is looked for, its buyer upserted, itself upserted and read back
    yield Vendor("NetSuite", office, sandbox.books, counted, sandbox.locations["WH1"], pages, 2, 4, 0.0)
    sandbox.stop()


@contextmanager
def _odoo() -> Any:
    from adapters.odoo.back_office import OdooBackOffice
    from adapters.odoo.sandbox import start
    from adapters.odoo.selling import Terms
    from engine.model.clock import SystemClock

    sandbox, counted = start(skus=NAMES, warehouses=WAREHOUSES, stock=STOCK, currency="EUR"), Counting()
    office = OdooBackOffice(
        sandbox.url, database=sandbox.database, user=sandbox.user, key=sandbox.key, protocol="json2",
        terms=Terms(), clock=SystemClock(), transport=counted,
    )  # fmt: skip
    # stock is read between two looks at the deliveries; an order is looked for, its buyer found, itself made and
    # confirmed, and its head and its deliveries read back
    yield Vendor("Odoo", office, sandbox.books, counted, "WH1", 3, 2, 7, 0.0)
    sandbox.stop()


class Receipts:
    """A real server's staff, as the books of a sandbox."""

    def __init__(self, url: str) -> None:
        self._url = url

    def enter(self, sku: str, warehouse: str, verb: str, units: int) -> None:
        told = {"sku": sku, "warehouse": warehouse, "quantity": units}
        answer = httpx.post(f"{self._url}/_control/{verb}", json=told, timeout=60, trust_env=False)
        assert answer.status_code == 200


@contextmanager
def _tryton() -> Any:
    from adapters.tryton.back_office import TrytonBackOffice
    from adapters.tryton.sandbox import start
    from engine.model.clock import SystemClock

    few, counted = 200, Counting()
    stock = {(sku, at): 9 for sku in NAMES[:few] for at in range(PLACES)}
    sandbox = start(products=NAMES[:few], warehouses=WAREHOUSES, stock=stock)
    office = TrytonBackOffice(
        sandbox.url, database=sandbox.database, user=sandbox.user, password=sandbox.password,
        web_shop=sandbox.web_shop, payment_method=sandbox.payment_method, clock=SystemClock(), transport=counted,
    )  # fmt: skip
    # promises once, quantities by the warehouse that the question names, and twice two counts that nothing moved; an
    # order alone is looked for, its buyer found by his mail and his address, itself made, quoted, confirmed, read back
    books = Receipts(sandbox.control_url)
    yield Vendor("Tryton", office, books, counted, "WH1", 1 + PLACES + 4, 2, 7, 0.0, skus=few, at_once=True)
    sandbox.stop()


class Statements:
    """Counts what a database is asked."""

    calls = 0

    def told(self, _connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        self.calls += not statement.startswith("BEGIN")


@contextmanager
def _sql() -> Any:
    import tempfile
    from pathlib import Path

    from sqlalchemy import event

    from adapters.sql.back_office import CHUNK, SqlBackOffice
    from adapters.sql.sandbox import start
    from engine.model.clock import SystemClock

    with tempfile.TemporaryDirectory() as home:
        sandbox = start(Path(home), seed=1, skus=NAMES, warehouses=WAREHOUSES, stock=STOCK)
        office, counted = (
            SqlBackOffice(sandbox.database_url, sandbox.statements, clock=SystemClock()),
            Statements(),
        )
        for engine in (office._reads, office._writes):
            event.listen(engine, "before_cursor_execute", counted.told)
        # shelves and what our documents hold of them; an order is looked for, its head, its line and its
        # confirmation written, and head and goods read back
        lists = 2 * (SKUS // CHUNK)
        yield Vendor("SQL", office, sandbox.world, counted, "WH1", lists, 1, 7, 0.0)  # type: ignore[arg-type]
        sandbox.stop()


VENDORS: tuple[Callable[[], AbstractContextManager[Vendor]], ...] = (
    _cin7_core,
    _unleashed,
    _cin7_omni,
    _netsuite,
    _odoo,
    _tryton,
    _sql,
)


def measure() -> list[Figure]:
    found: list[Figure] = []
    for vendor in VENDORS:
        with vendor() as one:
            found += asyncio.run(_measured(one))
    return found


async def _measured(one: Vendor) -> list[Figure]:
    office = one.office
    skus = [sku async for page in office.products() for sku in page]
    await office.stock(skus[:1])
    before = one.counted.calls
    snapshot = await office.stock(skus)
    assert len(snapshot.shelves) == one.skus * PLACES
    swept = one.counted.calls - before
    cursor = (await office.changes(None)).cursor
    for sku in NAMES[:MOVED]:
        one.books.enter(sku, "WH3", "receipt", 1)
    feed = getattr(office, "_feed", None)
    if hasattr(feed, "_swept_at"):
        feed._swept_at = float("-inf")  # the pause between two readings of everything is over
    before = one.counted.calls
    told = await office.changes(cursor)
    assert set(NAMES[:MOVED]) <= set(told.skus)
    moved = one.counted.calls - before
    await office.create(sale_of(one.first, 0))
    before = one.counted.calls
    sales = [office.create(sale_of(one.first, number)) for number in range(1, ORDERS + 1)]
    if one.at_once:
        await asyncio.gather(*sales)
    else:
        for sale in sales:
            await sale
    entered = (one.counted.calls - before) / ORDERS
    await office.aclose()
    return [
        _figure(one, f"all stock, {one.skus:,} x {PLACES}", swept, one.sweep),
        _figure(one, f"what moved after {MOVED} changes", moved, one.delta),
        _figure(one, f"one of {ORDERS} orders at once" if one.at_once else "an order", entered, one.order),
    ]


def _figure(one: Vendor, what: str, calls: float, fewest: int) -> Figure:
    span = f", {calls / one.per_minute * 60:.0f} s at its rate" if one.per_minute else ""
    ratio = calls / fewest
    return Figure(
        f"{one.name}: {what}",
        f"{calls:g} calls{span}",
        f"{fewest} calls",
        f"{ratio:.2f}",
        f"<= {TARGET}",
        ratio <= TARGET,
    )


def sale_of(place: str, article: int, number: int | None = None) -> Any:
    """An order of one article; `number` where it is not that of the article."""
    from engine.model.ids import OrderId, Sku, WarehouseId
    from engine.model.sale import LineKind, SalesDocument, SalesLine

    number = article if number is None else number
    line = SalesLine(
        "1", LineKind.GOODS, Sku(NAMES[article]), "Article", 1, Decimal("2.50"), Decimal(0), Decimal(0), (),
        WarehouseId(place),
    )  # fmt: skip
    return SalesDocument(
        ref=OrderId(f"gid://shopify/Order/{9000 + number}"), name=f"#{number}", placed_at=datetime(2026, 5, 4, tzinfo=UTC),
        currency="EUR", taxes_included=False, lines=(line,), total=Decimal("2.50"), presentment_currency="EUR",
        presentment_total=Decimal("2.50"), payments=(), customer="Ada", email="ada@example.com",
        address=("1 Long Street",), note="",
    )  # fmt: skip

"""What docs/back-offices/custom.md shows is carried out: its schema, its statements, its message."""

import asyncio
import base64
import os
import re
import runpy
import threading
import tomllib
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, text

from adapters.sql.back_office import SqlBackOffice
from adapters.sql.driver import open_database
from adapters.standard_webhooks import STANDARD
from engine.model.clock import SystemClock
from engine.model.failure import Misset, Refused, TryLater
from engine.model.ids import DocumentId, OrderId, Sku, WarehouseId
from engine.model.sale import DocumentStatus, SalesDocument
from tests.accounts import sale
from tests.databases import mariadb

PAGE = (Path(__file__).parents[2] / "docs" / "back-offices" / "custom.md").read_text(encoding="utf-8")
MUG, CUP, WH1, WH2 = Sku("MUG"), Sku("CUP"), WarehouseId("WH1"), WarehouseId("WH2")
AUTO = {"sqlite": "", "mysql": "AUTO_INCREMENT", "postgresql": "GENERATED ALWAYS AS IDENTITY"}
EARLY = [("MUG", "WH1", 5), ("MUG", "WH2", 3), ("CUP", "WH1", 2)]


def block(language: str) -> str:
    [found] = re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.S | re.M)
    return str(found)


@pytest.fixture(scope="module")
def servers() -> Iterator[Callable[[], str]]:
    with mariadb() as new:
        yield new


@pytest.fixture(params=["sqlite", "postgresql", pytest.param("mariadb", marks=pytest.mark.long)])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'erp.db'}"
    new: Callable[[], str] = request.getfixturevalue(
        "servers" if request.param == "mariadb" else "new_postgresql"
    )
    return new()


@pytest.fixture
def books(address: str) -> Iterator[Engine]:
    """The ERP's own programs: the page's schema with some goods."""
    opened = open_database(address, writes=True, connections=2)
    auto = AUTO[opened.dialect.name]
    with opened.begin() as tx:
        for statement in block("sql").replace("/*auto*/", auto).split(";\n"):
            if statement.strip():
                tx.execute(text(statement))
        for code in ("WH1", "WH2"):
            tx.execute(text("INSERT INTO warehouses VALUES (:code, :code, 1)"), {"code": code})
        for sku in ("MUG", "CUP"):
            tx.execute(text("INSERT INTO items VALUES (:sku)"), {"sku": sku})
        for sku, warehouse, units in EARLY:
            moved(tx, sku, warehouse, units)
    yield opened
    opened.dispose()


def moved(tx: Any, sku: str, warehouse: str, units: int) -> None:
    tx.execute(
        text("INSERT INTO journal (kind, sku, warehouse, units) VALUES ('counted', :s, :w, :u)"),
        {"s": sku, "w": warehouse, "u": units},
    )


def opened(address: str, **more: Any) -> SqlBackOffice:
    described = tomllib.loads(block("toml"))["connections"]["back_office"]
    assert described["kind"] == "sql"
    return SqlBackOffice(address, described["statements"], clock=SystemClock(), wait_seconds=1.0, **more)


@pytest.fixture
async def office(address: str, books: Engine) -> AsyncIterator[SqlBackOffice]:
    one = opened(address)
    yield one
    await one.aclose()


def an_order(number: int, *goods: tuple[Sku, int, WarehouseId]) -> SalesDocument:
    return sale(*goods, ref=OrderId(f"gid://shopify/Order/{number}"))


async def shelf(office: SqlBackOffice, sku: Sku, warehouse: WarehouseId) -> tuple[int, int, dict[str, int]]:
    found = (await office.stock([sku])).shelves[sku, warehouse]
    return found.on_hand, found.reserved, dict(found.reserved_for)


async def test_an_order_is_booked_once_and_goes_its_way(office: SqlBackOffice, books: Engine) -> None:
    assert [place.id for place in await office.warehouses()] == [WH1, WH2]
    assert [page async for page in office.products()] == [(CUP, MUG)]
    start = (await office.changes(None)).cursor
    assert await office.probe() == (), "every statement would be carried out"
    order = an_order(1, (MUG, 3, WH1), (CUP, 1, WH1))
    made = await office.create(order)
    assert (made.status, made.total) == (DocumentStatus.OPEN, order.total)
    assert await office.create(order) == made, "sent twice, it is one"
    assert await shelf(office, MUG, WH1) == (5, 3, {order.ref: 3})
    assert await shelf(office, MUG, WH2) == (3, 0, {})

    await office.reroute(made.id, {MUG: WH2})
    assert (await shelf(office, MUG, WH1))[1:] == (0, {})
    assert (await shelf(office, MUG, WH2))[1:] == (3, {order.ref: 3})
    for _ in range(2):  # totals: said twice they are booked once
        await office.ship(made.id, {(MUG, WH2): 3, (CUP, WH1): 1})
    document = (await office.documents([order.ref]))[order.ref]
    assert document.status is DocumentStatus.SHIPPED
    assert {(line.sku, line.warehouse, line.shipped) for line in document.lines} == {
        (MUG, WH2, 3), (CUP, WH1, 1),
    }  # fmt: skip
    assert all(line.shipped_at is not None for line in document.lines)
    for _ in range(2):
        await office.take_back(made.id, {(MUG, WH1): 2}, key="r1")
    assert await shelf(office, MUG, WH1) == (7, 0, {})
    assert await shelf(office, MUG, WH2) == (0, 0, {})
    told = await office.changes(start)
    assert told.skus == {MUG, CUP} and told.orders == {order.ref}
    assert (await office.changes(told.cursor)).skus == frozenset()

    with books.begin() as tx:
        moved(tx, "CUP", "WH1", -1)
    assert (await office.changes(told.cursor)).skus == {CUP}
    other = await office.create(an_order(2, (MUG, 1, WH1)))
    await office.cancel(other.id)
    await office.cancel(other.id)
    assert (await shelf(office, MUG, WH1))[1] == 0
    with pytest.raises(Refused):
        await office.ship(DocumentId("987"), {(MUG, WH1): 1})


async def test_four_at_once_make_one_document(office: SqlBackOffice, books: Engine) -> None:
    """Serial transactions stand in one another's way: whoever is sent away comes back, and finds it."""
    order = an_order(7, (MUG, 1, WH1))

    async def patiently() -> str:
        for _ in range(20):
            try:
                return (await office.create(order)).id
            except TryLater:
                continue
        raise AssertionError("twenty tries were not enough")

    numbers = await asyncio.gather(*(patiently() for _ in range(4)))
    assert len(set(numbers)) == 1
    with books.connect() as tx:
        assert tx.execute(text("SELECT COUNT(*) FROM orders")).scalar_one() == 1
        assert tx.execute(text("SELECT COUNT(*) FROM order_lines")).scalar_one() == len(order.lines)
        assert tx.execute(text("SELECT COUNT(*) FROM payments")).scalar_one() == len(order.payments)


async def test_trouble_of_the_database_is_named_by_what_to_do(
    address: str, office: SqlBackOffice, books: Engine
) -> None:
    if books.dialect.name != "mysql":
        return  # a file, and PostgreSQL, have tests of their own
    for wrong in (books.url.set(password="wrong"), books.url.set(database="nobody_has_this")):
        one = opened(wrong.render_as_string(hide_password=False))
        with pytest.raises(Misset):
            await one.warehouses()
        await one.aclose()
    with books.begin() as tx:
        tx.execute(
            text(
                "CREATE TRIGGER t BEFORE INSERT ON orders FOR EACH ROW SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'on hold'"
            )
        )
    away = opened(books.url.set(host="127.0.0.1", port=1).render_as_string(hide_password=False))
    with pytest.raises(TryLater, match="cannot be reached"):
        await away.warehouses()
    await away.aclose()
    with pytest.raises(Refused, match="on hold"):
        await office.create(an_order(3, (MUG, 1, WH1)))
    with books.begin() as tx:
        tx.execute(text("DROP TRIGGER t"))
    with books.begin() as tx:  # somebody holds what an order needs, for longer than we wait
        tx.execute(text("SET GLOBAL innodb_lock_wait_timeout = 1"))
        patient = opened(address)
        tx.execute(text("INSERT INTO orders (ref) VALUES ('gid://shopify/Order/4')"))
        with pytest.raises(TryLater):
            await patient.create(an_order(4, (MUG, 1, WH1)))
        await patient.aclose()
    with books.begin() as tx:
        tx.execute(text("CREATE USER 'clerk'@'127.0.0.1' IDENTIFIED BY 'open'"))
        tx.execute(text(f"GRANT SELECT ON {books.url.database}.* TO 'clerk'@'127.0.0.1'"))
        tx.execute(text(f"GRANT INSERT ON {books.url.database}.orders TO 'clerk'@'127.0.0.1'"))
    clerk = opened(books.url.set(username="clerk", password="open").render_as_string(hide_password=False))
    named = [subject for subject, *_ in await clerk.probe()]
    await clerk.aclose()
    assert "statement create_line" in named and "statement create_order" not in named
    with books.begin() as tx:
        tx.execute(text("DROP VIEW documents"))
    with pytest.raises(Misset):
        await office.documents([OrderId("x")])


def test_the_message_that_is_shown_is_believed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    taken: list[tuple[str, dict[str, str], bytes]] = []

    class Listener(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            taken.append((self.path, {k.lower(): v for k, v in self.headers.items()}, body))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Listener)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    secret = "whsec_" + base64.b64encode(os.urandom(24)).decode()
    monkeypatch.setenv("SECRET", secret)
    monkeypatch.setenv("LISTENER", f"http://127.0.0.1:{server.server_port}")
    (tmp_path / "shown.py").write_text(block("python"))
    try:
        runpy.run_path(str(tmp_path / "shown.py"))
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
    [(path, headers, body)] = taken
    assert path == "/webhooks/back-office/main"
    assert STANDARD.genuine(body, headers, [secret], datetime.now(UTC))
    assert not STANDARD.genuine(body + b" ", headers, [secret], datetime.now(UTC))

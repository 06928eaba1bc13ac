"""Unsigned webhooks ring only behind the secret address, and nothing they say is believed."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import orjson
import pytest

from adapters.cin7_core.sandbox.hooks import Hooks
from adapters.cin7_core.webhooks import STOCK, named
from adapters.doorbells import Doorbell
from adapters.listener import ConnectionSecrets, HealthReport, Listener, Received
from adapters.sandbox.books import Books
from engine.model.clock import SystemClock

PATH, OLD = "a-secret-only-core-was-told", "the-secret-before-that-one"
ROWS = [{"SKU": "MUG", "Location": "WH1", "Available": 999}, {"SKU": "BOWL", "Location": "WH1"}]


class Sink:
    """Takes rows in and says when."""

    def __init__(self) -> None:
        self.rows: list[Received] = []
        self.came = asyncio.Event()

    async def receive(self, row: Received) -> bool:
        self.rows.append(row)
        self.came.set()
        return True


@pytest.fixture
async def door() -> AsyncIterator[tuple[httpx.AsyncClient, Sink]]:
    sink = Sink()
    routes = {
        "main": ConnectionSecrets(doorbell=Doorbell((PATH, OLD), named)),
        "signed": ConnectionSecrets(back_office_secrets=("whsec_c2VjcmV0",)),
    }
    listener = Listener("127.0.0.1", 0, routes, sink, lambda: HealthReport(True, True), clock=SystemClock())
    await listener.start()
    base = f"http://127.0.0.1:{listener.port}/webhooks/back-office/"
    async with httpx.AsyncClient(base_url=base, trust_env=False) as client:
        yield client, sink
    await listener.stop()


@pytest.mark.parametrize("path", [PATH, OLD])
async def test_a_stock_event_behind_the_secret_names_its_skus_and_no_figures(door: Any, path: str) -> None:
    client, sink = door
    assert (await client.post(f"main/{path}", json=ROWS)).status_code == 200
    (row,) = sink.rows
    assert (row.connection, row.source, row.topic) == (
        "main",
        "back_office",
        "Stock/AvailableStockLevelChanged",
    )
    assert orjson.loads(row.body)["skus"] == ["BOWL", "MUG"]
    assert b"999" not in row.body
    assert path not in repr(row)


@pytest.mark.parametrize(
    "path",
    ["main", "main/", "main/guessed", f"main/{PATH}/", f"signed/{PATH}", f"nobody/{PATH}", f"signed/{OLD}"],
)
async def test_no_other_address_rings(door: Any, path: str) -> None:
    client, sink = door
    answers = {(await client.post(each, json=ROWS)).status_code for each in (path, f"{path}?x=1")}
    assert (answers, sink.rows) == ({401}, [])


async def test_what_is_not_json_is_turned_away(door: Any) -> None:
    client, sink = door
    assert (await client.post(f"main/{PATH}", content=b"{")).status_code == 400
    assert sink.rows == []


@pytest.mark.parametrize("body", [7, None, "MUG", {}, {"EventType": 7}, [7, {"SKU": 7}, {}], [[]]])
async def test_odd_bodies_ring_no_bell(body: object) -> None:
    assert named(body)["skus"] == []


def test_a_secret_is_in_no_representation() -> None:
    assert PATH not in repr(ConnectionSecrets(doorbell=Doorbell((PATH,), named)))
    assert PATH not in repr(Doorbell((PATH,), named))


async def test_a_hook_nobody_answers_is_switched_off_after_six_tries() -> None:
    books = Books({"MUG": "Mug"}, ["WH1"], {})
    asked: list[int] = []

    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(1)
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 500 No\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(refuse, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    hooks = Hooks(books, list, minute=0.0001)
    async with hooks.sending():
        hooks.add({"Type": STOCK, "Name": "TrueUp", "ExternalURL": f"http://127.0.0.1:{port}/"})
        books.enter("MUG", "WH1", "receipt", 1)
        (task,) = hooks.under_way
        await asyncio.wait_for(task, 20)
    assert len(asked) == 6
    assert hooks.hooks[0].facts["IsActive"] is False
    server.close()


async def test_the_account_tells_of_its_stock_a_minute_later(account: Any, door: Any) -> None:
    client, sink = door
    hook = {
        "Type": "Stock/AvailableStockLevelChanged", "Name": "TrueUp", "ExternalURL": f"{client.base_url}main/{PATH}"
    }  # fmt: skip
    assert account.by_hand.post("webhooks", json=hook).status_code == 200
    account.do("receipt", sku="MUG", warehouse="WH2", quantity=3)
    async with asyncio.timeout(10):
        await sink.came.wait()
    assert orjson.loads(sink.rows[0].body)["skus"] == ["MUG"]

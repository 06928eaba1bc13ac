"""The sandbox tells a listener of every change, signed so that the reference implementation accepts it."""

import json
import queue
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
import pytest
from standardwebhooks import Webhook

from adapters.sql.back_office import SqlBackOffice
from adapters.sql.sandbox import SqlSandbox
from engine.model.sale import SalesDocument


class Listener:
    """A listener on loopback; refuses as often as told, keeps what it accepted."""

    def __init__(self) -> None:
        self.refuse = 0
        self.heard: queue.Queue[tuple[dict[str, str], bytes]] = queue.Queue()
        self.refused_ids: list[str] = []
        outer = self

        class Ear(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                headers = {name.lower(): value for name, value in self.headers.items()}
                accepted = outer.refuse == 0
                if accepted:
                    outer.heard.put((headers, body))
                else:
                    outer.refuse -= 1
                    outer.refused_ids.append(headers["webhook-id"])
                self.send_response(200 if accepted else 503)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: Any) -> None:
                return

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Ear)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/webhooks"
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02})
        self.thread.start()

    def hears(self, secret: str) -> tuple[dict[str, str], dict[str, Any]]:
        headers, body = self.heard.get(timeout=10)
        Webhook(secret).verify(body, headers)
        return headers, json.loads(body)


@pytest.fixture
def listener(sandbox: SqlSandbox) -> Iterator[Listener]:
    ear = Listener()
    sandbox.webhook_url = ear.url
    yield ear
    sandbox.webhook_url = None
    ear.server.shutdown()
    ear.thread.join()
    ear.server.server_close()


def test_what_the_staff_does_is_told(sandbox: SqlSandbox, staff: httpx.Client, listener: Listener) -> None:
    staff.post("receipt", json={"sku": "MUG", "warehouse": "WH1", "quantity": 1})
    _, told = listener.hears(sandbox.webhook_secret)
    assert told == {"type": "stock.changed", "skus": ["MUG"], "refs": []}


async def test_what_our_own_adapter_wrote_is_told(
    sandbox: SqlSandbox, office: SqlBackOffice, listener: Listener, sale: Callable[..., SalesDocument]
) -> None:
    await office.create(sale("gid://1"))
    _, told = listener.hears(sandbox.webhook_secret)
    assert told == {"type": "stock.changed", "skus": ["MUG"], "refs": ["gid://1"]}


def test_a_refused_message_comes_again_under_the_same_id(
    sandbox: SqlSandbox, staff: httpx.Client, listener: Listener
) -> None:
    listener.refuse = 2
    staff.post("receipt", json={"sku": "CUP", "warehouse": "WH1", "quantity": 1})
    headers, told = listener.hears(sandbox.webhook_secret)
    assert told["skus"] == ["CUP"]
    assert listener.refused_ids == [headers["webhook-id"]] * 2


def test_a_transfer_is_told_at_both_ends(
    sandbox: SqlSandbox, staff: httpx.Client, listener: Listener
) -> None:
    staff.post("transfer", json={"sku": "MUG", "from": "WH1", "to": "WH2", "quantity": 1})
    listener.hears(sandbox.webhook_secret)
    staff.post("transfer_in", json={})
    assert listener.hears(sandbox.webhook_secret)[1]["skus"] == ["MUG"]


def test_dropped_messages_are_counted_and_not_sent(
    sandbox: SqlSandbox, staff: httpx.Client, listener: Listener
) -> None:
    staff.post("webhooks", json={"drop": 1.0})
    staff.post("receipt", json={"sku": "MUG", "warehouse": "WH1", "quantity": 1})
    while staff.get("state").json()["webhooks"]["dropped"] == 0:
        pass
    staff.post("webhooks", json={"drop": 0.0})
    staff.post("receipt", json={"sku": "CUP", "warehouse": "WH1", "quantity": 1})
    assert listener.hears(sandbox.webhook_secret)[1]["skus"] == ["CUP"]

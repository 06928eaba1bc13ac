"""Webhooks are signed and told again until taken; calls fail in the ways networks fail."""

import base64
import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
import pytest

MAIN = "gid://shopify/Location/1"
SUBSCRIBE = """mutation S($topic: WebhookSubscriptionTopic!, $uri: String!) {
  webhookSubscriptionCreate(topic: $topic, webhookSubscription: {uri: $uri}) {
    webhookSubscription { id topic uri } userErrors { field message } } }"""


class Ear:
    """Hears webhooks, and declines the first few when told to."""

    def __init__(self) -> None:
        self.heard: list[tuple[dict[str, str], bytes]] = []
        self.decline = 0
        self.more = threading.Condition()
        ear = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                with ear.more:
                    ear.heard.append(({k.lower(): v for k, v in self.headers.items()}, body))
                    status = 503 if len(ear.heard) <= ear.decline else 200
                    ear.more.notify_all()
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *args: Any) -> None:
                return

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02})
        self.thread.start()
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook"

    def wait_for(self, count: int) -> list[tuple[dict[str, str], bytes]]:
        with self.more:
            assert self.more.wait_for(lambda: len(self.heard) >= count, 10), f"heard {len(self.heard)}"
            return list(self.heard)

    def wait_for_topics(self, expected: set[str]) -> set[str]:
        def topics() -> set[str]:
            return {headers["x-shopify-topic"] for headers, _ in self.heard}

        with self.more:
            self.more.wait_for(lambda: topics() >= expected, 10)
            return topics()

    def close(self) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


@pytest.fixture
def ear() -> Iterator[Ear]:
    listening = Ear()
    yield listening
    listening.close()


def buy(shop: Any) -> Any:
    return shop.do("checkout", lines=[{"sku": "MUG-1", "quantity": 1}], location=0)


def test_an_order_is_told_with_shopifys_headers_and_signature(shop: Any, ear: Ear) -> None:
    made = shop.data(SUBSCRIBE, topic="ORDERS_CREATE", uri=ear.url)["webhookSubscriptionCreate"]
    assert made["userErrors"] == [] and made["webhookSubscription"]["topic"] == "ORDERS_CREATE"
    order = buy(shop)
    headers, body = ear.wait_for(1)[0]
    digest = base64.b64encode(hmac.new(b"shop-secret", body, hashlib.sha256).digest()).decode()
    assert headers["x-shopify-hmac-sha256"] == digest
    assert headers["x-shopify-topic"] == "orders/create"
    assert headers["x-shopify-shop-domain"].endswith(".myshopify.com")
    assert headers["x-shopify-api-version"] == "2026-10"
    assert (
        headers["x-shopify-webhook-id"]
        and headers["x-shopify-event-id"]
        and headers["x-shopify-triggered-at"]
    )
    told = json.loads(body)
    assert told["admin_graphql_api_id"] == order["id"] and "transactions" not in told
    assert told["total_price"] == "19.99" and told["line_items"][0]["sku"] == "MUG-1"


def test_every_topic_is_told(opened: Any, ear: Ear) -> None:
    shop = opened(webhook_url=ear.url)
    first, second = buy(shop), buy(shop)
    shop.do("fulfil", order=first["id"])
    shop.do("refund", order=first["id"])
    shop.do("cancel", order=second["id"])
    shop.do("product", sku="MUG-1", title="Better mug")
    expected = {
        "orders/create", "orders/updated", "orders/cancelled", "refunds/create", "fulfillments/create",
        "inventory_levels/update", "products/update", "order_transactions/create",
    }  # fmt: skip
    assert ear.wait_for_topics(expected) == expected


def test_a_refused_delivery_comes_again_unchanged(opened: Any, ear: Ear) -> None:
    shop = opened()
    shop.data(SUBSCRIBE, topic="ORDERS_CREATE", uri=ear.url)
    ear.decline = 2
    buy(shop)
    heard = ear.wait_for(3)
    assert len({(headers["x-shopify-webhook-id"], body) for headers, body in heard}) == 1


def test_a_duplicate_carries_the_same_id_and_a_drop_never_comes(shop: Any, ear: Ear) -> None:
    shop.data(SUBSCRIBE, topic="ORDERS_CREATE", uri=ear.url)
    shop.do("webhooks", duplicate=1.0)
    buy(shop)
    assert len({headers["x-shopify-webhook-id"] for headers, _ in ear.wait_for(2)}) == 1
    shop.do("webhooks", duplicate=0.0, drop=1.0)
    buy(shop)
    counts = shop.state()["webhooks"]
    assert (counts["sent"], counts["duplicated"], counts["dropped"]) == (2, 1, 1)


def test_a_slow_listener_does_not_hold_up_the_shop(opened: Any) -> None:
    shop = opened(webhook_url="http://127.0.0.1:9/closed")
    assert all(buy(shop)["id"] for _ in range(5))
    assert shop.state()["webhooks"]["delivered"] == 0


def test_subscriptions_are_listed_once_and_deleted(shop: Any, ear: Ear) -> None:
    made = shop.data(SUBSCRIBE, topic="ORDERS_UPDATED", uri=ear.url)["webhookSubscriptionCreate"]
    again = shop.data(SUBSCRIBE, topic="ORDERS_UPDATED", uri=ear.url)["webhookSubscriptionCreate"]
    assert again["userErrors"][0]["message"] == "Address for this topic has already been taken"
    listing = "{ webhookSubscriptions(first: 10) { nodes { id topic uri } } }"
    assert shop.data(listing)["webhookSubscriptions"]["nodes"] == [made["webhookSubscription"]]
    gone = "mutation D($id: ID!) { webhookSubscriptionDelete(id: $id) { deletedWebhookSubscriptionId userErrors { message } } }"
    assert (
        shop.data(gone, id=made["webhookSubscription"]["id"])["webhookSubscriptionDelete"]["userErrors"] == []
    )
    assert shop.data(listing)["webhookSubscriptions"]["nodes"] == []


def test_plain_http_is_refused_away_from_loopback(shop: Any) -> None:
    made = shop.data(SUBSCRIBE, topic="ORDERS_UPDATED", uri="http://example.com/hook")[
        "webhookSubscriptionCreate"
    ]
    assert made["webhookSubscription"] is None
    assert made["userErrors"] == [
        {
            "field": ["webhookSubscription", "callbackUrl"],
            "message": "Address protocol http:// is not supported",
        }
    ]


SET = """mutation Set($input: InventorySetQuantitiesInput!) {
  inventorySetQuantities(input: $input) @idempotent(key: "k") { userErrors { code } } }"""


def set_to(shop: Any, quantity: int) -> dict[str, Any]:
    row = {
        "inventoryItemId": shop.item("MUG-1"),
        "locationId": MAIN,
        "quantity": quantity,
        "changeFromQuantity": 10,
    }
    return {"input": {"name": "on_hand", "reason": "correction", "quantities": [row]}}


def test_a_busy_shop_says_429_or_502(shop: Any) -> None:
    shop.do("faults", mode="429", seconds=2)
    reply = shop.raw("{ shop { name } }")
    assert reply.status_code == 429 and reply.headers["Retry-After"] == "2.0"
    shop.do("faults", mode="5xx", op="mutation")
    assert shop.raw("{ shop { name } }").status_code == 200
    assert shop.raw(SET, set_to(shop, 4)).status_code == 502
    assert shop.level("MUG-1")["on_hand"] == 10


@pytest.mark.parametrize("mode", ["cut", "apply_then_timeout"])
def test_a_reply_is_lost_after_the_change_was_made(shop: Any, mode: str) -> None:
    shop.do("faults", mode=mode, op="inventorySetQuantities", seconds=0, count=1)
    with pytest.raises(httpx.TransportError):
        shop.raw(SET, set_to(shop, 4))
    assert shop.level("MUG-1")["on_hand"] == 4
    assert shop.data(SET, **set_to(shop, 4))["inventorySetQuantities"] == {"userErrors": []}


@pytest.mark.parametrize("mode", ["hang", "outage"])
def test_a_call_is_lost_before_anything_happened(shop: Any, mode: str) -> None:
    shop.do("faults", mode=mode, seconds=0)
    with pytest.raises(httpx.TransportError):
        shop.raw(SET, set_to(shop, 4))
    assert shop.level("MUG-1")["on_hand"] == 10
    shop.do("faults", mode="none")
    assert shop.data("{ shop { name } }")


def test_a_lost_call_may_be_applied_late(shop: Any) -> None:
    shop.do("faults", mode="late_apply", op="inventorySetQuantities", seconds=0.1)
    with pytest.raises(httpx.TransportError):
        shop.raw(SET, set_to(shop, 4))
    for _ in range(5000):
        if shop.level("MUG-1")["on_hand"] == 4:
            return
    pytest.fail("never applied")


def test_an_unknown_fault_is_refused(shop: Any) -> None:
    assert shop.refused("faults", mode="gremlins") == 409


def test_a_subscription_nobody_answers_is_deleted(
    shop: Any, ear: Ear, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("adapters.shopify.sandbox.webhooks.RETRIES", (0.0,) * 8)
    shop.data(SUBSCRIBE, topic="ORDERS_CREATE", uri=ear.url)
    ear.decline = 1000
    buy(shop)
    ear.wait_for(9)
    for _ in range(5000):
        if not shop.state()["subscriptions"]:
            return
    pytest.fail("still subscribed")

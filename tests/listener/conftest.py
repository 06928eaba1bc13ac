"""A listener on a free port with a sink that remembers."""

import base64
import hashlib
import hmac
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime

import httpx
import pytest
from standardwebhooks.webhooks import Webhook

from adapters.listener import ConnectionSecrets, HealthReport, Listener, Received
from engine.model.clock import SystemClock

NEW, OLD = "shop-secret-new", "shop-secret-old"
OFFICE = "whsec_" + base64.b64encode(b"a back office signing key").decode()


@dataclass
class MemorySink:
    """Takes rows in, or raises what it was told to."""

    rows: list[Received] = field(default_factory=list)
    trouble: Exception | None = None

    async def receive(self, row: Received) -> bool:
        if self.trouble is not None:
            raise self.trouble
        seen = any(
            (old.connection, old.source, old.webhook_id) == (row.connection, row.source, row.webhook_id)
            for old in self.rows
        )
        if not seen:
            self.rows.append(row)
        return not seen


@dataclass
class Door:
    """The listener with a client in front of it."""

    listener: Listener
    sink: MemorySink
    http: httpx.AsyncClient
    health: dict[str, HealthReport]

    def digest(self, body: bytes) -> str:
        """What a genuine webhook with this body carries."""
        return shop_digest(body, NEW)

    async def ring(
        self, body: bytes, *, secret: str = NEW, path: str = "/webhooks/shopify/main", **headers: str
    ) -> httpx.Response:
        """A webhook as Shopify sends it; header arguments use underscores, '' leaves one out."""
        sent = {
            "x-shopify-topic": "orders/updated",
            "x-shopify-webhook-id": "w-1",
            "x-shopify-triggered-at": "2026-11-23T10:00:00.123Z",
            "x-shopify-hmac-sha256": shop_digest(body, secret),
        } | {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.http.post(
            path,
            content=body,
            headers={name: value.encode("latin-1") for name, value in sent.items() if value},
        )

    async def ring_office(
        self, body: bytes, *, secret: str = OFFICE, at: datetime | None = None, **headers: str
    ) -> httpx.Response:
        """A webhook as a back office sends it."""
        when = at or SystemClock().now()
        sent = {
            "webhook-id": "msg_1",
            "webhook-timestamp": str(int(when.timestamp())),
            "webhook-signature": Webhook(secret).sign("msg_1", when, body.decode()),
        } | {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.http.post("/webhooks/back-office/main", content=body, headers=sent)


def shop_digest(body: bytes, secret: str) -> str:
    """The digest as Shopify documents it."""
    return base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()


@pytest.fixture
def listener_options() -> dict[str, float]:
    """Overridden by tests that need a smaller or faster listener."""
    return {}


@pytest.fixture
async def door(listener_options: dict[str, float]) -> AsyncIterator[Door]:
    """An open door."""
    sink = MemorySink()
    health = {"now": HealthReport(live=True, ready=True, checks={"store": "ok"})}
    routes = {"main": ConnectionSecrets((NEW, OLD), (OFFICE,)), "mute": ConnectionSecrets()}
    listener = Listener("127.0.0.1", 0, routes, sink, lambda: health["now"], **listener_options)  # type: ignore[arg-type]
    await listener.start()
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{listener.port}", trust_env=False) as http:
        yield Door(listener, sink, http, health)
    await listener.stop()

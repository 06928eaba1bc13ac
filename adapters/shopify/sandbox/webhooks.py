"""Tells subscribers what happened: signed, at least once, unordered, late when asked, and with Shopify's patience."""

import asyncio
import base64
import hashlib
import hmac
import random
import time
import uuid
from collections import Counter, deque
from dataclasses import dataclass
from typing import Any

import httpx
import orjson

from adapters.shopify.sandbox.clock import ShopClock
from adapters.shopify.sandbox.context import WebhookSubscription
from adapters.shopify.sandbox.payloads import body_of

RETRIES = (0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 15.0, 30.0)
"""Shopify's eight retries over four hours, in a sandbox's time."""
ANSWER_WITHIN = 5.0
AT_ONCE = 8
"""Deliveries under way; each costs a look at every connection of the pool."""
SHUFFLE = 1.0


@dataclass(slots=True)
class Weather:
    """What happens to deliveries on their way."""

    drop: float = 0.0
    duplicate: float = 0.0
    reorder: bool = False
    delay_max: float = 0.0
    silent: frozenset[str] = frozenset()
    """Topics of which nothing is sent, although the shop lists their subscription."""


@dataclass(frozen=True, slots=True)
class Event:
    """One action of the shop, before it is told to anybody."""

    topic: str
    subject: Any
    event_id: str
    triggered_at: str


class Webhooks:
    """Delivers events beside the requests that caused them; lives on the sandbox's event loop."""

    def __init__(self, *, secret: str, domain: str, seed: int, url: str | None, clock: ShopClock) -> None:
        """`url` receives every topic, as a subscription in an app's own configuration would."""
        self._clock = clock
        self.secret = secret
        self.url = url
        self.weather = Weather()
        self.counts: Counter[str] = Counter(sent=0, duplicated=0, dropped=0, delivered=0)
        self.dropped_orders: list[str] = []
        """Orders whose first webhook was dropped."""
        self.ack_ms: deque[float] = deque(maxlen=20_000)
        self.subscriptions: dict[int, WebhookSubscription] = {}
        self._domain = domain
        self._random = random.Random(seed)
        self._tasks: set[asyncio.Task[None]] = set()
        self._http: httpx.AsyncClient | None = None
        self._gate = asyncio.Semaphore(AT_ONCE)

    def open(self, transport: httpx.AsyncBaseTransport | None = None) -> None:
        """Get ready to deliver, over the network or another transport; called on the event loop."""
        self._http = httpx.AsyncClient(
            timeout=httpx.Timeout(ANSWER_WITHIN, connect=1.0),
            limits=httpx.Limits(max_connections=AT_ONCE, max_keepalive_connections=AT_ONCE),
            trust_env=False,
            follow_redirects=False,
            transport=transport,
        )

    async def close(self) -> None:
        """Forget what is on its way."""
        waiting = list(self._tasks)
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
        if self._http is not None:
            await self._http.aclose()

    def emit(self, topic: str, subject: Any) -> None:
        """Something happened; tell everybody who asked."""
        event = Event(topic, subject, str(uuid.UUID(int=self._random.getrandbits(128))), self._clock.moment())
        wanted = topic.replace("/", "_").upper()
        takers: list[tuple[str, WebhookSubscription | None]] = [
            (s.uri, s) for s in self.subscriptions.values() if s.topic == wanted
        ]
        if self.url and all(uri != self.url for uri, _ in takers):
            takers.append((self.url, None))
        for uri, subscription in takers:
            self._send(uri, event, subscription)

    def _send(self, uri: str, event: Event, subscription: WebhookSubscription | None) -> None:
        self.counts["sent"] += 1
        if event.topic in self.weather.silent:
            self.counts["silent"] += 1
            return
        if self._random.random() < self.weather.drop:
            self.counts["dropped"] += 1
            if event.topic == "orders/create":
                self.dropped_orders.append(event.subject.gid)
            return
        webhook_id = str(uuid.UUID(int=self._random.getrandbits(128)))
        copies = 1
        if self._random.random() < self.weather.duplicate:
            self.counts["duplicated"] += 1
            copies = 2
        for _ in range(copies):
            wait = self._random.uniform(0, self.weather.delay_max)
            if self.weather.reorder:
                wait += self._random.uniform(0, SHUFFLE)
            task = asyncio.get_running_loop().create_task(
                self._deliver(uri, event, webhook_id, wait, subscription)
            )
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _deliver(
        self, uri: str, event: Event, webhook_id: str, wait: float, subscription: WebhookSubscription | None
    ) -> None:
        if wait:
            await asyncio.sleep(wait)
        body = orjson.dumps(body_of(event.subject))  # assembled now, frozen for every retry
        headers = self._headers(event, webhook_id, body)
        for pause in (*RETRIES, None):
            if await self._posted(uri, body, headers):
                if subscription is not None:
                    subscription.failures = 0
                return
            if pause is None:
                break
            self.counts["retried"] += 1
            await asyncio.sleep(pause)
        self.counts["given_up"] += 1
        if subscription is not None:
            self.subscriptions.pop(subscription.number, None)

    def _headers(self, event: Event, webhook_id: str, body: bytes) -> dict[str, str]:
        digest = hmac.new(self.secret.encode(), body, hashlib.sha256).digest()
        return {
            "Content-Type": "application/json",
            "User-Agent": "Shopify-Captain-Hook",
            "X-Shopify-Topic": event.topic,
            "X-Shopify-Hmac-Sha256": base64.b64encode(digest).decode(),
            "X-Shopify-Shop-Domain": self._domain,
            "X-Shopify-API-Version": "2026-10",
            "X-Shopify-Webhook-Id": webhook_id,
            "X-Shopify-Event-Id": event.event_id,
            "X-Shopify-Triggered-At": event.triggered_at,
        }

    async def _posted(self, uri: str, body: bytes, headers: dict[str, str]) -> bool:
        assert self._http is not None
        async with self._gate:
            begun = time.perf_counter()
            try:
                async with asyncio.timeout(ANSWER_WITHIN):
                    reply = await self._http.post(uri, content=body, headers=headers)
            except (httpx.HTTPError, TimeoutError):
                self.counts["failed"] += 1
                return False
        if not reply.is_success:
            self.counts["failed"] += 1
            return False
        self.counts["delivered"] += 1
        self.ack_ms.append(round((time.perf_counter() - begun) * 1000, 3))
        return True

    def state(self) -> dict[str, Any]:
        """Counts and answer times."""
        return {
            **self.counts,
            "ack_ms": list(self.ack_ms),
            "waiting": len(self._tasks),
            "dropped_orders": list(self.dropped_orders),
        }

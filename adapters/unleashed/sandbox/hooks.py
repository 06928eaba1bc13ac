"""Webhooks as Unleashed sends them: signed with their time, with their data as a text inside."""

import asyncio
import base64
import hmac
import json
import time
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from hashlib import sha256

import httpx

from adapters.sandbox.books import BookedOrder, Books, Json, Movement

MOST = 5
"""Subscriptions of an account."""
EVENTS = {"order": "salesorder.created", "cancel": "salesorder.deleted"}


class Hooks:
    """All subscriptions: addresses with the key each was shown once."""

    def __init__(self, books: Books, order: Callable[[BookedOrder], Json]) -> None:
        self._books, self._order = books, order
        self._keys: dict[str, str] = {}
        self._group: asyncio.TaskGroup | None = None
        books.listeners.append(self._moved)

    @asynccontextmanager
    async def sending(self) -> AsyncIterator[None]:
        """Tell while this is open."""
        async with asyncio.TaskGroup() as self._group:
            try:
                yield
            finally:
                self._group = None

    def subscribe(self, ask: Json) -> Json:
        """A subscription made in the application, which shows its key this once."""
        if len(self._keys) >= MOST:
            raise ValueError(f"no more than {MOST} subscriptions")
        key = base64.b64encode(uuid.uuid4().bytes).decode()
        self._keys[str(ask["url"])] = key
        return {"key": key}

    def _moved(self, move: Movement) -> None:
        one = self._books.orders.get(move.document or 0)
        if self._group is None or one is None or not one.facts.get("guid"):
            return
        data = json.dumps(self._order(one))
        body = {
            "eventNotificationId": str(uuid.uuid4()),
            "eventType": EVENTS.get(move.kind, "SalesOrder.Updated"),
            "data": data,
        }
        for url, key in self._keys.items():
            self._group.create_task(self._tell(url, key, json.dumps(body).encode()))

    async def _tell(self, url: str, key: str, body: bytes) -> None:
        at = str(int(time.time()))
        digest = hmac.new(key.encode(), f"{at}.".encode() + body, sha256).digest()
        headers = {
            "Content-Type": "application/json",
            "x-unleashed-timestamp": at,
            "x-unleashed-signature": base64.b64encode(digest).decode(),
        }
        async with httpx.AsyncClient(timeout=5.0, trust_env=False) as client:
            try:
                await client.post(url, content=body, headers=headers)
            except httpx.HTTPError:
                return  # one try; the polls find what no webhook told

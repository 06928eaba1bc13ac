"""Webhooks as Cin7 Core sends them: unsigned, a minute late, six tries, and then the hook is switched off."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import httpx

from adapters.cin7_core.sandbox.naming import Wrong, guid, needed, only
from adapters.sandbox.books import Books, Json, Movement

STOCK = "Stock/AvailableStockLevelChanged"
TYPES = (STOCK, "Sale/OrderAuthorised", "Sale/Voided", "Sale/ShipmentAuthorised", "Product/Updated")
FIELDS = frozenset(
    [
        "ID", "Name", "Type", "IsActive", "ExternalURL", "ExternalAuthorizationType", "ExternalUserName",
        "ExternalPassword", "ExternalBearerToken", "ExternalHeaders",
    ]
)  # fmt: skip
WAITS = (1, 5, 10, 15, 20, 25)
"""Minutes before each try."""
MOST = 5
"""Hooks of one type."""


@dataclass
class Hook:
    """One subscription with what it has still to tell."""

    facts: Json
    skus: set[str] = field(default_factory=set)
    sending: bool = False


class Hooks:
    """All subscriptions; `minute` is how long one lasts, in seconds."""

    def __init__(self, books: Books, rows: Callable[[], list[Json]], minute: float) -> None:
        """`rows` tells the availabilities of the moment."""
        self.hooks: list[Hook] = []
        self._rows, self._minute = rows, minute
        self.under_way: set[asyncio.Task[None]] = set()
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
                for task in self.under_way:
                    task.cancel()

    def add(self, body: Json) -> Json:
        """POST webhooks."""
        only(body, FIELDS, "Webhook")
        needed(body, "Type", "Name", "ExternalURL")
        if body["Type"] not in TYPES:
            raise Wrong(f"Webhook type {body['Type']} is not supported")
        if sum(1 for each in self.hooks if each.facts["Type"] == body["Type"]) >= MOST:
            raise Wrong(f"No more than {MOST} webhooks of one type")
        made = {"IsActive": True, **body, "ID": guid("webhook", len(self.hooks))}
        self.hooks.append(Hook(made))
        return made

    def _moved(self, move: Movement) -> None:
        for hook in self.hooks:
            if self._group is None or move.sku is None or not hook.facts["IsActive"]:
                continue
            if hook.facts["Type"] == STOCK:
                hook.skus.add(move.sku)
                if not hook.sending:
                    hook.sending = True
                    task = self._group.create_task(self._told(hook))
                    self.under_way.add(task)
                    task.add_done_callback(self.under_way.discard)

    async def _told(self, hook: Hook) -> None:
        async with httpx.AsyncClient(timeout=5.0, trust_env=False) as client:
            for minutes in WAITS:
                await asyncio.sleep(minutes * self._minute)
                names = set(hook.skus)
                body = [row for row in self._rows() if row["SKU"] in names]
                try:
                    reply = await client.post(hook.facts["ExternalURL"], json=body)
                except httpx.HTTPError:
                    continue
                if reply.is_success:
                    hook.skus -= names
                    hook.sending = False
                    return
        hook.facts["IsActive"] = hook.sending = False

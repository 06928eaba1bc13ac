"""What a resolver may reach."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from adapters.shopify.sandbox.bulk import BulkOperations
from adapters.shopify.sandbox.shop import Shop
from adapters.shopify.sandbox.things import gid


@dataclass(slots=True, eq=False)
class WebhookSubscription:
    """A subscription made through the Admin API."""

    number: int
    topic: str
    uri: str
    created_at: datetime
    failures: int = 0

    @property
    def gid(self) -> str:
        """Its global id."""
        return gid("WebhookSubscription", self.number)


@dataclass(slots=True)
class Attempt:
    """What became of the first call with an idempotency key."""

    fingerprint: bytes
    payload: dict[str, Any]
    failed: bool
    at: float


@dataclass(slots=True)
class Context:
    """The world as one app sees it; `searches` is filled during one call."""

    shop: Shop
    scopes: frozenset[str]
    subscriptions: dict[int, WebhookSubscription]
    attempts: dict[str, Attempt]
    later: Callable[[float, Callable[[], None]], None]
    bulk: BulkOperations
    searches: list[dict[str, Any]] = field(default_factory=list)
    unbounded: bool = False
    """A bulk operation asks: connections need no page size and give everything."""

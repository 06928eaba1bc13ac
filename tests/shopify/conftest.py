"""A clock that only moves when waited on, and a shop whose replies are written by the test."""

from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import orjson
import pytest

from adapters.shopify.storefront import ShopifyStorefront

COST = {
    "requestedQueryCost": 10,
    "throttleStatus": {"maximumAvailable": 2000, "currentlyAvailable": 1900, "restoreRate": 100},
}


class StillClock:
    """Time passes only while someone sleeps."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.slept: list[float] = []

    def now(self) -> datetime:
        return datetime(2026, 11, 23, 10, 0, tzinfo=UTC) + timedelta(seconds=self.seconds)

    def monotonic(self) -> float:
        return self.seconds

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.seconds += seconds


class ScriptedShop:
    """Answers each request with the next reply of the script, and keeps what was asked."""

    def __init__(self) -> None:
        self.script: list[Any] = []
        self.asked: list[dict[str, Any]] = []
        self.requests: list[httpx.Request] = []

    def answers(self, *replies: Any) -> None:
        """Queue replies: data to wrap, a whole Response, an exception, or a function of the request body."""
        self.script += replies

    def handle(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        reply = self.script.pop(0)
        if request.url.path.endswith("graphql.json"):
            self.asked.append(orjson.loads(request.content))
            if callable(reply) and not isinstance(reply, type):
                reply = reply(self.asked[-1])
        if isinstance(reply, Exception):
            raise reply
        return reply if isinstance(reply, httpx.Response) else graphql(reply)


def graphql(data: Any, errors: Any = None, cost: dict[str, Any] = COST, status: int = 200) -> httpx.Response:
    """A GraphQL reply with its accounting."""
    answer: dict[str, Any] = {"data": data, "extensions": {"cost": cost}}
    if errors is not None:
        answer["errors"] = errors
    return httpx.Response(status, json=answer, headers={"X-Shopify-API-Version": "2026-10"})


@pytest.fixture
def clock() -> StillClock:
    return StillClock()


@pytest.fixture
def scripted() -> ScriptedShop:
    return ScriptedShop()


@pytest.fixture
async def shop(scripted: ScriptedShop, clock: StillClock) -> AsyncIterator[ShopifyStorefront]:
    """A storefront in front of the scripted shop."""
    storefront = ShopifyStorefront(
        "https://shop.test",
        api_version="2026-10",
        token="shpat_test",
        clock=clock,
        transport=httpx.MockTransport(scripted.handle),
    )
    yield storefront
    await storefront.aclose()


@pytest.fixture
def reply() -> Callable[..., httpx.Response]:
    """Builds GraphQL replies."""
    return graphql

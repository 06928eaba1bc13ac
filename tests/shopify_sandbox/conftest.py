"""A sandbox shop with a few articles, and a client that speaks to it as an app would."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from adapters.shopify.sandbox import SandboxSku, ShopSandbox, start

SKUS = [SandboxSku(f"MUG-{n}", f"Mug {n}", "19.99") for n in range(5)]
MAIN, EAST = "gid://shopify/Location/1", "gid://shopify/Location/2"


@pytest.fixture(autouse=True, scope="module")
def no_journey_writes_what_the_shop_owns() -> None:
    """Here the sandbox is asked by hand, and for everything."""


@dataclass
class Asking:
    """One app's view of one sandbox."""

    sandbox: ShopSandbox
    http: httpx.Client
    token: str = "shpat_sandbox"

    def raw(
        self, query: Any, variables: Any = None, *, version: str = "2026-10", token: str | None = None
    ) -> httpx.Response:
        return self.http.post(
            f"/admin/api/{version}/graphql.json",
            json={"query": query, "variables": variables},
            headers={"X-Shopify-Access-Token": self.token if token is None else token},
        )

    def ask(self, query: str, /, **variables: Any) -> Any:
        reply = self.raw(query, variables)
        assert reply.status_code == 200, reply.text
        return reply.json()

    def data(self, query: str, /, **variables: Any) -> Any:
        answer = self.ask(query, **variables)
        assert "errors" not in answer, answer["errors"]
        return answer["data"]

    def error(self, query: str, /, **variables: Any) -> Any:
        errors = self.ask(query, **variables)["errors"]
        assert len(errors) == 1, errors
        return errors[0]

    def do(self, verb: str, **asked: Any) -> Any:
        reply = self.http.post(f"/_control/{verb}", json=asked)
        assert reply.status_code == 200, reply.text
        return reply.json()

    def refused(self, verb: str, **asked: Any) -> int:
        return self.http.post(f"/_control/{verb}", json=asked).status_code

    def state(self) -> Any:
        return self.http.get("/_control/state").json()

    def level(self, sku: str, location: str = MAIN) -> dict[str, Any]:
        return next(row for row in self.state()["levels"] if (row["sku"], row["location"]) == (sku, location))

    def item(self, sku: str) -> str:
        return str(self.level(sku)["item"])

    def order(self, said: str) -> Any:
        return self.http.get("/_control/order", params={"id": said}).json()


Opener = Callable[..., Asking]


@pytest.fixture
def opened() -> Iterator[Opener]:
    """Opens shops with the settings a test needs."""
    running: list[Asking] = []

    def open_one(**settings: Any) -> Asking:
        stock = {(sku.sku, place): 10 for sku in SKUS for place in (0, 1)}
        sandbox = start(seed=7, **{"skus": SKUS, "stock": stock, **settings})
        asking = Asking(sandbox, httpx.Client(base_url=sandbox.url, trust_env=False, timeout=10))
        running.append(asking)
        return asking

    yield open_one
    for asking in running:
        asking.http.close()
        asking.sandbox.stop()


@pytest.fixture
def shop(opened: Opener) -> Asking:
    """A shop with ten of everything in two places."""
    return opened()

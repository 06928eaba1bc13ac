"""Fixtures that every room may use."""

import asyncio
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest

from tests.databases import postgresql
from tests.products.owned import MOST, written

os.environ.setdefault("TEXTUAL_ANIMATIONS", "none")


@pytest.fixture(autouse=True)
def no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the developer has in the environment must not decide a test."""
    for name in list(os.environ):
        if name.startswith("TRUEUP_"):
            monkeypatch.delenv(name)


@pytest.fixture(autouse=True)
def no_loop_is_left_open(request: pytest.FixtureRequest) -> None:
    """Who runs a loop of their own would drop, unclosed, the one that the last asynchronous test left behind."""
    if request.node.get_closest_marker("asyncio") is None:
        with suppress(RuntimeError):
            asyncio.get_event_loop_policy().get_event_loop().close()
        asyncio.set_event_loop(None)


BY_HAND = frozenset({"inventoryDeactivate.inventoryLevelId"})
"""What people of the tests do in the shop themselves, over the same door."""


@pytest.fixture(autouse=True, scope="module")
def no_journey_writes_what_the_shop_owns() -> Iterator[None]:
    """Every sandbox shop that a test stops is asked what it received: no field that no rule lets us write."""
    server = sys.modules.get("adapters.shopify.sandbox.server")
    if server is None:
        yield
        return
    stop = server.ShopSandbox.stop

    def stopped(shop: Any) -> None:
        stop(shop)
        strange = set(written(shop.shop.received)) - MOST - BY_HAND
        assert not strange, f"the shop received what is not ours to write: {sorted(strange)}"

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(server.ShopSandbox, "stop", stopped)
        yield


@pytest.fixture(scope="session")
def new_postgresql() -> Iterator[Callable[[], str]]:
    """Makes an empty database on the one PostgreSQL of the session and gives its SQLAlchemy address."""
    with postgresql() as new:
        yield new

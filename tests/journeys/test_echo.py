"""What the back office says of our own acts costs the shop nothing; what it says of anything else is followed."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from engine.flows.orders import Orders
from engine.model.failure import TryLater
from engine.model.ids import OrderId, WorkId
from engine.model.order import Order
from engine.store.rows import Work
from engine.store.verbs.work import ECHO
from tests.journeys.between import Between, in_between


@pytest.fixture
async def between(tmp_path: Path) -> AsyncIterator[Between]:
    async with in_between(tmp_path) as made:
        yield made


def asked(between: Between, order: str, reason: str) -> Work:
    """As it is claimed."""
    site = between.site
    return Work(WorkId(1), site.name, "order", order, 1, 0, 1, reason, site.now(), probing=False)


async def _away(_: OrderId) -> Order:
    raise TryLater("The shop does not answer", "TrueUp comes back by itself")


async def test_an_echo_is_looked_up_in_the_back_office_alone(between: Between) -> None:
    order = between.order([])
    await between.ring(order, "orders/create")
    orders, office = Orders(between.site), between.site.back_office

    async def looks(reason: str) -> int:
        """Calls to the shop."""
        before = between.world.shop.state()["api"]["calls"]
        await orders.attempt(asked(between, order, reason))
        return int(between.world.shop.state()["api"]["calls"]) - before

    assert await looks(f"{ECHO}delta") > 0, "this process has not looked at it yet"
    assert await looks(f"{ECHO}delta") == 0
    assert await looks("orders/updated") > 0, "the shop's own word is followed"
    document = (await office.documents([OrderId(order)]))[OrderId(order)]
    [mug] = [line for line in document.lines if line.sku == between.skus[0]]
    await office.ship(document.id, {(mug.sku, mug.warehouse): mug.quantity})
    assert await looks(f"{ECHO}stock.changed") > 0, "somebody shipped it"
    [told] = [one for one in between.world.shop.state()["orders"] if one["id"] == order]
    assert [each["quantity"] for gone in told["fulfillments"] for each in gone["lines"]] == [mug.quantity]
    assert await looks(f"{ECHO}stock.changed") == 0


async def test_after_trouble_an_echo_is_a_whole_look(
    between: Between, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = between.order([])
    await between.ring(order, "orders/create")
    orders = Orders(between.site)
    await orders.attempt(asked(between, order, "listed"))
    with monkeypatch.context() as away:
        away.setattr(orders, "_read", _away)
        with pytest.raises(TryLater):
            await orders.attempt(asked(between, order, "listed"))
    before = between.world.shop.state()["api"]["calls"]
    await orders.attempt(asked(between, order, f"{ECHO}delta"))
    assert between.world.shop.state()["api"]["calls"] > before

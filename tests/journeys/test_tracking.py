"""The number of a parcel goes from the back office to the buyer: with the goods, or after them."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.journeys.between import Between, in_between
from tests.journeys.test_edited_orders import held, waiting


@pytest.fixture
async def between(tmp_path: Path) -> AsyncIterator[Between]:
    async with in_between(tmp_path) as made:
        yield made


async def tracked(between: Between, order: str) -> list[Any]:
    read = await between.site.shop.read_order(order)  # type: ignore[arg-type]
    assert read is not None
    return [gone.tracking for gone in read.fulfilments]


async def test_a_number_reaches_the_shop_with_the_goods_or_later_and_once(between: Between) -> None:
    order = between.order([])
    await between.ring(order, "orders/create")
    document = await held(between, order)
    ship = between.world.erp.ask("ship", {"document": document.id})
    assert ship is not None
    box = {"document": document.id, "carrier": "UPS", "warehouse": "WH1"}
    assert between.world.erp.ask("parcel", box | {"number": "1Z1"}) is not None
    await between.ring(order, "orders/updated")
    assert await tracked(between, order) == [(("UPS", "1Z1", ""),)]
    assert between.world.erp.ask("parcel", box | {"number": "1Z2"}) is not None
    await between.ring(order, "orders/updated again")
    assert await tracked(between, order) == [(("UPS", "1Z1", ""), ("UPS", "1Z2", ""))]
    await between.ring(order, "orders/updated once more")
    assert await tracked(between, order) == [(("UPS", "1Z1", ""), ("UPS", "1Z2", ""))]
    assert await waiting(between) == []

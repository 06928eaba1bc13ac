"""A back office that only says what it may still promise: the shop sells that, and its orders are not taken off twice."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from console.world.world import World

HERE = "gid://shopify/Location/1"


def says_only_what_is_available(world: World) -> None:
    """The statements of a system that keeps its reservations to itself."""
    statement = (
        "SELECT sku, warehouse, on_hand - reserved AS on_hand, 0 AS reserved FROM shelf WHERE sku IN :skus"
    )
    told = world.config.read_text()
    told, named = re.subn(r"(?m)^(name = .*)$", r'\1\nstock_figures = "available"', told, count=1)
    told, asked = re.subn(r"(?m)^stock = .*$", f'stock = "{statement}"', told)
    told, left_out = re.subn(r"(?m)^reservations = .*\n", "", told)
    assert named == asked == left_out == 1
    world.config.write_text(told)


def cell(shop: dict[str, Any], sku: str) -> dict[str, Any]:
    return next(c for c in shop["levels"] if (c["sku"], c["location"]) == (sku, HERE))


def shelf(erp: dict[str, Any], sku: str) -> dict[str, Any]:
    return next(s for s in erp["shelves"] if (s["sku"], s["warehouse"]) == (sku, "WH1"))


async def test_what_may_be_promised_is_sold_and_our_orders_are_subtracted_once(
    staged: Callable[..., Any], tmp_path: Path
) -> None:
    async with staged(tmp_path, before=says_only_what_is_available) as on:

        def true(shop: dict[str, Any], erp: dict[str, Any]) -> bool:
            here, there = cell(shop, sku), shelf(erp, sku)
            return bool(here["available"] == there["on_hand"] - there["reserved"])

        shop, _ = await on.states()
        levels = [c for c in shop["levels"] if c["location"] == HERE]
        sku = str(max(levels, key=lambda c: c["available"])["sku"])
        had = cell(shop, sku)["available"]
        await on.shop("checkout", {"location": HERE, "lines": [{"sku": sku, "quantity": 2}]})
        await on.until(lambda _, erp: shelf(erp, sku)["reserved"] == 2, "the order is booked")
        assert await on.erp("sale", {"sku": sku, "warehouse": "WH1", "quantity": 1}) is not None
        await on.until(
            lambda shop, erp: true(shop, erp) and cell(shop, sku)["available"] == had - 3,
            "both sales count once",
        )
        assert cell(await shop_of(on), sku)["on_hand"] == had - 1
        assert await on.erp("ship_any", {"limit": 9}) is not None
        await on.until(
            lambda shop, erp: true(shop, erp) and cell(shop, sku)["committed"] == 0, "it is shipped"
        )
        assert cell(await shop_of(on), sku)["available"] == had - 3


async def shop_of(on: Any) -> dict[str, Any]:
    shop, _ = await on.states()
    return dict(shop)

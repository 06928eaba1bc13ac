"""An operator holds units back in a cell, stops its sale, and lets it go; each is on the shop at once and ends by itself."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from engine.desk import Look
from engine.model.hold import EVERY

HERE = "gid://shopify/Location/1"


def available(shop: dict[str, Any], sku: str) -> int:
    return int(next(c for c in shop["levels"] if (c["sku"], c["location"]) == (sku, HERE))["available"])


def left_at(shop: dict[str, Any]) -> int:
    return sum(c["available"] for c in shop["levels"] if c["location"] == HERE)


async def test_held_units_leave_the_shop_and_come_back(staged: Callable[..., Any], tmp_path: Path) -> None:
    async with staged(tmp_path) as on:
        shop, erp = await on.states()
        sku = max((c for c in shop["levels"] if c["location"] == HERE), key=lambda c: c["available"])["sku"]
        free = next(
            s["on_hand"] - s["reserved"] for s in erp["shelves"] if (s["sku"], s["warehouse"]) == (sku, "WH1")
        )
        assert await on.erp("sale", {"sku": sku, "warehouse": "WH1", "quantity": 1}) is not None
        free -= 1
        await on.until(lambda shop, erp: available(shop, sku) == free, "the engine knows the cell")
        of = ("", sku, HERE)

        assert await on.desk.hold(*of, units=3, minutes=60, operator="ana") == ""
        await on.until(lambda shop, erp: available(shop, sku) == free - 3, "three units are held back")
        buffer = await on.term(sku, HERE, "buffer")
        assert buffer.units == -3 and "set by ana" in buffer.sources[0].text

        assert await on.desk.hold(*of, units=None, minutes=None, operator="ana") == ""
        await on.until(lambda shop, erp: available(shop, sku) == 0, "nothing is sold there")
        assert [one.everything for one in await on.desk.holds()] == [True]

        assert await on.desk.let_go(*of, operator="bo") == ""
        await on.until(lambda shop, erp: available(shop, sku) == free, "all of it is sold again")
        assert (
            await on.desk.let_go(*of, operator="bo") == f"No operator holds anything back of {sku} at {HERE}."
        )
        assert await on.desk.hold("", "no such", HERE, units=1, minutes=1, operator="ana") == (
            f"no such is not known at {HERE}."
        )
        assert await on.desk.hold("", EVERY, HERE, units=None, minutes=60, operator="ana") == ""
        assert await on.desk.hold(*of, units=1, minutes=60, operator="ana") == ""
        await on.until(lambda shop, erp: left_at(shop) == 0, "nothing is sold at the whole location")
        assert await on.desk.let_go("", EVERY, HERE, operator="bo") == ""
        await on.until(lambda shop, erp: available(shop, sku) == free - 1, "what is held in the cell counts")
        assert left_at(shop) > 0
        people = (await on.desk.trail(Look(), people=True)).rows
        said = [
            (row.actor, row.action, row.detail) for row in people if row.action in ("held back", "let go")
        ]
        assert [(actor, action) for actor, action, _ in said] == [
            ("bo", "let go"), ("ana", "held back"), ("ana", "held back"),
            ("bo", "let go"), ("ana", "held back"), ("ana", "let go"), ("ana", "held back"),
        ]  # fmt: skip

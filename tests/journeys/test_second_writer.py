"""Another app writes the same level: found, listed with its units, and judged by a person."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

from engine.desk import Look

HERE = "gid://shopify/Location/1"


def on_hand(shop: dict[str, Any], sku: str) -> int:
    return int(next(c for c in shop["levels"] if (c["sku"], c["location"]) == (sku, HERE))["on_hand"])


async def agreed(on: Any, sku: str) -> None:
    """A first sight is over: from here on a change without a cause can be told."""
    seen = -1
    async with asyncio.timeout(40):
        while not (told := await on.desk.explain(sku, HERE)) or told[0].state.base is None:
            seen = await on.store.changed_after(seen, 1.0)


async def answered(on: Any, text: str) -> None:
    """What the engine made of the last thing that was asked."""
    seen = -1
    async with asyncio.timeout(40):
        while not any(text in row.detail for row in (await on.desk.trail(Look(), people=False)).rows):
            seen = await on.store.changed_after(seen, 1.0)


async def listed(on: Any, kinds: list[tuple[str, int]]) -> Any:
    seen = -1
    async with asyncio.timeout(40):
        while True:
            rows = await on.desk.conflicts()
            if [(row.kind, row.units) for row in rows] == kinds:
                return rows
            seen = await on.store.changed_after(seen, 1.0)


async def test_units_another_app_adds_are_written_away_named_and_judged(
    staged: Callable[..., Any], tmp_path: Path
) -> None:
    async with staged(tmp_path) as on:
        shop, _ = await on.states()
        sku = max((c for c in shop["levels"] if c["location"] == HERE), key=lambda c: c["available"])["sku"]
        had = on_hand(shop, sku)
        await agreed(on, sku)

        await on.shop("adjust", {"sku": sku, "location": HERE, "delta": 3})
        [row] = await listed(on, [("rise", 3)])
        assert (row.sku, row.location, row.who) == (sku, HERE, "another app or a person")
        assert row.since is not None
        assert on_hand((await on.states())[0], sku) == had
        refused = await on.desk.decide("", sku, HERE, units=4, real=False, operator="ana")
        assert refused == f"Of {sku} at {HERE} waits a rise of 3 in main, not one change of 4 units."
        assert await on.desk.decide("", sku, row.location_name, units=3, real=False, operator="ana") == ""
        await listed(on, [])

        await on.shop("adjust", {"sku": sku, "location": HERE, "delta": -2})
        await listed(on, [("fall", 2)])
        assert on_hand((await on.states())[0], sku) == had - 2
        assert await on.desk.decide("", sku, HERE, units=2, real=False, operator="ana") == ""
        await answered(on, "may still explain it")
        seen = on.store.revision()
        async with asyncio.timeout(40):
            while await on.desk.conflicts():
                await on.desk.decide("", sku, HERE, units=2, real=False, operator="ana")
                seen = await on.store.changed_after(seen, 1.0)
        await on.until(lambda shop, _: on_hand(shop, sku) == had, "the units are sold again")

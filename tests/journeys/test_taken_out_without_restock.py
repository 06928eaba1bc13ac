"""Units taken out of an order without restock: held back, the order named, and a person says which of both they were."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.journeys.test_second_writer import HERE, agreed, on_hand

pytestmark = pytest.mark.long


async def judged(on: Any, sku: str, *, real: bool) -> None:
    """Ask until a listing that must show any sale behind the fall has been read."""
    seen = on.store.revision()
    async with asyncio.timeout(60):
        while any(row.sku == sku for row in await on.desk.conflicts()):
            await on.desk.decide("", sku, HERE, units=2, real=real, operator="ana")
            seen = await on.store.changed_after(seen, 1.0)


async def test_they_are_written_off_or_sold_again_and_both_sides_agree(
    staged: Callable[..., Any], tmp_path: Path
) -> None:
    async with staged(tmp_path) as on:
        shop, _ = await on.states()
        here = [c for c in shop["levels"] if c["location"] == HERE]
        broken, found = (c["sku"] for c in sorted(here, key=lambda c: -c["available"])[:2])
        had = {sku: on_hand(shop, sku) for sku in (broken, found)}
        names = {}
        for sku in (broken, found):
            await agreed(on, sku)
            placed = await on.shop("checkout", {"lines": [{"sku": sku, "quantity": 3}], "location": HERE})
            names[sku] = placed["name"]
            await on.until(
                lambda _, erp, ref=placed["id"]: any(d["ref"] == ref for d in erp["documents"]), "booked"
            )
            shop, _ = await on.states()
            (line,) = next(o for o in shop["orders"] if o["id"] == placed["id"])["lines"]
            asked = {"order": placed["id"], "line": line["id"], "quantity": 2, "restock": False}
            await on.shop("refund", asked)

        seen = -1
        async with asyncio.timeout(40):
            while len(rows := await on.desk.conflicts()) < 2 or not all(row.explained for row in rows):
                seen = await on.store.changed_after(seen, 1.0)
        told = {row.sku: (row.kind, row.units, row.who) for row in rows}
        assert told == {
            sku: ("fall", 2, f"taken out without restock: {names[sku]}") for sku in (broken, found)
        }

        await on.erp("adjust", {"sku": broken, "warehouse": "WH1", "delta": -2})
        await judged(on, broken, real=True)
        await judged(on, found, real=False)
        await on.until(lambda shop, _: on_hand(shop, found) == had[found], "what is there is sold again")
        await on.until(lambda shop, _: on_hand(shop, broken) == had[broken] - 2, "what is lost is not")
        shop, erp = await on.states()
        stands = {one["sku"]: one["on_hand"] for one in erp["shelves"] if one["warehouse"] == "WH1"}
        assert all(stands[sku] == on_hand(shop, sku) for sku in (broken, found))

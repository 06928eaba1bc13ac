"""What happens to stock while something else is under way: transfers, edits, cancellations, other writers, our echo."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from console.planning import make_plan
from console.settings import load
from engine.store.tables import inbox, ledger, stock

HERE, THERE = "gid://shopify/Location/1", "gid://shopify/Location/2"


@pytest.fixture(autouse=True)
def listings_come_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRUEUP_ENGINE__ORDERS_POLL_SECONDS", "1")
    monkeypatch.setenv("TRUEUP_ENGINE__LISTING_LAG_SECONDS", "1")


def cell(shop: dict[str, Any], sku: str, at: str = HERE) -> dict[str, Any]:
    return next(c for c in shop["levels"] if (c["sku"], c["location"]) == (sku, at))


def free(erp: dict[str, Any], sku: str, warehouse: str = "WH1") -> int:
    return sum(
        s["on_hand"] - s["reserved"] for s in erp["shelves"] if (s["sku"], s["warehouse"]) == (sku, warehouse)
    )


def true(sku: str) -> Callable[[dict[str, Any], dict[str, Any]], bool]:
    """Both places sell what the back office has free, and nothing is under way."""
    return lambda shop, erp: all(
        cell(shop, sku, at)["available"] == free(erp, sku, warehouse)
        for at, warehouse in ((HERE, "WH1"), (THERE, "WH2"))
    )


async def fullest(on: Any) -> str:
    """Once every cell has been agreed on: the SKU with most stock at the first location."""
    seen = 0
    async with asyncio.timeout(60):
        while True:
            rows = on.store.read_sync(lambda tx: tx.execute(stock.select()).all())
            if rows and all(row.base is not None and row.dirty_lane is None for row in rows):
                break
            seen = await on.store.changed_after(seen, 0.25)
    shop, _ = await on.states()
    return str(max((c for c in shop["levels"] if c["location"] == HERE), key=lambda c: c["available"])["sku"])


@asynccontextmanager
async def a_write_in_flight(on: Any, sku: str) -> AsyncIterator[None]:
    """The back office has sold a unit; the write that tells the shop has been sent and is not answered yet."""
    await on.shop("faults", {"mode": "latency", "op": "inventorySetQuantities", "seconds": 1.5, "count": 1})
    assert await on.erp("sale", {"sku": sku, "warehouse": "WH1", "quantity": 1}) is not None

    def sent(tx: Any) -> bool:
        return bool(
            tx.exec_driver_sql("SELECT 1 FROM effect WHERE outcome = 'none' AND op = 'set_on_hand'").first()
        )

    seen = 0
    async with asyncio.timeout(30):
        while not await on.store.read(sent):
            seen = await on.store.changed_after(seen, 0.05)
    yield


async def order_of(on: Any, sku: str, units: int) -> dict[str, Any]:
    placed: dict[str, Any] = await on.shop(
        "checkout", {"location": HERE, "lines": [{"sku": sku, "quantity": units}]}
    )
    await on.until(
        lambda _, erp: any(d["ref"] == placed["id"] for d in erp["documents"]), "the order is booked"
    )
    await on.until(true(sku), "it is taken off once")
    return placed


async def test_a_transfer_while_a_write_is_in_flight_is_never_counted_at_both_ends(on: Any) -> None:
    """What left one warehouse is in neither figure of the back office until it has arrived in the other."""
    sku = await fullest(on)
    shop, before = await on.states()
    total = free(before, sku) + free(before, sku, "WH2")
    done = len(shop["writes"])
    async with a_write_in_flight(on, sku):
        moved = {"sku": sku, "from": "WH1", "to": "WH2", "quantity": 2}
        assert await on.erp("transfer", moved) is not None
    await on.until(
        lambda shop, erp: true(sku)(shop, erp) and free(erp, sku, "WH2") == free(before, sku, "WH2") + 2,
        "it is sold where it arrived",
    )
    levels = {at: cell(shop, sku, at)["on_hand"] for at in (HERE, THERE)}
    shop, _ = await on.states()
    ours = [write for write in shop["writes"][done:] if write["sku"] == sku]
    assert {write["location"] for write in ours} == {HERE, THERE}
    for write in ours:
        levels[write["location"]] = write["to"]
        assert sum(levels.values()) <= total, "units under way were on sale at both ends"
    assert sum(levels.values()) == total - 1


async def test_an_order_cancelled_while_its_stock_write_is_in_flight(on: Any) -> None:
    sku = await fullest(on)
    placed = await order_of(on, sku, 2)
    async with a_write_in_flight(on, sku):
        await on.shop("cancel", {"order": placed["id"]})
    await on.until(
        lambda shop, erp: (
            true(sku)(shop, erp)
            and all(d["status"] == "cancelled" for d in erp["documents"] if d["ref"] == placed["id"])
        ),
        "its units come back once",
    )
    assert (await on.desk.pulse()).conflicts == 0


async def test_an_order_edited_while_its_stock_write_is_in_flight(on: Any) -> None:
    sku = await fullest(on)
    placed = await order_of(on, sku, 3)
    shop, _ = await on.states()
    had, [line] = cell(shop, sku), next(o["lines"] for o in shop["orders"] if o["id"] == placed["id"])
    async with a_write_in_flight(on, sku):
        await on.shop("edit", {"order": placed["id"], "line": line["id"], "quantity": 1})
    await on.until(
        lambda shop, erp: (
            true(sku)(shop, erp)
            and cell(shop, sku)["committed"] == had["committed"] - 2
            and cell(shop, sku)["available"] == had["available"] - 1 + 2
            and all(
                line["quantity"] == 1
                for d in erp["documents"]
                if d["ref"] == placed["id"]
                for line in d["lines"]
            )
        ),
        "what was taken out of it is sold again, once",
    )
    assert (await on.desk.pulse()).conflicts == 0


async def test_a_part_shipped_from_another_location_than_it_was_allocated_to(on: Any) -> None:
    sku = await fullest(on)
    placed = await order_of(on, sku, 2)
    await on.shop("fulfil", {"order": placed["id"], "location": THERE, "quantity": 1})
    await on.until(
        lambda shop, erp: (
            true(sku)(shop, erp)
            and any(
                line["shipped"] and line["warehouse"] == "WH2"
                for d in erp["documents"]
                if d["ref"] == placed["id"]
                for line in d["lines"]
            )
        ),
        "it is booked as gone from there, and both levels are true",
    )
    assert (await on.desk.pulse()).conflicts == 0


async def test_a_second_app_that_writes_the_same_level_is_found_and_named(on: Any, tmp_path: Path) -> None:
    sku = await fullest(on)
    for units in (2, 1):
        await on.shop("adjust", {"sku": sku, "location": HERE, "delta": units})
        await on.until(true(sku), "its units are written away")
    assert (await on.desk.pulse()).conflicts == 1
    page = await on.desk.stock(filter=sku)
    assert any(found.state == "conflict" for row in page.rows for found in row.cells), page.rows
    await on.shop("webhooks", {"drop": 1.0})
    await on.shop("adjust", {"sku": sku, "location": HERE, "delta": 3})
    plan = await make_plan(load(on.world.config), None, "olga")
    assert [(row.sku, row.location, row.cause) for row in plan.rows] == [(sku, HERE, "second writer")]


async def test_the_echo_of_our_own_write_is_ignored(on: Any) -> None:
    sku = await fullest(on)
    assert await on.erp("sale", {"sku": sku, "warehouse": "WH1", "quantity": 1}) is not None
    await on.until(true(sku), "the sale reaches the shop")

    def heard(tx: Any) -> list[Any]:
        return [row for row in tx.execute(inbox.select()).all() if row.topic == "inventory_levels/update"]

    seen = 0
    async with asyncio.timeout(30):
        while not (rows := await on.store.read(heard)) or any(row.closed_at is None for row in rows):
            seen = await on.store.changed_after(seen, 0.25)
    lines = on.store.read_sync(lambda tx: tx.execute(ledger.select()).all())
    assert not [line for line in lines if "level moved in the shop" in line.detail]
    shop, _ = await on.states()
    assert len([w for w in shop["writes"] if (w["sku"], w["location"]) == (sku, HERE)]) == 1

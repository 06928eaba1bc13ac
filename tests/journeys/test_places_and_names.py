"""Locations and warehouses that are switched off, and articles that change their name or their product."""

import asyncio
from typing import Any

import pytest

from engine.store.tables import stock

HERE, THERE = "gid://shopify/Location/1", "gid://shopify/Location/2"


@pytest.fixture(autouse=True)
def sweeps_often(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither side tells of such changes, so the sweep has to find them."""
    monkeypatch.setenv("TRUEUP_ENGINE__SWEEP_SECONDS", "1")
    monkeypatch.setenv("TRUEUP_ENGINE__ORDERS_POLL_SECONDS", "1")
    monkeypatch.setenv("TRUEUP_ENGINE__LISTING_LAG_SECONDS", "1")


def cell(shop: dict[str, Any], sku: str, at: str = HERE) -> dict[str, Any]:
    return next(c for c in shop["levels"] if (c["sku"], c["location"], c["active"]) == (sku, at, True))


def free(erp: dict[str, Any], sku: str, warehouse: str = "WH1") -> int:
    return sum(
        s["on_hand"] - s["reserved"] for s in erp["shelves"] if (s["sku"], s["warehouse"]) == (sku, warehouse)
    )


async def agreed(on: Any) -> list[str]:
    """Every cell has been agreed on; the SKUs by stock at the first location, fullest first."""
    seen = 0
    async with asyncio.timeout(60):
        while True:
            rows = on.store.read_sync(lambda tx: tx.execute(stock.select()).all())
            if rows and all(row.base is not None for row in rows):
                break
            seen = await on.store.changed_after(seen, 0.25)
    shop, _ = await on.states()
    here = [c for c in shop["levels"] if c["location"] == HERE]
    return [str(c["sku"]) for c in sorted(here, key=lambda c: -c["available"])]


async def causes(on: Any) -> list[str]:
    return [row.cause for row in (await on.desk.failed()).rows]


async def told(on: Any, words: str, *, gone: bool = False) -> str:
    """Until a record that waits for a person says so, or none does any more."""
    seen = 0
    async with asyncio.timeout(60):
        while True:
            found = [cause for cause in await causes(on) if words in cause]
            if bool(found) is not gone:
                return found[0] if found else ""
            seen = await on.store.changed_after(seen, 0.25)


async def test_a_warehouse_switched_off_in_the_back_office_sells_nothing_and_comes_back(on: Any) -> None:
    sku, *_ = await agreed(on)
    _, erp = await on.states()
    assert await on.erp("warehouse", {"warehouse": "WH1", "active": False}) is not None
    await on.until(lambda shop, _: cell(shop, sku)["available"] == 0, "nothing of it is sold")
    assert (await on.term(sku, HERE, "closed")).units == -free(erp, sku)
    [explained] = await on.desk.explain(sku, HERE)
    assert explained.total == explained.figure == 0
    assert await on.erp("warehouse", {"warehouse": "WH1", "active": True}) is not None
    await on.until(lambda shop, erp: cell(shop, sku)["available"] == free(erp, sku), "it is sold again")


async def test_a_location_closed_in_shopify_is_shown_and_its_orders_are_re_routed(on: Any) -> None:
    sku, *_ = await agreed(on)
    placed = await on.shop("checkout", {"location": HERE, "lines": [{"sku": sku, "quantity": 1}]})
    await on.until(
        lambda _, erp: any(d["ref"] == placed["id"] for d in erp["documents"]), "the order is booked"
    )
    await on.shop("location", {"location": HERE, "active": False, "to": THERE})
    assert "switched off in Shopify" in await told(on, "switched off")
    await on.until(
        lambda _, erp: all(
            line["warehouse"] == "WH2"
            for document in erp["documents"]
            if document["ref"] == placed["id"]
            for line in document["lines"]
        ),
        "its document is at the other warehouse",
    )
    await on.until(
        lambda shop, erp: cell(shop, sku, THERE)["available"] == free(erp, sku, "WH2"),
        "what Shopify moved there is not sold: it is not in that warehouse",
    )
    conflicts = (await on.desk.pulse()).conflicts
    assert conflicts > 0, "a person is asked what came of the units Shopify moved"


async def test_duplicate_skus_are_refused_with_both_named(on: Any) -> None:
    sku, other, *_ = await agreed(on)
    before, _ = await on.states()
    await on.shop("product", {"sku": other, "rename": sku})
    said = await told(on, f"items in Shopify have SKU {sku}")
    assert said.count("InventoryItem/") == 2
    writes = len((await on.states())[0]["writes"])
    assert await on.erp("sale", {"sku": sku, "warehouse": "WH1", "quantity": 1}) is not None
    await told(on, f"items in Shopify have SKU {sku}")
    shop, _ = await on.states()
    assert len(shop["writes"]) == writes, "nobody knows whose stock it is"
    both = [c["item"] for c in before["levels"] if c["sku"] in (sku, other)]
    assert {c["item"] for c in shop["levels"] if c["sku"] == sku} == set(both)


async def test_a_renamed_sku_is_found_under_its_new_name_and_the_old_one_is_let_go(on: Any) -> None:
    sku, *_ = await agreed(on)
    await on.shop("product", {"sku": sku, "rename": f"{sku}-X"})
    await told(on, f"does not know SKU {sku}-X")
    shop, _ = await on.states()
    assert not any(c["sku"] == sku for c in shop["levels"])
    await on.shop("product", {"sku": f"{sku}-X", "rename": sku})
    assert await on.erp("sale", {"sku": sku, "warehouse": "WH1", "quantity": 1}) is not None
    await on.until(lambda shop, erp: cell(shop, sku)["available"] == free(erp, sku), "its stock is true")
    await told(on, f"does not know SKU {sku}-X", gone=True)
    assert (await on.desk.pulse()).conflicts == 0


async def test_an_item_moved_between_products_is_agreed_on_anew_without_a_conflict(on: Any) -> None:
    sku, *_ = await agreed(on)
    had = cell((await on.states())[0], sku)
    moved = await on.shop("product", {"sku": sku, "moved": True})
    assert moved["item"] != had["item"]
    assert await on.erp("receipt", {"sku": sku, "warehouse": "WH1", "quantity": 4}) is not None
    await on.until(
        lambda shop, erp: cell(shop, sku)["available"] == free(erp, sku), "the new item's stock is true"
    )
    assert cell((await on.states())[0], sku)["item"] == moved["item"]
    assert (await on.desk.pulse()).conflicts == 0

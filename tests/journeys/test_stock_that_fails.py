"""Stock that cannot be kept true is seen on screen 4 with its cause, and leaves it by R once the cause is mended."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from textual.app import App
from textual.pilot import Pilot

from console.app import TrueUpConsole
from console.world.world import World

HERE = "gid://shopify/Location/1"
PATIENCE = 30.0


@pytest.fixture(autouse=True)
def nothing_mends_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    """One sweep at the start and none while a person is at it."""
    monkeypatch.setenv("TRUEUP_ENGINE__SWEEP_SECONDS", "3600")


@asynccontextmanager
async def screen_4(on: Any, cache: Path) -> AsyncIterator[Pilot[None]]:
    console = TrueUpConsole(on.desk, read_write=True, operator="ana", cache=cache)
    async with console.run_test(size=(160, 40)) as pilot:
        await pilot.press("4")
        yield pilot


def shown(app: App[None]) -> str:
    return "\n".join(strip.text for strip in app.screen._compositor.render_strips())


async def until(on: Any, pilot: Pilot[None], text: str) -> None:
    """Every change of the store is a reason to look again."""
    seen, loop = 0, asyncio.get_running_loop()
    end = loop.time() + PATIENCE
    while text not in shown(pilot.app):
        assert loop.time() < end, f"never shown: {text}\n{shown(pilot.app)}"
        seen = await on.store.changed_after(seen, 0.25)
        await pilot.pause()


async def retried(on: Any, pilot: Pilot[None], until: str = "No failed records") -> None:
    """R until nothing waits, or until another text is shown: a record that failed once more since it was shown is left alone, so R is pressed again."""
    async with asyncio.timeout(PATIENCE):
        while until not in shown(pilot.app):
            seen = on.store.revision()
            await pilot.press("R")
            await on.store.changed_after(seen, 1.0)
            await pilot.pause()


def cell(shop: dict[str, Any], sku: str) -> dict[str, Any]:
    return next(c for c in shop["levels"] if c["sku"] == sku and c["location"] == HERE)


def fullest(world: World) -> str:
    levels = [c for c in world.shop.state()["levels"] if c["location"] == HERE]
    return str(max(levels, key=lambda c: c["available"])["sku"])


async def test_a_sku_the_back_office_does_not_know(staged: Callable[..., Any], tmp_path: Path) -> None:
    sku = ""

    def before(world: World) -> None:
        nonlocal sku
        sku = fullest(world)
        assert world.erp.ask("sale", {"sku": sku, "warehouse": "WH1", "quantity": 2}) is not None
        assert world.erp.ask("stocked", {"sku": sku, "stocked": False}) is not None

    async with staged(tmp_path, before=before) as on, screen_4(on, tmp_path) as pilot:
        await until(on, pilot, f"The back office does not know SKU {sku}")
        shop, _ = await on.states()
        had = cell(shop, sku)["available"]
        assert had > 0, "stock we know nothing of is left alone"
        await retried(on, pilot, until="redriven")
        await until(on, pilot, "state  held")
        assert await on.erp("stocked", {"sku": sku, "stocked": True}) is not None
        await retried(on, pilot)
        await on.until(lambda shop, _: cell(shop, sku)["available"] == had - 2, "the sale reaches the shop")


async def test_a_level_somebody_switched_off_in_the_shop(on: Any, tmp_path: Path) -> None:
    sku = await asyncio.to_thread(fullest, on.world)
    before, _ = await on.states()
    assert await on.erp("sale", {"sku": sku, "warehouse": "WH1", "quantity": 1}) is not None
    await on.until(
        lambda shop, _: cell(shop, sku)["available"] == cell(before, sku)["available"] - 1,
        "the level is kept true",
    )
    await on.shop("webhooks", {"drop": 1.0})  # only a person tells of what happens in the shop
    await asyncio.to_thread(switch, on.world, sku, False)
    async with screen_4(on, tmp_path) as pilot:
        assert await on.erp("receipt", {"sku": sku, "warehouse": "WH1", "quantity": 5}) is not None
        await until(on, pilot, "The item is not stocked at this location in Shopify")
        await asyncio.to_thread(switch, on.world, sku, True)
        await retried(on, pilot)
        await on.until(
            lambda shop, erp: (
                cell(shop, sku)["available"]
                == sum(
                    s["on_hand"] - s["reserved"]
                    for s in erp["shelves"]
                    if (s["sku"], s["warehouse"]) == (sku, "WH1")
                )
            ),
            "the receipt reaches the shop",
        )


def switch(world: World, sku: str, on: bool) -> None:
    """Stock an item at the first location of the shop, or stop it, as the shop's staff do."""
    url = f"{world.shop.control}/admin/api/2026-10/graphql.json"
    with httpx.Client(
        headers={"X-Shopify-Access-Token": world.shop.secrets["shop_access_token"]}, trust_env=False
    ) as client:

        def ask(query: str, **variables: str) -> dict[str, Any]:
            said = client.post(url, json={"query": query, "variables": variables}).raise_for_status().json()
            assert "errors" not in said, said
            return dict(said["data"])

        found = ask(
            "query ($sku: String!, $at: ID!) { inventoryItems(first: 1, query: $sku)"
            " { nodes { id inventoryLevel(locationId: $at, includeInactive: true) { id } } } }",
            sku=f"sku:{sku}",
            at=HERE,
        )
        item = found["inventoryItems"]["nodes"][0]
        if on:
            done = ask(
                "mutation ($item: ID!, $at: ID!, $key: String!) { done: inventoryActivate(inventoryItemId: $item,"
                " locationId: $at) @idempotent(key: $key) { userErrors { message } } }",
                item=item["id"],
                at=HERE,
                key=f"by hand {sku}",
            )
        else:
            done = ask(
                "mutation ($level: ID!) { done: inventoryDeactivate(inventoryLevelId: $level)"
                " { userErrors { message } } }",
                level=item["inventoryLevel"]["id"],
            )
        assert done["done"]["userErrors"] == []

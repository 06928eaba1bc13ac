"""An export of all levels: complete, in no order, and never called complete when it is not."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import orjson
import pytest

from adapters.shopify.sandbox import SandboxSku, start
from adapters.shopify.storefront import ShopifyStorefront
from engine.model.clock import SystemClock
from engine.model.failure import TryLater

SKUS = [SandboxSku(f"SKU-{n:03}", f"Thing {n}", "10.00") for n in range(300)]


@pytest.fixture
async def both() -> AsyncIterator[tuple[ShopifyStorefront, httpx.AsyncClient]]:
    stock = {(sku.sku, at): n + at for n, sku in enumerate(SKUS) for at in (0, 1)}
    sandbox = start(seed=1, skus=SKUS, locations=["North", "South"], stock=stock)
    shop = ShopifyStorefront(sandbox.url, api_version="2026-10", token="shpat_sandbox", clock=SystemClock())
    async with httpx.AsyncClient(base_url=sandbox.url, trust_env=False) as control:
        yield shop, control
    await shop.aclose()
    sandbox.stop()


async def test_an_export_tells_what_the_listing_tells(both: Any) -> None:
    shop, control = both
    listed = {(one.sku, one.location): one async for page in shop.levels() for one in page}
    exported = [one async for page in shop.export_levels() for one in page]
    assert len(exported) == len(listed) == 600
    for one in exported:
        seen = listed[one.sku, one.location]
        assert (one.item, one.on_hand, one.available, one.active) == (
            seen.item,
            seen.on_hand,
            seen.available,
            seen.active,
        )
        assert one.title == seen.title
    calls = (await control.get("/_control/state")).json()["api"]
    assert calls["mutations"] == {"bulkOperationRunQuery": 1}


async def test_what_a_failed_export_left_is_read_and_the_failure_told(both: Any) -> None:
    shop, control = both
    await control.post("/_control/bulk", json={"fail_after": 100})
    found = []
    with pytest.raises(TryLater, match="did not complete"):
        async for page in shop.export_levels():
            found += page
    assert 0 < len(found) < 600


async def test_another_app_s_exports_are_waited_for(both: Any) -> None:
    shop, control = both
    await control.post("/_control/bulk", json={"pause": 5.0})
    text = 'mutation { bulkOperationRunQuery(query: "{ locations { edges { node { id } } } }") { userErrors { code } } }'
    for _ in range(5):
        await control.post(
            "/admin/api/2026-10/graphql.json",
            json={"query": text},
            headers={"X-Shopify-Access-Token": "shpat_sandbox"},
        )
    with pytest.raises(TryLater, match="busy with other bulk operations"):
        await anext(aiter(shop.export_levels()))


async def test_a_download_that_ends_within_a_line_is_no_complete_export(scripted: Any, shop: Any) -> None:
    ran = {
        "bulkOperationRunQuery": {
            "bulkOperation": {"id": "gid://shopify/BulkOperation/1", "status": "CREATED"},
            "userErrors": [],
        }
    }
    done = {
        "bulkOperation": {
            "id": "1",
            "status": "COMPLETED",
            "errorCode": None,
            "url": "https://files.test/x",
            "partialDataUrl": None,
        }
    }
    level = orjson.dumps(
        {
            "isActive": True, "quantities": [{"name": n, "quantity": 1} for n in ("on_hand", "available", "committed")],
            "location": {"id": "L"}, "item": {"id": "I", "sku": "S", "tracked": True, "variant": None},
        }
    )  # fmt: skip
    scripted.answers(ran, done, httpx.Response(200, content=level + b"\n" + level[:20]))
    with pytest.raises(TryLater, match="no usable answer"):
        [page async for page in shop.export_levels()]

"""A shop with more items than are worth reading page by page."""

from typing import Any

import pytest

from adapters.shopify import storefront


@pytest.fixture(autouse=True)
def every_shop_is_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(storefront, "LARGE", 1)


async def test_all_levels_come_by_one_export_and_both_sides_agree(on: Any) -> None:
    def equal(shop: dict[str, Any], erp: dict[str, Any]) -> bool:
        free = {(s["sku"], s["warehouse"][-1]): s["on_hand"] - s["reserved"] for s in erp["shelves"]}
        return all(c["available"] == free[c["sku"], c["location"][-1]] for c in shop["levels"])

    shop, _ = await on.states()
    sku = max(shop["levels"], key=lambda c: c["available"])["sku"]
    await on.erp("sale", {"sku": sku, "warehouse": "WH1", "quantity": 2})
    await on.until(
        lambda shop, erp: shop["api"]["mutations"].get("bulkOperationRunQuery") and equal(shop, erp),
        "the sale is in the shop, and the levels were exported",
    )
    page = await on.desk.stock()
    assert page.total == 6

"""What an order contains and its back office is not told is seen, with the first order that had it."""

import asyncio
from typing import Any


async def test_a_discount_code_that_odoo_is_not_told_becomes_a_gap_once_and_is_counted(on_odoo: Any) -> None:
    shop, _ = await on_odoo.states()
    sku = max(shop["levels"], key=lambda cell: cell["available"])["sku"]
    basket = {
        "lines": [{"sku": sku, "quantity": 1}], "discount": {"kind": "order", "percent": "15"},
        "location": "gid://shopify/Location/1",
    }  # fmt: skip
    for count in (1, 2):
        await on_odoo.shop("checkout", basket)
        await on_odoo.until(lambda _, erp, n=count: len(erp["documents"]) == n, "the order is in Odoo")
    seen = on_odoo.store.revision()
    async with asyncio.timeout(30):
        while not (gaps := await on_odoo.desk.gaps()) or gaps[0].times < 2:
            seen = await on_odoo.store.changed_after(seen, 1.0)
    assert [(gap.kind, gap.name, gap.first, gap.times) for gap in gaps] == [
        ("field", "discountApplications.code", "#1001: SAVE", 2)
    ]

"""Variants of one template of Odoo become the variants of one draft product, each with its options."""

from pathlib import Path
from typing import Any

import httpx
import orjson

from adapters.odoo.back_office import OdooBackOffice
from adapters.odoo.sandbox import start as start_odoo
from adapters.shopify.sandbox import SandboxSku
from engine.flows import product_commands
from engine.flows.product_commands import DRAFT
from engine.model.clock import SystemClock
from engine.store.rows import Command
from tests.products.ground import NAME, ground
from tests.products.test_drafts import allow_drafts

SHIRTS = {"SHIRT-S": {"Size": "S"}, "SHIRT-M": {"Size": "M"}, "SHIRT-L": {"Size": "L"}}


async def test_a_template_with_three_sizes_becomes_one_draft(tmp_path: Path) -> None:
    odoo = start_odoo(skus=["MUG", *SHIRTS], currency="EUR")
    said: list[dict[str, Any]] = [
        {"sku": sku, "facts": {"price": f"{20 + at}.00"}} for at, sku in enumerate(SHIRTS)
    ]
    try:
        async with (
            httpx.AsyncClient(base_url=odoo.url, trust_env=False) as staff,
            ground(tmp_path, [SandboxSku("MUG", "Mug", "1.00")]) as here,
        ):
            assert (await staff.post("/_control/variants", json={"variants": SHIRTS})).status_code == 200
            for one in said:
                assert (await staff.post("/_control/article", json=one)).status_code == 200
            back = OdooBackOffice(
                odoo.url, database=odoo.database, user=odoo.user, key=odoo.key, protocol="jsonrpc",
                clock=SystemClock(), families=True,
            )  # fmt: skip
            here.site.articles = back
            allow_drafts(here)
            for some in (["SHIRT-S"], ["SHIRT-M", "SHIRT-L"]):  # the others wait for the first
                body = orjson.dumps({"skus": some}).decode()
                await product_commands.do(here.site, Command(1, NAME, DRAFT, body, "ada", here.site.now()))
                await here.act()
            await back.aclose()
            [made] = [each for each in await here.catalogue_of_shop() if each["content"]["status"] == "DRAFT"]
            assert {row["sku"]: row["price"] for row in made["variants"]} == {
                "SHIRT-S": "20.00", "SHIRT-M": "21.00", "SHIRT-L": "22.00",
            }  # fmt: skip
            shop = here.sandbox.shop
            assert {sku: dict(shop.article(sku).options) for sku in SHIRTS} == SHIRTS
    finally:
        odoo.stop()

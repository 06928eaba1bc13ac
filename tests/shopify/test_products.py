"""Variants read and written against the sandbox, which logs every field it was given."""

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import httpx
import pytest

from adapters.limits import Pacer, Throttle
from adapters.shopify.operations import names, operation
from adapters.shopify.products import item_input, variant_input
from adapters.shopify.sandbox import SandboxSku, ShopSandbox, start
from adapters.shopify.storefront import ShopifyStorefront
from engine.model.clock import SystemClock
from engine.model.failure import Misset
from engine.model.product import ShopVariant
from engine.products.fields import FIELDS, SYNCED
from engine.products.guard import allow
from engine.products.ownership import ownership
from tests.products.made import ALL_OURS, VALUES
from tests.shopify.conftest import StillClock

SHIRTS = [SandboxSku(f"SHIRT-{size}", size, "20.00", product="Shirt") for size in ("S", "M", "L")]
SKUS = [*SHIRTS, SandboxSku("MUG", "Mug", "10.00")]


@pytest.fixture(scope="module")
def sandbox() -> Iterator[ShopSandbox]:
    running = start(seed=3, skus=SKUS, locations=["North"], stock={})
    yield running
    running.stop()


@pytest.fixture
async def shop(sandbox: ShopSandbox) -> AsyncIterator[ShopifyStorefront]:
    front = ShopifyStorefront(
        sandbox.url, api_version="2026-10", token="shpat_sandbox", clock=SystemClock(), facts=True
    )
    yield front
    await front.aclose()


@pytest.fixture
def staff(sandbox: ShopSandbox) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=sandbox.url, trust_env=False) as http:
        yield http
        http.post("/_control/rights", json={"deny": []})


def tell(staff: httpx.Client, verb: str, **asked: Any) -> None:
    reply = staff.post(f"/_control/{verb}", json=asked)
    assert reply.status_code == 200, reply.text


def updates(staff: httpx.Client) -> int:
    found: int = staff.get("/_control/state").json()["api"]["mutations"]["productVariantsBulkUpdate"]
    return found


def sent(staff: httpx.Client, body: dict[str, Any]) -> dict[str, Any]:
    """A call as another app might make it."""
    reply = staff.post(
        "/admin/api/2026-10/graphql.json", json=body, headers={"X-Shopify-Access-Token": "shpat_sandbox"}
    )
    found: dict[str, Any] = reply.json()
    return found


def points(staff: httpx.Client) -> int:
    found: int = staff.get("/_control/state").json()["api"]["cost_points"]
    return found


async def by_sku(shop: ShopifyStorefront) -> dict[str, ShopVariant]:
    return {each.sku: each async for page in shop.variants() for each in page}


def row(staff: httpx.Client, sku: str) -> tuple[dict[str, Any], dict[str, Any]]:
    for product in staff.get("/_control/products").json():
        for variant in product["variants"]:
            if variant["sku"] == sku:
                return product["content"], variant
    raise AssertionError(sku)


async def test_every_field_of_ours_arrives_and_is_read_back_and_nothing_else_moves(
    shop: ShopifyStorefront, staff: httpx.Client
) -> None:
    tell(staff, "product", sku="MUG", content={"description_html": "<b>Ours</b>", "tags": ["new"]})
    mug, (content, _) = (await by_sku(shop))["MUG"], row(staff, "MUG")
    assert mug.tags == {"new"} and mug.values["tracked"] is True and mug.values["cost"] is None
    assert await shop.write_variants([allow(ALL_OURS, "main", mug, VALUES)]) == ()
    [after] = await shop.read_variants([mug.id])
    assert after.values == VALUES
    assert row(staff, "MUG-2")[0] == content
    emptied = {"compare_at_price": None, "barcode": None, "cost": None, "origin": None, "customs_code": None}
    back = emptied | {"sku": "MUG", "tracked": True, "price": Decimal("10.00")}
    assert await shop.write_variants([allow(ALL_OURS, "main", after, back)]) == ()
    [again] = await shop.read_variants([mug.id])
    assert again.values == VALUES | back


async def test_facts_of_one_item_go_without_a_right_on_products(
    shop: ShopifyStorefront, staff: httpx.Client
) -> None:
    mug = (await by_sku(shop))["MUG"]
    tell(staff, "rights", deny=["write_products"])
    assert await shop.write_variants([allow(ownership(), "main", mug, {"cost": Decimal("6.00")})]) == ()
    with pytest.raises(Misset, match="write_products"):
        await shop.write_variants([allow(ownership(), "main", mug, {"price": Decimal("11.00")})])
    assert (row(staff, "MUG")[1]["cost"], row(staff, "MUG")[1]["price"]) == ("6.00", "10.00")


async def test_a_refused_variant_is_named_and_none_of_its_product_is_written(
    shop: ShopifyStorefront, staff: httpx.Client
) -> None:
    shirts = await by_sku(shop)
    writes = [
        allow(ownership(), "main", shirts[sku], {"price": Decimal(price), "customs_code": code})
        for sku, price, code in (("SHIRT-S", "25", "61091000"), ("SHIRT-M", "25", "no-code"))
    ]
    [refusal] = await shop.write_variants(writes)
    assert (refusal.variant, refusal.code) == (shirts["SHIRT-M"].id, "INVALID_INPUT")
    assert row(staff, "SHIRT-S")[1]["price"] == "20.00"
    calls = updates(staff)
    both = [
        allow(ownership(), "main", shirts[sku], {"price": Decimal("25")}) for sku in ("SHIRT-S", "SHIRT-M")
    ]
    assert await shop.write_variants(both) == ()
    assert updates(staff) == calls + 1
    with pytest.raises(ValueError, match="one product"):
        await shop.write_variants([*both, allow(ownership(), "main", shirts["MUG"], {"price": Decimal(1)})])


async def test_a_product_that_is_gone_is_refused(shop: ShopifyStorefront, staff: httpx.Client) -> None:
    mug = (await by_sku(shop))["MUG"]
    tell(staff, "product", sku="MUG", moved=True)
    [refusal] = await shop.write_variants([allow(ownership(), "main", mug, {"price": Decimal(1)})])
    assert refusal.code == "PRODUCT_DOES_NOT_EXIST"
    assert await shop.read_variants([mug.id]) == ()


async def test_an_edit_in_the_shop_is_listed_as_changed(shop: ShopifyStorefront, staff: httpx.Client) -> None:
    await by_sku(shop)
    tell(staff, "product", sku="SHIRT-L", facts={"price": "19.00", "weight": 250})
    changed = await shop.variants_changed(datetime.now(UTC) - timedelta(hours=1))
    there = {each.sku: each for each in await shop.read_variants(changed)}
    assert (there["SHIRT-L"].values["price"], there["SHIRT-L"].values["weight"]) == (
        Decimal("19.00"),
        Decimal("250.00"),
    )
    assert await shop.variants_changed(datetime.now(UTC) + timedelta(hours=1)) == ()


async def test_facts_are_read_only_where_they_are_wanted_and_cost_their_points(
    sandbox: ShopSandbox, staff: httpx.Client, shop: ShopifyStorefront
) -> None:
    there = (await by_sku(shop))["SHIRT-M"]
    assert await shop.write_variants([allow(ALL_OURS, "main", there, {"lead_days": 21})]) == ()
    plain = ShopifyStorefront(sandbox.url, api_version="2026-10", token="shpat_sandbox", clock=SystemClock())
    spent = []
    for one in (plain, shop):
        before = points(staff)
        [read] = await one.read_variants([there.id])
        spent.append(points(staff) - before)
        assert read.values.get("lead_days") == (21 if one is shop else None)
        assert ("landed_cost" in read.values) is (one is shop)
    assert spent[1] == spent[0] + 1, "what is not there costs nothing"
    [page] = [page async for page in shop.variants()]
    assert [each.values["lead_days"] for each in page if each.sku == "SHIRT-M"] == [21]
    await plain.aclose()


@pytest.mark.parametrize(("kind", "value"), [("number_integer", "2.5"), ("number_decimal", "soon")])
async def test_a_metafield_that_is_not_of_its_type_is_refused(
    staff: httpx.Client, shop: ShopifyStorefront, kind: str, value: str
) -> None:
    mug = (await by_sku(shop))["MUG"]
    field = {"namespace": "$app:trueup", "key": "lead_days", "type": kind, "value": value}
    rows = [{"id": mug.id, "metafields": [field]}]
    body = {"query": operation("update_variants"), "variables": {"product": mug.product, "variants": rows}}
    said = sent(staff, body)
    [error] = said["data"]["productVariantsBulkUpdate"]["userErrors"]
    assert error["code"] == "INVALID_VALUE" and error["field"][-1] == "value"


def test_an_input_names_the_given_fields_alone() -> None:
    for name in SYNCED:
        assert (
            item_input({name: VALUES[name]})
            if FIELDS[name].home == "item"
            else variant_input({name: VALUES[name]})
        )
    whole = variant_input(VALUES)
    assert whole.keys() == {"price", "compareAtPrice", "barcode", "inventoryItem", "metafields"}
    assert {
        (kept["namespace"], kept["key"], kept["type"], kept["value"]) for kept in whole["metafields"]
    } == {
        ("$app:trueup", "supplier", "single_line_text_field", "Kiln & Co"),
        ("$app:trueup", "supplier_sku", "single_line_text_field", "K-77"),
        ("$app:trueup", "purchase_price", "number_decimal", "3.0375"),
        ("$app:trueup", "purchase_currency", "single_line_text_field", "EUR"),
        ("$app:trueup", "minimum_order", "number_integer", "12"),
        ("$app:trueup", "lead_days", "number_integer", "21"),
        ("$app:trueup", "landed_cost", "number_decimal", "4.81"),
    }
    assert whole["inventoryItem"]["measurement"] == {"weight": {"value": 350.0, "unit": "GRAMS"}}
    assert whole["inventoryItem"].keys() == {
        "sku", "cost", "countryCodeOfOrigin", "harmonizedSystemCode", "tracked", "measurement",
    }  # fmt: skip


def test_no_operation_touches_products_that_are_there_but_the_two() -> None:
    """List-replacing ones would wipe out what is not named in them; the one that makes a product touches no other."""
    sent = " ".join(operation(name) for name in names())
    for word in (
        "productSet",
        "productUpdate",
        "productDelete",
        "productPublish",
        "tagsAdd",
        "metafieldsSet",
    ):
        assert word not in sent
    assert [name for name in names() if "productCreate" in operation(name)] == ["make_draft"]


async def test_products_leave_the_greater_half_of_the_allowance_to_stock() -> None:
    clock = StillClock()
    pacer = Pacer(clock)
    pacer.learn("x", 10, Throttle(2000, 1200, 100))
    await pacer.take(150, leave=0.5)
    assert clock.slept == []
    pacer.give_back(150)
    await pacer.take(100, leave=0.5)
    assert clock.slept == [pytest.approx(0.5)]
    pacer.give_back(100)
    clock.slept.clear()
    await pacer.take(1000)
    assert clock.slept == [], "stock finds what was left"

"""Price lists of markets read and written against the sandbox, which refuses what Shopify refuses."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

import httpx
import pytest

from adapters.shopify.operations import operation
from adapters.shopify.price_lists import price_input
from adapters.shopify.sandbox import SandboxSku, ShopSandbox, start
from adapters.shopify.sandbox.price_lists import edit_price, open_market
from adapters.shopify.storefront import ShopifyStorefront
from engine.model.clock import SystemClock
from engine.model.failure import TryLater
from engine.model.product import ShopVariant, VariantId
from engine.products.guard import AllowedPrice, allow_price
from engine.products.ownership import BACK_OFFICE, Rule, ownership

SKUS = [SandboxSku(f"S{number}", f"Thing {number}", "10.00") for number in range(60)]
MARKETS = ("EU", "United Kingdom", "Japan", "Canada")
RULES = ownership([Rule(frozenset({"price", "compare_at_price"}), BACK_OFFICE, markets=frozenset(MARKETS))])


@pytest.fixture
def sandbox() -> Iterator[ShopSandbox]:
    running = start(seed=3, skus=SKUS, locations=["North"], stock={})
    for market, currency in zip(MARKETS, ("EUR", "GBP", "JPY", "CAD"), strict=True):
        open_market(running.shop, {"name": market, "currency": currency, "handle": f"m-{currency.lower()}"})
    yield running
    running.stop()


@pytest.fixture
async def shop(sandbox: ShopSandbox) -> AsyncIterator[ShopifyStorefront]:
    front = ShopifyStorefront(sandbox.url, api_version="2026-10", token="shpat_sandbox", clock=SystemClock())
    yield front
    await front.aclose()


async def variants(shop: ShopifyStorefront) -> list[ShopVariant]:
    return [each async for page in shop.variants() for each in page]


def price(
    variant: ShopVariant, market: str, currency: str, amount: str, before: str | None = None
) -> AllowedPrice:
    new = {f"price@{market}": Decimal(amount), f"compare_at_price@{market}": before and Decimal(before)}
    return allow_price(RULES, "main", variant, market, currency, new)  # type: ignore[arg-type]


def taken_out(variant: ShopVariant, market: str, currency: str) -> AllowedPrice:
    return allow_price(RULES, "main", variant, market, currency, {f"price@{market}": None})


def calls(sandbox: ShopSandbox) -> int:
    return int(httpx.get(f"{sandbox.url}/_control/state", trust_env=False).json()["api"]["calls"])


async def test_a_market_is_known_by_name_and_by_handle_and_read_with_all_others_in_one_call(
    sandbox: ShopSandbox, shop: ShopifyStorefront
) -> None:
    found = await variants(shop)
    edit_price(
        sandbox.shop, sandbox.shop.article("S3"), {"market": "EU", "price": "9.5", "compare_at_price": "12"}
    )
    edit_price(sandbox.shop, sandbox.shop.article("S3"), {"market": "Japan", "price": "1200"})
    ids = {each.id for each in found[:25]}
    asked = ["eu", "m-eur", "united-kingdom", "japan", "m-cad", "mars"]
    told = await shop.read_prices(asked, ids)
    assert told.currencies == {
        "eu": "EUR", "m-eur": "EUR", "united-kingdom": "GBP", "japan": "JPY", "m-cad": "CAD",
    }  # fmt: skip
    assert list(told.missing) == ["mars"] and "no market of this name" in told.missing["mars"]
    [values] = told.values.values()
    assert values["price@japan"] == Decimal("1200.00") and values["compare_at_price@japan"] is None
    before = calls(sandbox)
    again = await shop.read_prices(["eu", "japan"], ids)
    assert calls(sandbox) == before + 1
    assert again.values[next(each.id for each in found if each.sku == "S3")] == {
        "price@eu": Decimal("9.50"), "compare_at_price@eu": Decimal("12.00"),
        "price@japan": Decimal("1200.00"), "compare_at_price@japan": None,
    }  # fmt: skip
    every = await shop.read_prices(["eu"], [each.id for each in found])
    assert len(every.values) == 1 and calls(sandbox) == before + 3, "sixty variants are two searches"


async def test_a_fixed_price_is_written_whole_and_said_twice_it_is_the_same(
    sandbox: ShopSandbox, shop: ShopifyStorefront
) -> None:
    one, two, *_ = await variants(shop)
    writes = [price(one, "eu", "EUR", "9.5", "12"), price(two, "eu", "EUR", "8")]
    for _ in range(2):
        assert await shop.write_prices(writes) == ()
    told = (await shop.read_prices(["eu"], [one.id, two.id])).values
    assert told[one.id]["compare_at_price@eu"] == Decimal("12.00")
    assert told[two.id] == {"price@eu": Decimal("8.00"), "compare_at_price@eu": None}
    assert await shop.write_prices([price(one, "eu", "EUR", "9.5")]) == ()
    assert (await shop.read_prices(["eu"], [one.id])).values[one.id]["compare_at_price@eu"] is None
    assert "compareAtPrice" not in price_input(price(one, "eu", "EUR", "9.5"))
    assert await shop.write_prices([]) == ()


async def test_a_variant_that_is_gone_is_blamed_and_nothing_of_the_call_is_written(
    shop: ShopifyStorefront,
) -> None:
    one, two, *_ = await variants(shop)
    gone = replace(two, id=VariantId("gid://shopify/ProductVariant/999999999"))
    [refusal] = await shop.write_prices([price(one, "eu", "EUR", "9"), price(gone, "eu", "EUR", "9")])
    assert (refusal.variant, refusal.code) == (gone.id, "VARIANT_NOT_FOUND")
    assert (await shop.read_prices(["eu"], [one.id])).values == {}


async def test_another_currency_is_never_sent_and_a_list_that_changed_is_looked_up_anew(
    sandbox: ShopSandbox, shop: ShopifyStorefront
) -> None:
    one, *_ = await variants(shop)
    with pytest.raises(TryLater):
        await shop.write_prices([price(one, "eu", "USD", "9")])
    assert "priceListFixedPricesAdd" not in sandbox.shop.mutations
    prices = next(each for each in sandbox.shop.price_lists.values() if each.currency == "EUR")
    prices.currency = "DKK"
    [refusal] = await shop.write_prices([price(one, "eu", "EUR", "9")])
    assert refusal.code == "PRICE_LIST_CURRENCY_MISMATCH" and not prices.fixed
    assert (await shop.read_prices(["eu"], [one.id])).currencies == {"eu": "DKK"}
    del sandbox.shop.price_lists[prices.number]
    with pytest.raises(TryLater):
        await shop.read_prices(["eu"], [one.id])


async def test_fixed_prices_are_taken_out_all_or_none_and_one_that_is_gone_is_looked_at_again(
    sandbox: ShopSandbox, shop: ShopifyStorefront
) -> None:
    one, two, three, *_ = await variants(shop)
    await shop.write_prices([price(each, "eu", "EUR", "9") for each in (one, two, three)])
    gone = [taken_out(each, "eu", "EUR") for each in (one, two)]
    assert await shop.write_prices(gone) == ()
    assert list((await shop.read_prices(["eu"], [one.id, two.id, three.id])).values) == [three.id]
    with pytest.raises(TryLater, match="not there any more"):
        await shop.write_prices([taken_out(three, "eu", "EUR"), *gone])
    assert list((await shop.read_prices(["eu"], [three.id])).values) == [three.id], (
        "nothing of the call was done"
    )
    strange = replace(three, id=VariantId("gid://shopify/ProductVariant/999999999"))
    [refusal] = await shop.write_prices([taken_out(three, "eu", "EUR"), taken_out(strange, "eu", "EUR")])
    assert (refusal.variant, refusal.code) == (strange.id, "VARIANT_NOT_FOUND")
    with pytest.raises(ValueError, match="written or to be taken out"):
        await shop.write_prices([price(one, "eu", "EUR", "9"), taken_out(three, "eu", "EUR")])
    said = posted(sandbox, "remove_prices", {"list": "gid://shopify/PriceList/1", "variants": [three.id]})
    [error] = said["data"]["priceListFixedPricesDelete"]["userErrors"]
    assert (error["code"], error["field"]) == ("PRICE_LIST_NOT_FOUND", ["priceListId"])
    said = posted(
        sandbox, "remove_prices", {"list": "gid://shopify/PriceList/1", "variants": [three.id] * 251}
    )
    assert said["errors"][0]["extensions"]["code"] == "MAX_INPUT_SIZE_EXCEEDED"


async def test_what_shopify_bounds_is_bounded(sandbox: ShopSandbox, shop: ShopifyStorefront) -> None:
    one, two, *_ = await variants(shop)
    with pytest.raises(ValueError, match="250"):
        await shop.write_prices([price(one, "eu", "EUR", "9")] * 251)
    with pytest.raises(ValueError, match="one market"):
        await shop.write_prices([price(one, "eu", "EUR", "9"), price(two, "japan", "JPY", "9")])
    said = sent(sandbox, [input_of(one, "EUR", "9")] * 251)
    assert said["errors"][0]["extensions"]["code"] == "MAX_INPUT_SIZE_EXCEEDED"
    said = sent(sandbox, [input_of(one, "EUR", "9")], "gid://shopify/PriceList/1")
    [error] = said["data"]["priceListFixedPricesAdd"]["userErrors"]
    assert (error["code"], error["field"]) == ("PRICE_LIST_NOT_FOUND", ["priceListId"])
    said = sent(sandbox, [input_of(one, "USD", "9"), input_of(one, "EUR", "-1")])
    errors = said["data"]["priceListFixedPricesAdd"]["userErrors"]
    assert [error["field"] for error in errors] == [
        ["prices", "0", "price", "currencyCode"], ["prices", "1", "price", "amount"],
    ]  # fmt: skip


def input_of(variant: ShopVariant, currency: str, amount: str) -> dict[str, Any]:
    return {"variantId": variant.id, "price": {"amount": amount, "currencyCode": currency}}


def sent(sandbox: ShopSandbox, prices: list[dict[str, Any]], into: str = "") -> dict[str, Any]:
    """The mutation as another app might send it."""
    eu = next(each.gid for each in sandbox.shop.price_lists.values() if each.currency == "EUR")
    return posted(sandbox, "add_prices", {"list": into or eu, "prices": prices})


def posted(sandbox: ShopSandbox, name: str, variables: dict[str, Any]) -> dict[str, Any]:
    body = {"query": operation(name), "variables": variables}
    reply = httpx.post(
        f"{sandbox.url}/admin/api/2026-10/graphql.json", json=body, trust_env=False,
        headers={"X-Shopify-Access-Token": "shpat_sandbox"},
    )  # fmt: skip
    found: dict[str, Any] = reply.json()
    return found

"""A market's price that the back office has no more is taken out of the price list, and only then."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from engine.flows.product_plan import ProductPlans
from engine.products.ownership import BACK_OFFICE, Policy, Rule, ownership
from engine.store.queries.plans import read_plan
from tests.products.ground import Ground, ground
from tests.products.test_market_prices import EU, PRICE, SKUS, eu


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[Ground]:
    """Both have a price of the EU; MUG a compare-at price too."""
    async with ground(tmp_path, SKUS, rules=eu()) as opened:
        await opened.market("EU", currency="EUR", rate="0.9")
        await opened.article("MUG", price="10", price_eu="9.50", compare_at_price_eu="12")
        await opened.article("CUP", price="8", price_eu="7")
        await opened.adopted()
        yield opened


async def made(here: Ground) -> dict[str, Any]:
    found: dict[str, Any] = (await here.api())["mutations"]
    return found


async def test_what_the_back_office_has_no_more_costs_what_follows_from_the_shops_own_price(
    here: Ground,
) -> None:
    await here.article("CUP", price_eu=None)
    await here.article("MUG", price_eu="9.80")
    await here.settle()
    assert await here.fixed("CUP") == {}
    assert await here.fixed("MUG") == {"EU": {"price": "9.80", "compare_at_price": "12.00"}}
    assert await made(here) == {"priceListFixedPricesAdd": 2, "priceListFixedPricesDelete": 1}
    here.site.rhythm = type(here.site.rhythm)()
    await here.settle()
    assert (await made(here))["priceListFixedPricesDelete"] == 1, "what is gone is not taken out again"
    await here.article("CUP", price_eu="6")
    await here.settle()
    assert await here.fixed("CUP") == {"EU": {"price": "6.00", "compare_at_price": None}}
    assert await here.conflicts() == []


async def test_a_compare_at_price_that_would_go_with_it_stops_it(here: Ground) -> None:
    await here.article("MUG", price_eu=None)
    await here.settle()
    assert (await here.fixed("MUG"))["EU"]["price"] == "9.50"
    [held] = await here.conflicts()
    assert (held.field, held.state) == ("price@eu", "invalid") and "keeps no compare_at_price@eu" in held.note
    await here.article("MUG", compare_at_price_eu=None)
    await here.settle()
    assert await here.fixed("MUG") == {} and await here.conflicts() == []


async def test_the_storefronts_compare_at_price_is_never_taken_out_with_it(tmp_path: Path) -> None:
    async with ground(tmp_path, SKUS, rules=eu(fields=PRICE)) as here:
        await here.market("EU", currency="EUR")
        await here.article("MUG", price="10", price_eu="9.50")
        await here.adopted()
        await here.market("EU", sku="MUG", price="9.50", compare_at_price="15")
        await here.article("MUG", price_eu=None)
        await here.settle()
        assert await here.fixed("MUG") == {"EU": {"price": "9.50", "compare_at_price": "15.00"}}
        assert [each.state for each in await here.conflicts()] == ["invalid"]


@pytest.mark.parametrize("policy", [Policy.WRITE_ONCE, Policy.FILL_IF_EMPTY, Policy.ALERT_ONLY])
async def test_no_other_policy_takes_one_out(tmp_path: Path, policy: Policy) -> None:
    once = ownership([Rule(PRICE, BACK_OFFICE, policy, markets=EU)])
    async with ground(tmp_path, SKUS, rules=once) as here:
        await here.market("EU", currency="EUR")
        await here.market("EU", sku="MUG", price="9.50")
        await here.article("MUG", price="10", price_eu="9.50")
        await here.adopted()
        await here.article("MUG", price_eu=None)
        await here.settle()
        assert (await here.fixed("MUG"))["EU"]["price"] == "9.50"
        assert "priceListFixedPricesDelete" not in await made(here)


async def test_one_that_was_never_the_back_offices_stays(tmp_path: Path) -> None:
    async with ground(tmp_path, SKUS, rules=eu()) as here:
        await here.market("EU", currency="EUR")
        await here.market("EU", sku="MUG", price="9.00")
        await here.article("MUG", price="10")
        await here.adopted()
        assert (await here.fixed("MUG"))["EU"]["price"] == "9.00" and await made(here) == {}


async def test_an_edit_in_the_shop_meanwhile_is_a_conflict_and_a_person_may_want_it_gone(
    here: Ground,
) -> None:
    await here.market("EU", sku="CUP", price="5.00")
    await here.article("CUP", price_eu=None)
    await here.settle()
    [conflict] = await here.conflicts()
    assert (conflict.field, conflict.office, conflict.shop) == ("price@eu", None, "5.00")
    assert (await here.fixed("CUP"))["EU"]["price"] == "5.00"
    assert await here.decide("CUP", "price@eu", "restore")
    assert await here.fixed("CUP") == {} and await here.conflicts() == []


async def test_a_lost_answer_takes_nothing_out_twice(here: Ground) -> None:
    await here.article("CUP", price_eu=None)
    await here.trouble(mode="apply_then_timeout", op="priceListFixedPricesDelete", seconds=0.1, count=1)
    await here.settle()
    await here.trouble(mode="none")
    assert await here.fixed("CUP") == {}
    await here.article("CUP", price="8")
    await here.settle()
    assert (await made(here))["priceListFixedPricesDelete"] == 1 and await here.conflicts() == []


async def test_a_plan_names_it_and_takes_out_exactly_that(here: Ground) -> None:
    await here.article("CUP", price_eu=None)
    number = await ProductPlans(here.site).make("tester")
    plan = await here.store.read(read_plan, number)
    assert plan is not None
    [row] = [row for row in plan.fields if row.state == "planned"]
    assert (row.sku, row.field, row.before, row.after) == ("CUP", "price@eu", "7.00", None)
    await ProductPlans(here.site).run(plan, "tester", None)
    done = await here.store.read(read_plan, number)
    assert done is not None and [(each.state, each.note) for each in done.fields] == [("applied", "")]
    assert await here.fixed("CUP") == {} and "EU" in await here.fixed("MUG")

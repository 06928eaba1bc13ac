"""Prices of markets: the back office's go into the price list of the market's catalogue, and nobody else's do."""

from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import Connection, select

from adapters.shopify.sandbox import SandboxSku
from engine.flows.adopting import compared
from engine.flows.product_looking import look
from engine.flows.product_plan import ProductPlans
from engine.model.failure import Refused
from engine.model.ids import Sku
from engine.products.checking import findings
from engine.products.guard import AllowedPrice, allow, allow_price
from engine.products.ownership import BACK_OFFICE, STOREFRONT, Ownership, Policy, Rule, Scope, ownership
from engine.store.queries.plans import read_plan
from engine.store.queries.products import links
from engine.store.tables import product_link
from engine.store.verbs.products import mark_skus
from tests.products.ground import Ground, ground
from tests.products.made import variant

SKUS = [SandboxSku("MUG", "Mug", "10.00"), SandboxSku("CUP", "Cup", "8.00")]
BOTH, PRICE = frozenset({"price", "compare_at_price"}), frozenset({"price"})
EU = frozenset({"EU"})


def eu(policy: Policy = Policy.MIRROR, fields: frozenset[str] = BOTH) -> Ownership:
    """The back office's prices go to the EU."""
    return ownership([Rule(fields, BACK_OFFICE, policy, markets=EU)])


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[Ground]:
    async with ground(tmp_path, SKUS, rules=eu()) as opened:
        await opened.market("EU", currency="EUR", rate="0.9")
        await opened.article("MUG", price="10", price_eu="9.50", compare_at_price_eu="12")
        await opened.article("CUP", price="8")
        yield opened


async def test_a_market_gets_its_own_price_in_one_call_and_the_shops_own_stays(here: Ground) -> None:
    await here.adopted()
    assert await here.fixed("MUG") == {"EU": {"price": "9.50", "compare_at_price": "12.00"}}
    assert await here.fixed("CUP") == {}, "the back office has none for it"
    assert (await here.rows())["MUG"]["price"] == "10.00"
    assert (await here.api())["mutations"] == {"priceListFixedPricesAdd": 1}
    await here.article("MUG", price="11", price_eu="9.80")
    await here.article("CUP", price_eu="7")
    await here.settle()
    assert await here.fixed("MUG") == {"EU": {"price": "9.80", "compare_at_price": "12.00"}}
    assert await here.fixed("CUP") == {"EU": {"price": "7.00", "compare_at_price": None}}
    made = (await here.api())["mutations"]
    assert made == {"productVariantsBulkUpdate": 1, "priceListFixedPricesAdd": 2}
    await here.article("MUG", compare_at_price_eu=None)
    await here.settle()
    assert await here.fixed("MUG") == {"EU": {"price": "9.80", "compare_at_price": None}}
    here.site.rhythm = type(here.site.rhythm)()
    await here.settle()
    assert (await here.api())["mutations"]["priceListFixedPricesAdd"] == 3, (
        "what is the same is not said again"
    )


async def test_without_a_rule_that_names_the_market_its_price_list_is_nobodys(tmp_path: Path) -> None:
    general = ownership([Rule(BOTH, BACK_OFFICE, Policy.FILL_IF_EMPTY)])
    async with ground(tmp_path, SKUS, rules=general) as here:
        await here.market("EU", currency="EUR")
        await here.article("MUG", price="11", price_eu="9.50")
        await here.adopted()
        assert await here.fixed("MUG") == {} and not await here.mutations()


async def test_an_edit_of_the_list_is_a_conflict_until_a_person_decides(here: Ground) -> None:
    await here.adopted()
    await here.market("EU", sku="MUG", price="5.00", compare_at_price="12")
    here.site.rhythm = type(here.site.rhythm)()
    await here.article("MUG", price_eu="9.90")
    await here.settle()
    [conflict] = await here.conflicts()
    assert (conflict.field, conflict.office, conflict.shop) == ("price@eu", "9.90", "5.00")
    assert conflict.rule == "back_office mirror (market:eu)"
    assert (await here.fixed("MUG"))["EU"]["price"] == "5.00"
    assert await here.decide("MUG", "price@eu", "restore")
    assert (await here.fixed("MUG"))["EU"] == {"price": "9.90", "compare_at_price": "12.00"}
    assert await here.conflicts() == []


@pytest.mark.parametrize(
    ("policy", "first", "then"),
    [
        (Policy.WRITE_ONCE, "9.50", "9.50"),
        (Policy.FILL_IF_EMPTY, "9.50", "9.50"),
        (Policy.ALERT_ONLY, None, None),
    ],
)
async def test_the_other_policies_hold_in_a_market_too(
    tmp_path: Path, policy: Policy, first: str | None, then: str | None
) -> None:
    async with ground(tmp_path, SKUS, rules=eu(policy)) as here:
        await here.market("EU", currency="EUR")
        for price, wanted in (("9.50", first), ("9.90", then)):
            await here.article("MUG", price="10", price_eu=price)
            await here.adopted()
            assert (await here.fixed("MUG")).get("EU", {}).get("price") == wanted
        told = [(each.field, each.state) for each in await here.conflicts()]
        assert told == ([("price@eu", "alert")] if policy is Policy.ALERT_ONLY else [])


async def test_a_price_is_not_written_where_it_would_take_the_shops_compare_at_price_with_it(
    tmp_path: Path,
) -> None:
    async with ground(tmp_path, SKUS, rules=eu(fields=PRICE)) as here:
        await here.market("EU", currency="EUR")
        await here.market("EU", sku="MUG", price="9.00", compare_at_price="15")
        await here.article("MUG", price="10", price_eu="9.50")
        await here.article("CUP", price="8", price_eu="7")
        await here.adopted()
        assert await here.fixed("MUG") == {"EU": {"price": "9.00", "compare_at_price": "15.00"}}
        assert (await here.fixed("CUP"))["EU"]["price"] == "7.00"
        [held] = await here.conflicts()
        assert (held.field, held.state) == (
            "price@eu",
            "invalid",
        ) and "replaces a fixed price whole" in held.note
        await here.market("EU", sku="MUG", price="9.00")
        await here.article("MUG", price_eu="9.60")
        await here.settle()
        assert (await here.fixed("MUG"))["EU"] == {"price": "9.60", "compare_at_price": None}


async def test_a_compare_at_price_waits_for_a_price(tmp_path: Path) -> None:
    async with ground(tmp_path, SKUS, rules=eu()) as here:
        await here.market("EU", currency="EUR")
        await here.article("MUG", price="10", compare_at_price_eu="12")
        await here.adopted()
        [held] = await here.conflicts()
        assert held.field == "compare_at_price@eu" and "waits for a price" in held.note
        await here.article("MUG", price_eu="9.50")
        await here.settle()
        assert await here.fixed("MUG") == {"EU": {"price": "9.50", "compare_at_price": "12.00"}}
        assert await here.conflicts() == []


@pytest.mark.parametrize(
    ("opened", "why"),
    [
        ({}, "no market of this name"), ({"name": "EU"}, "no market of this name"),
        ({"name": "EU", "currency": "CHF"}, "in EUR, its price list is in CHF"),
        ({"name": "EU", "currency": "EUR", "status": "ARCHIVED"}, "no market of this name"),
    ],
)  # fmt: skip
async def test_a_market_that_cannot_be_priced_is_one_alert_and_stops_nothing_else(
    tmp_path: Path, opened: dict[str, str], why: str
) -> None:
    async with ground(tmp_path, SKUS, rules=eu()) as here:
        if opened:
            await here.market(**opened)
        await here.article("MUG", price="11", price_eu="9.50")
        await here.adopted()
        assert (await here.rows())["MUG"]["price"] == "11.00"
        [(cause, remedy)] = await here.alarms()
        assert why in cause and "catalogue of that market" in remedy
        assert await here.conflicts() == [] and await here.fixed("MUG") == {}
        [row] = [each for each in await compared(here.site, "MUG") if each.field == "price@eu"]
        assert row.result == "invalid" and why in row.office


async def test_a_list_that_several_markets_share_is_left_alone(tmp_path: Path) -> None:
    async with ground(tmp_path, SKUS, rules=eu()) as here:
        await here.market("EU", currency="EUR")
        await here.market("Norway", of="EU")
        await here.article("MUG", price="10", price_eu="9.50")
        await here.adopted()
        [(cause, _)] = await here.alarms()
        assert "shares its price list" in cause and await here.fixed("MUG") == {}


async def test_a_lost_answer_costs_no_second_write_and_loses_nothing(here: Ground) -> None:
    await here.adopted()
    await here.article("MUG", price="12", price_eu="9.90")
    await here.trouble(mode="apply_then_timeout", op="priceListFixedPricesAdd", seconds=0.1, count=1)
    await here.settle()
    await here.trouble(mode="none")
    assert (await here.rows())["MUG"]["price"] == "12.00"
    assert await here.store.read(_due, "MUG") is not None, "what has no answer is looked at again"
    made = (await here.api())["mutations"]
    await here.store.write(mark_skus, "main", [Sku("MUG")], "test", here.site.now())
    await here.settle()
    assert (await here.api())["mutations"] == made and await here.conflicts() == []
    assert (await here.fields("MUG"))["price@eu"].shop == "9.90"
    assert await here.store.read(_due, "MUG") is None


async def test_a_list_that_changed_its_currency_meanwhile_gets_nothing_and_the_variants_own_price_goes_through(
    here: Ground,
) -> None:
    await here.adopted()
    [prices] = here.sandbox.shop.price_lists.values()
    await here.article("MUG", price="12", price_eu="9.90")
    await here.catalogue.articles()
    looks, _ = await look(here.site, await here.store.read(links, "main", ["MUG"]), {})
    prices.currency = "CHF"  # between our reading and our writing
    await here.products.write(looks)
    await here.deliver.round()
    await here.deliver.drain(10.0)
    assert (await here.rows())["MUG"]["price"] == "12.00"
    assert (await here.fixed("MUG"))["EU"]["price"] == "9.50"
    assert "in EUR, its price list is in CHF" in (await here.alarms())[0][0]
    prices.currency = "EUR"
    for _ in range(2):  # the first look finds out that the list is another one by now
        await here.store.write(mark_skus, "main", [Sku("MUG")], "test", here.site.now())
        await here.settle()
    assert (await here.fixed("MUG"))["EU"]["price"] == "9.90" and await here.alarms() == []


async def test_without_the_scope_for_markets_an_alert_says_so(tmp_path: Path) -> None:
    async with ground(tmp_path, SKUS, rules=eu()) as here:
        await here.market("EU", currency="EUR")
        await here.deny("read_markets")
        await here.article("MUG", price="11", price_eu="9.50")
        await here.adopted()
        assert any("read_markets" in cause for cause, _ in await here.alarms())
        await here.deny()
        await here.store.write(mark_skus, "main", [Sku("MUG")], "test", here.site.now())
        await here.settle()
        assert await here.alarms() == [] and (await here.fixed("MUG"))["EU"]["price"] == "9.50"


async def test_a_plan_shows_a_markets_price_and_writes_exactly_its_rows(here: Ground) -> None:
    await here.adopt_all()
    number = await ProductPlans(here.site).make("tester")
    plan = await here.store.read(read_plan, number)
    assert plan is not None
    rows = {(row.sku, row.field): (row.before, row.after) for row in plan.fields if row.state == "planned"}
    assert rows == {
        ("MUG", "price@eu"): (None, "9.50"), ("MUG", "compare_at_price@eu"): (None, "12.00"),
    }  # fmt: skip
    await ProductPlans(here.site).run(plan, "tester", None)
    assert await here.fixed("MUG") == {"EU": {"price": "9.50", "compare_at_price": "12.00"}}


def test_only_rules_that_name_a_market_reach_its_price_list() -> None:
    rules, scope = eu(), Scope("main")
    assert rules.markets("main") == ("eu",) and rules.may_write("price@eu", scope)
    assert not rules.may_write("price@us", scope) and ownership().markets("main") == ()
    here = variant("MUG", values={"price@eu": Decimal("9.00"), "compare_at_price@eu": None})
    sent = allow_price(rules, "main", here, "eu", "EUR", {"price@eu": Decimal("9.50")})
    assert (sent.price, sent.compare_at, dict(sent.values)) == (
        Decimal("9.50"),
        None,
        {"price@eu": Decimal("9.50")},
    )
    for market, name in (
        ("us", "price@us"),
        ("eu", "price"),
        ("eu", "price@us"),
        ("us", "price@eu"),
        ("eu", "title@eu"),
    ):
        with pytest.raises(Refused):
            allow_price(rules, "main", here, market, "EUR", {name: Decimal(1)})
    with pytest.raises(Refused):
        allow(rules, "main", here, {"price@eu": Decimal(1)})
    with pytest.raises(TypeError):
        AllowedPrice(here.id, "eu", "EUR", Decimal(1), None, {})
    with pytest.raises(TypeError):
        sent.values["compare_at_price@eu"] = None  # type: ignore[index]


def test_rules_for_markets_are_checked_before_the_first_price() -> None:
    named = Rule(BOTH, BACK_OFFICE, markets=frozenset({"United Kingdom"}))
    [wrong] = findings([named], {"price", "compare_at_price", "price@united-kingdom"})
    assert "compare_at_price@united-kingdom" in wrong.cause
    assert not findings([named], {"price@united-kingdom", "compare_at_price@united-kingdom"})
    other = Rule(PRICE, BACK_OFFICE, Policy.WRITE_ONCE, tags=frozenset({"Sale"}))
    assert not findings([named, other]), "a rule of the shop's own price does not speak of a market's"
    kept = Rule(PRICE, STOREFRONT, tags=frozenset({"Sale"}))
    assert "two owners" in findings([named, kept])[0].cause, "who leaves a tag alone means its markets too"
    assert "without a name" in findings([Rule(PRICE, BACK_OFFICE, markets=frozenset({" "}))])[0].cause


def _due(tx: Connection, sku: str) -> object:
    return tx.execute(select(product_link.c.due_at).where(product_link.c.sku == sku)).scalar_one()

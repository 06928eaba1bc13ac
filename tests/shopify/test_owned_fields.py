"""Every operation TrueUp can perform, under any rules: the shop receives owned fields and no other."""

from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass, replace
from itertools import count
from typing import Any

import httpx
import pytest
from graphql import FieldNode, OperationDefinitionNode, parse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.shopify.operations import names, operation
from adapters.shopify.sandbox import SandboxSku, ShopSandbox, start
from adapters.shopify.sandbox.price_lists import edit_price, open_market
from adapters.shopify.sandbox.state import product_rows
from adapters.shopify.storefront import ShopifyStorefront
from engine.model.clock import SystemClock
from engine.model.failure import Refused
from engine.model.ids import LocationId, OrderId, Sku
from engine.model.product import OfficeProduct, ShopVariant
from engine.model.sale import Parcel
from engine.model.stock import LevelWrite, ShopLevel
from engine.products.fields import FIELDS, MARKETED, at_market
from engine.products.guard import allow, allow_price, born, born_into, scope_of, writable
from engine.products.ownership import Ownership, Rule, Scope, ownership
from tests.products.made import ALL_OURS, VALUES, rule_sets
from tests.products.owned import BORN_WITH, FIELD_OF, IN_MARKETS, written

SKUS = [
    SandboxSku("SHIRT-S", "S", "20.00", product="Shirt"), SandboxSku("SHIRT-M", "M", "20.00", product="Shirt"),
    SandboxSku("MUG", "Mug", "10.00"),
]  # fmt: skip
MARKETS = {"EU": "EUR", "US": "USD"}
TURNS = count()


@dataclass
class There:
    """A shop as an app and its staff know it."""

    sandbox: ShopSandbox
    shop: ShopifyStorefront
    staff: httpx.AsyncClient

    def told(self) -> dict[str, Counter[str]]:
        """The shop's log of what it received."""
        return {root: Counter(paths) for root, paths in self.sandbox.shop.received.items()}

    def content(self) -> list[Any]:
        """What the content team owns, of every product."""
        return [each["content"] for each in product_rows(self.sandbox.shop)]

    async def variants(self) -> dict[str, ShopVariant]:
        """By SKU."""
        return {each.sku: each async for page in self.shop.variants() for each in page}

    async def level(self) -> ShopLevel:
        """A level that can be written."""
        return next(each for each in [one async for page in self.shop.levels() for one in page])

    async def bought(self) -> OrderId:
        """An order that waits to be sent."""
        asked = {"lines": [{"sku": "MUG", "quantity": 2}], "tags": ["gift"]}
        reply = await self.staff.post("/_control/checkout", json=asked)
        assert reply.status_code == 200, reply.text
        return OrderId(reply.json()["id"])

    def key(self) -> str:
        """One nothing has had."""
        return f"key-{next(TURNS)}"


@pytest.fixture(scope="module")
def sandbox() -> Iterator[ShopSandbox]:
    stock = {(each.sku, 0): 10_000 for each in SKUS}
    running = start(
        seed=3, skus=SKUS, locations=["North", "South"], stock=stock, unstocked=[(each.sku, 1) for each in SKUS]
    )  # fmt: skip
    for market, currency in MARKETS.items():
        open_market(running.shop, {"name": market, "currency": currency})
    yield running
    running.stop()


@pytest.fixture
async def there(sandbox: ShopSandbox) -> AsyncIterator[There]:
    front = ShopifyStorefront(
        sandbox.url, api_version="2026-10", token="shpat_sandbox", clock=SystemClock(), facts=True
    )
    async with httpx.AsyncClient(base_url=sandbox.url, trust_env=False) as staff:
        yield There(sandbox, front, staff)
    await front.aclose()


async def fields(there: There, rules: Ownership, wanted: set[str], sku: str) -> None:
    """As the flow of products does: through the guard."""
    variant = (await there.variants())[sku]
    changes = {name: VALUES.get(name) for name in wanted if name != "sku"}
    try:
        await there.shop.write_variants([allow(rules, "main", variant, changes)])
    except Refused:
        allowed = {name for name in FIELDS if writable(rules, name, scope_of("main", variant))}
        assert not changes.keys() <= allowed


async def products(there: There, rules: Ownership, wanted: set[str]) -> None:
    await fields(there, rules, wanted, "SHIRT-S")


async def item(there: There, rules: Ownership, wanted: set[str]) -> None:
    await fields(there, rules, wanted & {"cost", "weight", "origin", "customs_code", "tracked"}, "SHIRT-M")


async def priced(there: There, rules: Ownership, wanted: set[str]) -> None:
    """Into the price list of every market."""
    variant = (await there.variants())["SHIRT-S"]
    for market, currency in MARKETS.items():
        key = market.lower()
        held = (await there.shop.read_prices([key], [variant.id])).values.get(variant.id, {})
        seen = replace(variant, values={**variant.values, **held})
        changes = {at_market(name, key): VALUES[name] for name in wanted if name in MARKETED}
        try:
            await there.shop.write_prices([allow_price(rules, "main", seen, key, currency, changes)])
        except Refused:
            whole = {at_market(name, key) for name in MARKETED}
            owned = {name for name in whole if writable(rules, name, scope_of("main", variant))}
            assert owned != whole or at_market("price", key) not in changes.keys() | held.keys()


async def unpriced(there: There, rules: Ownership, wanted: set[str]) -> None:
    """Out of the price list of every market, where staff had put a price."""
    variant = (await there.variants())["SHIRT-S"]
    for market, currency in MARKETS.items():
        staff = there.sandbox.shop
        edit_price(staff, staff.article("SHIRT-S"), {"market": market, "price": "5.00"})
        price = at_market("price", market.lower())
        held = (await there.shop.read_prices([market.lower()], [variant.id])).values[variant.id]
        seen = replace(variant, values={**variant.values, **held})
        try:
            await there.shop.write_prices(
                [allow_price(rules, "main", seen, market.lower(), currency, {price: None})]
            )
            assert not (await there.shop.read_prices([market.lower()], [variant.id])).values
        except Refused:
            assert not writable(rules, price, scope_of("main", variant))


async def drafted(there: There, rules: Ownership, wanted: set[str]) -> None:
    """Where a rule of the connection lets drafts be made, and where none does."""
    before = len(there.content())
    for allowed in (False, True):
        article = OfficeProduct(Sku(f"NEW-{there.key()}"), {}, title="Born")
        try:
            await there.shop.make_draft(born(rules, "main", article, allowed=allowed))
        except Refused:
            assert not allowed or not writable(rules, "sku", Scope("main"))
    sku = Sku(f"NEW-{there.key()}")
    for draft in (False, True):
        lead = OfficeProduct(sku, {}, title="Born", options={"Size": "S"})
        try:
            birth = born(rules, "main", lead, allowed=True)
            await there.shop.make_draft(birth)
            made_at = await there.shop.draft_at(birth.handle)
            assert made_at is not None
            other = OfficeProduct(Sku(f"{sku}-L"), {}, options={"Size": "L"})
            sibling = made_at.variants[0]
            await there.shop.make_variant(born_into(rules, "main", other, sibling, draft=draft, allowed=True))
        except Refused:
            assert not draft or not writable(rules, "sku", Scope("main"))
    made = [each for each in there.content()[before:] if (each["title"], each["status"]) != ("Born", "DRAFT")]
    assert not made


async def stock(there: There, rules: Ownership, wanted: set[str]) -> None:
    level = await there.level()
    write = LevelWrite(level.sku, level.item, level.location, level.on_hand + 1, level.on_hand)
    assert await there.shop.set_on_hand([write], key=there.key()) == ()


async def opened(there: There, rules: Ownership, wanted: set[str]) -> None:
    places = await there.shop.locations()
    mug = (await there.variants())["MUG"]
    await there.shop.activate(mug.item, LocationId(places[1].id), key=there.key())


async def sent(there: There, rules: Ownership, wanted: set[str]) -> None:
    order = await there.bought()
    [held] = (await there.shop.read_order(order)).fulfilment_orders  # type: ignore[union-attr]
    parcel = Parcel("1Z1", "UPS", "https://example.com/1Z1")
    await there.shop.fulfil(order, held.id, dict(held.lines), [parcel], key=there.key())


async def tracked(there: There, rules: Ownership, wanted: set[str]) -> None:
    order = await there.bought()
    [held] = (await there.shop.read_order(order)).fulfilment_orders  # type: ignore[union-attr]
    await there.shop.fulfil(order, held.id, dict(held.lines), key=there.key())
    [gone] = (await there.shop.read_order(order)).fulfilments  # type: ignore[union-attr]
    await there.shop.track(gone.id, [Parcel("1Z1", "UPS", "https://example.com/1Z1")])


async def moved(there: There, rules: Ownership, wanted: set[str]) -> None:
    await opened(there, rules, wanted)
    [held] = (await there.shop.read_order(await there.bought())).fulfilment_orders  # type: ignore[union-attr]
    other = next(each.id for each in await there.shop.locations() if each.id != held.location)
    some = dict.fromkeys(dict(held.lines), 1)
    await there.shop.move_fulfilment_order(held.id, LocationId(other), some, key=there.key())


async def cancelled(there: There, rules: Ownership, wanted: set[str]) -> None:
    await there.shop.cancel_order(await there.bought(), key=there.key())


async def listened(there: There, rules: Ownership, wanted: set[str]) -> None:
    await there.shop.subscribe("ORDERS_UPDATED", "http://127.0.0.1:9/webhooks/shopify/main")


async def exported(there: There, rules: Ownership, wanted: set[str]) -> None:
    async for _ in there.shop.export_levels():
        pass


Act = Callable[[There, Ownership, set[str]], Awaitable[None]]
ACTS: dict[str, Act] = {
    "productVariantsBulkUpdate": products, "priceListFixedPricesAdd": priced,
    "priceListFixedPricesDelete": unpriced, "productCreate": drafted, "productVariantsBulkCreate": drafted, "inventoryItemUpdate": item, "inventorySetQuantities": stock,
    "inventoryActivate": opened, "fulfillmentCreate": sent, "fulfillmentOrderMove": moved,
    "fulfillmentTrackingInfoUpdate": tracked, "orderCancel": cancelled,
    "webhookSubscriptionCreate": listened, "bulkOperationRunQuery": exported,
}  # fmt: skip
EXPORTS = "bulkOperationRunQuery"
"""Takes seconds and carries a query; it is performed once."""


def roots() -> set[str]:
    """Every mutation there is an operation for."""
    found = set()
    for name in names():
        for each in parse(operation(name)).definitions:
            if isinstance(each, OperationDefinitionNode) and each.operation.value == "mutation":
                found |= {
                    node.name.value for node in each.selection_set.selections if isinstance(node, FieldNode)
                }
    return found


def test_every_operation_that_writes_is_tried_here_and_has_its_table() -> None:
    assert roots() == ACTS.keys() == FIELD_OF.keys()


async def test_each_operation_sends_what_its_table_names(there: There) -> None:
    rules, begin, before = ALL_OURS, there.told(), there.content()
    for root, act in ACTS.items():
        await act(there, rules, set(VALUES))
        assert root in there.told(), root
    assert set(written(there.told(), begin)) == {
        *VALUES,
        *IN_MARKETS.values(),
        *BORN_WITH.values(),
        "quantities",
    }
    assert there.content()[: len(before)] == before


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rules=rule_sets(),
    acts=st.lists(st.sampled_from(sorted(ACTS.keys() - {EXPORTS})), min_size=1, max_size=3),
    wanted=st.sets(st.sampled_from(sorted(FIELDS)), min_size=1, max_size=5),
    tags=st.sets(st.sampled_from(["sale", "new", "old"]), max_size=2),
)  # fmt: skip
async def test_the_shop_receives_only_fields_that_the_rules_allow(
    there: There, rules: list[Rule], acts: list[str], wanted: set[str], tags: set[str]
) -> None:
    """Whatever the rules, the catalogue, and what is done in which order."""
    whole = ownership(rules)
    await there.staff.post("/_control/product", json={"sku": "SHIRT-S", "content": {"tags": sorted(tags)}})
    begin, before = there.told(), there.content()
    allowed = (
        {
            name
            for variant in (await there.variants()).values()
            for name in FIELDS
            if writable(whole, name, scope_of("main", variant))
        }
        | {
            IN_MARKETS[name]
            for variant in (await there.variants()).values()
            for name in MARKETED
            for market in MARKETS
            if writable(whole, at_market(name, market), scope_of("main", variant))
        }
        | ({*BORN_WITH.values()} if writable(whole, "sku", Scope("main")) else set())
    )
    for act in acts:
        await ACTS[act](there, whole, wanted)
    of_stock = (
        {"quantities"}
        if {"inventorySetQuantities", "inventoryActivate", "fulfillmentOrderMove"} & {*acts}
        else set()
    )
    fresh = set(written(there.told(), begin))
    assert fresh <= allowed | of_stock, (fresh - allowed, acts, [rule.text for rule in rules])
    assert there.content()[: len(before)] == before

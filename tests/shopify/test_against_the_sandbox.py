"""The storefront against the sandbox, which refuses what Shopify refuses."""

from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from decimal import Decimal

import httpx
import pytest

from adapters.shopify.sandbox import SandboxSku, ShopSandbox, start
from adapters.shopify.storefront import ShopifyStorefront
from engine.model.clock import SystemClock
from engine.model.failure import Misset, OutcomeUnknown, Refused, TryLater
from engine.model.ids import OrderId
from engine.model.stock import LevelWrite, ShopLevel

SKUS = [SandboxSku(f"SKU-{n}", f"Thing {n}", "10.00") for n in range(6)]


@pytest.fixture(scope="module")
def sandbox() -> Iterator[ShopSandbox]:
    stock = {(f"SKU-{n}", at): 50 for n in range(6) for at in (0, 1)}
    running = start(seed=1, skus=SKUS, locations=["North", "South"], stock=stock)
    yield running
    running.stop()


@pytest.fixture
async def shop(sandbox: ShopSandbox) -> AsyncIterator[ShopifyStorefront]:
    storefront = ShopifyStorefront(
        sandbox.url, api_version="2026-10", token="shpat_sandbox", clock=SystemClock()
    )
    yield storefront
    await storefront.aclose()


@pytest.fixture
async def control(sandbox: ShopSandbox) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=sandbox.url, trust_env=False) as http:
        yield http
        await http.post("/_control/faults", json={"mode": "none"})


async def everything(shop: ShopifyStorefront) -> dict[tuple[str, str], ShopLevel]:
    return {(level.sku, level.location): level async for page in shop.levels() for level in page}


async def level_of(shop: ShopifyStorefront, sku: str) -> ShopLevel:
    places = sorted(place.id for place in await shop.locations())
    return (await everything(shop))[sku, places[0]]


def write(level: ShopLevel, quantity: int) -> LevelWrite:
    return LevelWrite(level.sku, level.item, level.location, quantity, level.on_hand)


async def bought(control: httpx.AsyncClient, **checkout: object) -> OrderId:
    reply = await control.post("/_control/checkout", json=checkout)
    assert reply.status_code == 200, reply.text
    return OrderId(reply.json()["id"])


async def test_the_shop_introduces_itself(shop):
    assert "write_inventory" in await shop.scopes()
    assert [place.name for place in await shop.locations()] == ["North", "South"]
    assert len(await everything(shop)) == 12


async def test_stock_is_written_where_it_is_as_read_and_refused_where_it_moved(shop):
    level = await level_of(shop, "SKU-0")
    assert await shop.set_on_hand([write(level, 33)], key="first") == ()
    (now,) = await shop.read_levels([level.item], [level.location])
    assert (now.on_hand, now.available) == (33, 33)
    (refusal,) = await shop.set_on_hand([write(level, 40)], key="second")
    assert refusal.stale
    assert await shop.set_on_hand([write(level, 33)], key="first") == ()


async def test_an_order_is_read_with_its_money(shop, control):
    order = await bought(
        control,
        lines=[{"sku": "SKU-1", "quantity": 2}, {"sku": "SKU-2", "quantity": 1}],
        discount={"kind": "order", "percent": "10"},
        shipping="5.00",
        tax_rate="0.10",
    )
    read = await shop.read_order(order)
    assert sorted(line.sku for line in read.lines) == ["SKU-1", "SKU-2"]
    goods = sum((line.unit_price.times(line.quantity).shop.amount for line in read.lines), Decimal())
    charged = goods + read.shipping[0].price.shop.amount
    charged -= sum(share.amount.shop.amount for line in read.lines for share in line.allocations)
    taxed = [tax.amount.shop.amount for line in (*read.lines, *read.shipping) for tax in line.taxes]
    assert charged + sum(taxed) == read.total.shop.amount
    assert sum(quantity for held in read.fulfilment_orders for _, quantity in held.lines) == 3
    assert order in {stub.id for stub in await shop.orders_changed(read.updated_at - timedelta(seconds=5))}
    assert await shop.read_order(OrderId("gid://shopify/Order/999999999")) is None


async def test_goods_leave_move_and_come_back_in_the_shop(shop, control):
    order = await bought(control, lines=[{"sku": "SKU-3", "quantity": 2}])
    (held,) = (await shop.read_order(order)).fulfilment_orders
    other = next(place.id for place in await shop.locations() if place.id != held.location)
    await shop.move_fulfilment_order(held.id, other, dict(held.lines), key="m")
    held = next(one for one in (await shop.read_order(order)).fulfilment_orders if one.status == "OPEN")
    assert held.location == other
    await shop.fulfil(order, held.id, dict(held.lines), key="f")
    read = await shop.read_order(order)
    assert [(gone.location, sum(units for _, units in gone.lines)) for gone in read.fulfilments] == [
        (other, 2)
    ]
    with pytest.raises(TryLater):
        await shop.fulfil(order, held.id, dict(held.lines), key="f")
    await control.post("/_control/refund", json={"order": order, "quantity": 1, "restock": True})
    (given,) = (await shop.read_order(order)).refunds
    assert given.lines[0].restock == "RETURN"


async def test_an_order_is_cancelled_once(shop, control):
    order = await bought(control, lines=[{"sku": "SKU-4", "quantity": 2}])
    before = await level_of(shop, "SKU-4")
    await shop.cancel_order(order, key="c")
    await shop.cancel_order(order, key="c")
    assert (await shop.read_order(order)).cancelled_at is not None
    assert (await level_of(shop, "SKU-4")).on_hand == before.on_hand


async def test_a_webhook_is_subscribed_once(shop):
    for _ in range(2):
        await shop.subscribe("ORDERS_UPDATED", "http://127.0.0.1:9/webhooks/shopify/main")
    assert [one.topic for one in await shop.subscriptions()].count("ORDERS_UPDATED") == 1


async def test_a_wrong_key_and_unknown_things_are_named(shop, sandbox):
    stranger = ShopifyStorefront(sandbox.url, api_version="2026-10", token="wrong", clock=SystemClock())
    with pytest.raises(Misset):
        await stranger.locations()
    await stranger.aclose()
    with pytest.raises(Refused):
        await shop.cancel_order(OrderId("gid://shopify/Order/999999999"), key="k")


@pytest.mark.parametrize("mode", ["5xx", "cut", "apply_then_timeout"])
async def test_a_write_into_trouble_is_unknown_until_looked_at(shop, control, mode):
    level = await level_of(shop, "SKU-5")
    await control.post("/_control/faults", json={"mode": mode, "rate": 1, "seconds": 1})
    with pytest.raises(OutcomeUnknown):
        await shop.set_on_hand([write(level, level.on_hand + 1)], key=mode)
    await control.post("/_control/faults", json={"mode": "none"})
    (now,) = await shop.read_levels([level.item], [level.location])
    assert now.on_hand in (level.on_hand, level.on_hand + 1)


async def test_a_thousand_cells_change_within_a_dozen_calls():
    skus = [SandboxSku(f"S{n}", f"Thing {n}", "1.00") for n in range(500)]
    world = start(
        seed=2,
        skus=skus,
        locations=["North", "South"],
        stock={(sku.sku, at): 9 for sku in skus for at in (0, 1)},
    )
    shop = ShopifyStorefront(world.url, api_version="2026-10", token="shpat_sandbox", clock=SystemClock())
    async with httpx.AsyncClient(base_url=world.url, trust_env=False) as control:
        try:
            levels = [level async for page in shop.levels() for level in page]
            assert len(levels) == 1000
            assert {level.title for level in levels} == {sku.title for sku in skus}

            async def calls() -> int:
                return int((await control.get("/_control/state")).json()["api"]["calls"])

            before = await calls()
            fresh = await shop.read_levels(
                {level.item for level in levels}, {level.location for level in levels}
            )
            for start_at in range(0, 1000, 250):
                batch = [write(level, 4) for level in fresh[start_at : start_at + 250]]
                assert await shop.set_on_hand(batch, key=f"batch-{start_at}") == ()
            assert await calls() - before <= 12
            after = await shop.read_levels(
                {level.item for level in levels[:100]}, {level.location for level in levels}
            )
            assert {level.on_hand for level in after} == {4}
        finally:
            await shop.aclose()
            world.stop()

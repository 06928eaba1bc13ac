"""The sandbox shop rings at the listener, by the subscriptions the storefront made."""

import asyncio

import httpx

from adapters.listener import ConnectionSecrets, HealthReport, Listener
from adapters.shopify.sandbox import SandboxSku, start
from adapters.shopify.storefront import ShopifyStorefront
from engine.flows.watch import PRODUCTS, TOPICS
from engine.model.clock import SystemClock


class Bell:
    """Keeps rows and tells when an order has rung."""

    def __init__(self):
        self.rows = []
        self.order_rang, self.stock_rang = asyncio.Event(), asyncio.Event()

    async def receive(self, row):
        self.rows.append(row)
        if row.topic == "orders/create":
            self.order_rang.set()
        if row.topic == "inventory_levels/update":
            self.stock_rang.set()
        return True


async def test_an_order_placed_in_the_shop_rings_at_our_door():
    bell = Bell()
    routes = {"main": ConnectionSecrets(("the shop's secret",))}
    listener = Listener("127.0.0.1", 0, routes, bell, lambda: HealthReport(True, True))
    await listener.start()
    sandbox = start(
        seed=3,
        skus=[SandboxSku("A", "A", "1.00")],
        locations=["Here"],
        stock={("A", 0): 5},
        secret="the shop's secret",
    )
    shop = ShopifyStorefront(sandbox.url, api_version="2026-10", token="shpat_sandbox", clock=SystemClock())
    try:
        for topic in (*TOPICS, PRODUCTS):
            await shop.subscribe(topic, f"http://127.0.0.1:{listener.port}/webhooks/shopify/main")
        assert {one.topic for one in await shop.subscriptions()} == {*TOPICS, PRODUCTS}
        async with httpx.AsyncClient(base_url=sandbox.url, trust_env=False) as buyer:
            placed = await buyer.post("/_control/checkout", json={"lines": [{"sku": "A", "quantity": 1}]})
        async with asyncio.timeout(10):
            await bell.order_rang.wait()
            await bell.stock_rang.wait()
        orders = [row for row in bell.rows if row.topic == "orders/create"]
        assert orders[0].resource == placed.json()["id"]
        assert orders[0].resource_version
        assert orders[0].triggered_at is not None
        assert any(row.resource.startswith("gid://shopify/InventoryItem/") for row in bell.rows)
    finally:
        await shop.aclose()
        sandbox.stop()
        await listener.stop()

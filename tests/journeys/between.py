"""The engine's parts between a shop and a back office, moved by hand: nothing is looked at unless a webhook came."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import orjson

from console.assembly import open_store, site
from console.settings import load
from console.world.remotes import Remote
from console.world.sides import Wanted, netsuite_remote
from console.world.world import World
from engine.flows.deliver import Deliver
from engine.flows.intake import Intake
from engine.flows.money import KIND as MONEY
from engine.flows.money import Money
from engine.flows.orders import Orders
from engine.flows.site import Site
from engine.model.clock import SystemClock
from engine.model.ids import OrderId, Sku
from engine.store.verbs.inbox import receive
from tests.stored import order_cells

Json = dict[str, Any]


@dataclass
class Between:
    """The engine's parts between two sides, moved by hand: nothing is looked at unless a webhook came."""

    world: World
    site: Site
    skus: list[str]

    def order(self, acts: Sequence[tuple[str, Json]], **more: Any) -> str:
        """An order of two goods, and what its shop did to it before any webhook came through."""
        basket = {
            "lines": [{"sku": self.skus[0], "quantity": 3}, {"sku": self.skus[1], "quantity": 1}],
            "shipping": "4.90", "tax_rate": "0.19", "location": "gid://shopify/Location/1", **more,
        }  # fmt: skip
        placed = self.world.shop.ask("checkout", basket)
        assert placed is not None
        self.act(str(placed["id"]), acts)
        return str(placed["id"])

    def act(self, order: str, acts: Sequence[tuple[str, Json]]) -> None:
        """What the shop does to an order; `line` counts its lines."""
        lines = next(o for o in self.world.shop.state()["orders"] if o["id"] == order)["lines"]
        for verb, said in acts:
            named = said | ({"line": lines[said["line"]]["id"]} if "line" in said else {})
            assert self.world.shop.ask(verb, {"order": order, **named}) is not None, verb

    async def ring(self, order: str, topic: str) -> None:
        """One webhook, and all the work that follows from it."""
        site, number = self.site, int(order.rsplit("/", 1)[1])
        body = {"admin_graphql_api_id": order} if topic.startswith("orders/") else {"order_id": number}
        await site.store.write(
            receive, connection=site.name, source="shop", webhook_id=f"{order} {topic}", topic=topic,
            resource=order, resource_version=None, body=orjson.dumps(body), triggered_at=None, now=site.now(),
        )  # fmt: skip
        await Intake(site).round()
        await self.work()

    async def work(self) -> None:
        """Do all that is due."""
        site = self.site
        attempts = {"order": Orders(site).attempt, MONEY: Money(site).attempt, "cell": self._ignored}
        deliver = Deliver(site, attempts)
        while await deliver.round():
            await deliver.drain(20)

    async def _ignored(self, work: object) -> None:
        """Stock is another test's."""

    async def end(self, order: str) -> tuple[Any, ...]:
        """What both sides hold of the order at last, without the names that differ from one order to another."""
        held = (await self.site.back_office.documents([OrderId(order)])).get(OrderId(order))
        cells = await self.site.store.read(order_cells, self.site.name, [Sku(sku) for sku in self.skus])
        moved = [
            (c.sku, c.location, c.committed, c.fulfilled, c.restocked) for c in cells if c.order_id == order
        ]
        if held is None:
            return None, moved
        lines = [(x.sku, x.warehouse, x.quantity, x.shipped, x.returned) for x in held.lines]
        return (held.status, held.total, sorted(lines), self.money(held.id)), moved

    def money(self, document: str) -> dict[str, list[Decimal]]:
        """Amounts that the back office keeps of a document, by kind, where it keeps them as records."""
        state = self.world.erp.state()
        return {
            kind: sorted(
                Decimal(one["amount"])
                for one in state.get(kind, [])
                if one["document"] == document and one.get("kind") != "AUTHORIZATION"
            )
            for kind in ("payments", "credits", "refunds")
        }


def netsuite_with_suite_tax(wanted: Wanted) -> Remote:
    """A NetSuite account in which taxes are tax details."""
    from adapters.netsuite import sandbox

    made = netsuite_remote(sandbox.start(wanted.port, **wanted.filled, together=15, suite_tax=True))
    return replace(made, settings={**made.settings, "taxes_as": "details", "tax_code": "902"})


@asynccontextmanager
async def in_between(
    folder: Path, back_office: str | Callable[[Wanted], Remote] = "sql"
) -> AsyncIterator[Between]:
    """Both sides at rest, with plenty of two goods at the first location."""
    world = World.start(folder, back_office=back_office, orders_per_minute=0.0, webhook_faults="none", skus=4)
    settings, clock = load(world.config), SystemClock()
    store = open_store(settings, clock)
    made = site(settings, settings.connections[0], store, clock)
    levels = [c for c in world.shop.state()["levels"] if c["location"].endswith("/1")]
    fullest = sorted(levels, key=lambda cell: -cell["available"])[:2]
    for cell in fullest:
        world.shop.ask("adjust", {"sku": cell["sku"], "location": cell["location"], "delta": 200})
    try:
        yield Between(world, made, [cell["sku"] for cell in fullest])
    finally:
        await made.shop.aclose()
        await made.back_office.aclose()
        store.close()
        world.stop()

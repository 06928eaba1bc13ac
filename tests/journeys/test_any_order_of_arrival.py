"""Webhooks of what came after an order may arrive before the order's own: both sides end the same every time."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from itertools import permutations
from pathlib import Path
from typing import Any

import orjson
import pytest

from console.assembly import open_store, site
from console.settings import load
from console.world.world import World
from engine.flows.deliver import Deliver
from engine.flows.intake import Intake
from engine.flows.orders import Orders
from engine.flows.site import Site
from engine.model.clock import SystemClock
from engine.model.ids import OrderId, Sku
from engine.store.verbs.inbox import receive
from engine.store.verbs.orders import order_cells

Json = dict[str, Any]
KEPT = ("orders/create", "orders/updated", "fulfillments/create", "refunds/create")
CALLED_OFF = ("orders/create", "orders/updated", "refunds/create", "orders/cancelled")


@dataclass
class Between:
    """The engine's parts between two sides, moved by hand: nothing is looked at unless a webhook came."""

    world: World
    site: Site
    skus: list[str]

    def order(self, acts: Sequence[tuple[str, Json]]) -> str:
        """An order of two goods, and what its shop did to it before any webhook came through."""
        basket = {
            "lines": [{"sku": self.skus[0], "quantity": 3}, {"sku": self.skus[1], "quantity": 1}],
            "shipping": "4.90", "tax_rate": "0.19", "location": "gid://shopify/Location/1",
        }  # fmt: skip
        placed = self.world.shop.ask("checkout", basket)
        assert placed is not None
        lines = next(o for o in self.world.shop.state()["orders"] if o["id"] == placed["id"])["lines"]
        for verb, said in acts:
            named = said | ({"line": lines[said["line"]]["id"]} if "line" in said else {})
            assert self.world.shop.ask(verb, {"order": placed["id"], **named}) is not None, verb
        return str(placed["id"])

    async def ring(self, order: str, topic: str) -> None:
        """One webhook, and all the work that follows from it."""
        site, number = self.site, int(order.rsplit("/", 1)[1])
        body = {"admin_graphql_api_id": order} if topic.startswith("orders/") else {"order_id": number}
        await site.store.write(
            receive, connection=site.name, source="shop", webhook_id=f"{order} {topic}", topic=topic,
            resource=order, resource_version=None, body=orjson.dumps(body), triggered_at=None, now=site.now(),
        )  # fmt: skip
        await Intake(site).round()
        deliver = Deliver(site, {"order": Orders(site).attempt, "cell": self._ignored})
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
        return (held.status, held.total, sorted(lines)), moved


@pytest.fixture
async def between(tmp_path: Path) -> AsyncIterator[Between]:
    world = World.start(tmp_path, orders_per_minute=0.0, webhook_faults="none", skus=4)
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


@pytest.mark.parametrize(
    ("acts", "topics"),
    [
        (
            [
                ("edit", {"line": 1, "quantity": 0}),
                ("fulfil", {"line": 0, "quantity": 2}),
                ("refund", {"line": 0, "quantity": 1, "location": "gid://shopify/Location/2"}),
            ],
            KEPT,
        ),
        ([("edit", {"line": 0, "quantity": 2}), ("cancel", {})], CALLED_OFF),
    ],
    ids=["edited, shipped and refunded", "edited and cancelled"],
)
async def test_every_order_of_arrival_ends_the_same(
    between: Between, acts: list[tuple[str, Json]], topics: tuple[str, ...]
) -> None:
    ends = {}
    for arrival in permutations(topics):
        order = between.order(acts)
        for topic in arrival:
            await between.ring(order, topic)
        ends[arrival] = await between.end(order)
    first = ends[topics]
    assert {arrival: end for arrival, end in ends.items() if end != first} == {}
    document, moved = first
    if topics is CALLED_OFF:
        assert document is None
        assert not any(committed or gone for _, _, committed, gone, _ in moved)
    else:
        _, _, lines = document
        assert moved and lines
        assert sum(shipped for _, _, _, shipped, _ in lines) == sum(gone for _, _, _, gone, _ in moved) == 2


async def test_an_act_that_follows_a_booked_order_ends_as_if_it_had_come_first(between: Between) -> None:
    acts = [("fulfil", {"line": 0, "quantity": 2})]
    before = between.order(acts)
    await between.ring(before, "fulfillments/create")
    after = between.order([])
    await between.ring(after, "orders/create")
    assert between.world.shop.ask("fulfil", {"order": after, "quantity": 2, "line": line_of(between, after)})
    await between.ring(after, "fulfillments/create")
    assert await between.end(before) == await between.end(after)


def line_of(between: Between, order: str) -> str:
    """The id of an order's first line."""
    state = between.world.shop.state()
    return str(next(o for o in state["orders"] if o["id"] == order)["lines"][0]["id"])

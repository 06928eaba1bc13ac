"""Two back offices behind one shop: each owns its location, and an order is booked where its goods leave from."""

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

from console.toml_text import table
from console.world import sides
from console.world.goods import articles, opening_stock
from console.world.remotes import Remote
from console.world.world import World

NORTH, SOUTH = "gid://shopify/Location/1", "gid://shopify/Location/2"


def with_another_back_office(world: World) -> Remote:
    """The second location belongs to an Odoo of its own."""
    chance = random.Random(7)
    goods = articles(6, chance)
    stock = opening_stock(goods, 2, chance)
    odoo = sides.odoo(sides.Wanted(world.directory, goods, ["WH1", "WH2"], stock, 7))
    told = world.config.read_text()
    mine = f'"{SOUTH}" = "WH2"'
    assert told.count(mine) == 1
    second = [
        '[[connections]]\nname = "south"\norders_since = 2020-01-01T00:00:00Z\n',
        table("connections.shop", world.shop.settings),
        table("connections.back_office", odoo.settings),
        table("connections.locations", {SOUTH: "WH2"}),
    ]
    world.config.write_text("\n".join([told.replace(mine, ""), *second]))
    secrets = world.config.parent / "secrets.toml"
    secrets.write_text(secrets.read_text() + "\n" + table("south", {**world.shop.secrets, **odoo.secrets}))
    return odoo


def available(shop: dict[str, Any], sku: str, at: str) -> int:
    return int(next(c for c in shop["levels"] if (c["sku"], c["location"]) == (sku, at))["available"])


def refs(erp: dict[str, Any]) -> set[str]:
    return {each["ref"] for each in erp["documents"] if each["status"] != "cancelled"}


async def test_each_back_office_keeps_its_location_and_books_its_orders(
    staged: Callable[..., Any], tmp_path: Path
) -> None:
    offices: list[Remote] = []
    try:
        async with staged(
            tmp_path, before=lambda world: offices.append(with_another_back_office(world))
        ) as on:
            [odoo] = offices
            shop, _ = await on.states()
            sku = max((c for c in shop["levels"] if c["location"] == SOUTH), key=lambda c: c["available"])[
                "sku"
            ]
            north, south = available(shop, sku, NORTH), available(shop, sku, SOUTH)
            assert await on.erp("receipt", {"sku": sku, "warehouse": "WH1", "quantity": 5}) is not None
            assert odoo.ask("receipt", {"sku": sku, "warehouse": "WH2", "quantity": 3}) is not None
            await on.until(
                lambda shop, _: (
                    (available(shop, sku, NORTH), available(shop, sku, SOUTH)) == (north + 5, south + 3)
                ),
                "each location follows its own back office",
            )

            one = await on.shop("checkout", {"location": NORTH, "lines": [{"sku": sku, "quantity": 1}]})
            two = await on.shop("checkout", {"location": SOUTH, "lines": [{"sku": sku, "quantity": 1}]})
            await on.until(
                lambda _, erp: (refs(erp), refs(odoo.state())) == ({one["id"]}, {two["id"]}),
                "each order is in the books its goods leave from, and in no other",
            )

            assert (await on.desk.failed()).rows == ()

            # what no location has enough of leaves from both: one record asks a person, and nobody books it
            most = max(north + 4, south + 2)
            lines = [{"sku": sku, "quantity": most}, {"sku": sku, "quantity": 1}]
            both = await on.shop("checkout", {"lines": lines})
            seen = 0
            while not (rows := (await on.desk.failed()).rows):
                seen = await on.store.changed_after(seen, 0.25)
            [held] = rows
            assert (held.connection, held.code) == ("main", "several_back_offices")
            shop, erp = await on.states()
            assert both["id"] not in refs(erp) | refs(odoo.state())

            await on.shop("move", {"order": both["id"], "location": SOUTH})
            await on.desk.retry((held.id,), operator="ana")
            await on.until(
                lambda _, erp: (refs(erp), refs(odoo.state())) == ({one["id"]}, {two["id"], both["id"]}),
                "it is booked where all of it leaves from now",
            )
            while (await on.desk.failed()).rows:
                seen = await on.store.changed_after(seen, 0.25)
    finally:
        for each in offices:
            each.stop()

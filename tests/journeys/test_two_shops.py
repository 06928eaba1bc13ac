"""One back office behind two shops: each has its own buffer and its own orders, and what one sells the other lacks."""

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

from console.checks import check
from console.settings import load
from console.toml_text import table
from console.world import sides
from console.world.goods import articles, opening_stock
from console.world.remotes import Remote
from console.world.world import World

HERE = "gid://shopify/Location/1"
OUTLET = "gid://shopify/Location/1000000001"
BUFFER = 1


def with_an_outlet(world: World) -> Remote:
    """A second shop that sells from the first warehouse; in the first one, no payment has a name in the books."""
    chance = random.Random(7)
    goods = articles(6, chance)
    stock = {key: units for key, units in opening_stock(goods, 2, chance).items() if key[1] == 0}
    outlet = sides.shop(goods, ["Outlet"], stock, seed=8, block=1)
    told = world.config.read_text()
    second = [
        '[connections.payments]\n"nobody pays so" = "1"\n',
        f'[[connections]]\nname = "outlet"\nbuffer = {BUFFER}\norders_since = 2020-01-01T00:00:00Z\n',
        table("connections.shop", outlet.settings),
        table("connections.back_office", world.erp.settings),
        table("connections.locations", {OUTLET: "WH1"}),
    ]
    world.config.write_text("\n".join([told, *second]))
    secrets = world.config.parent / "secrets.toml"
    secrets.write_text(secrets.read_text() + "\n" + table("outlet", {**outlet.secrets, **world.erp.secrets}))
    return outlet


def free(erp: dict[str, Any], sku: str) -> int:
    shelf = next(s for s in erp["shelves"] if (s["sku"], s["warehouse"]) == (sku, "WH1"))
    return int(shelf["on_hand"] - shelf["reserved"])


def available(shop: dict[str, Any], sku: str, at: str) -> int:
    return int(next(c for c in shop["levels"] if (c["sku"], c["location"]) == (sku, at))["available"])


async def test_two_shops_sell_from_one_back_office(staged: Callable[..., Any], tmp_path: Path) -> None:
    shops: list[Remote] = []
    try:
        async with staged(tmp_path, before=lambda world: shops.append(with_an_outlet(world))) as on:
            [outlet] = shops
            shop, erp = await on.states()
            sku = max((c for c in shop["levels"] if c["location"] == HERE), key=lambda c: c["available"])[
                "sku"
            ]
            had = free(erp, sku)
            assert had > 4

            def offered(main: int, second: int) -> Callable[[Any, Any], bool]:
                return lambda shop, _: (
                    (available(shop, sku, HERE), available(outlet.state(), sku, OUTLET)) == (main, second)
                )

            # a receipt, so that both shops are written to
            assert await on.erp("receipt", {"sku": sku, "warehouse": "WH1", "quantity": 5}) is not None
            had += 5
            await on.until(offered(had, had - BUFFER), "both show what there is, the outlet less its buffer")

            one = outlet.ask("checkout", {"location": OUTLET, "lines": [{"sku": sku, "quantity": 1}]})
            assert one is not None
            await on.until(offered(had - 1, had - 1 - BUFFER), "what the outlet sold is gone from the shop")
            _, erp = await on.states()
            [booked] = erp["documents"]
            assert booked["ref"].startswith("gid://shopify/Order/1") and len(booked["ref"]) > 25

            # an order that waits for a person is not in the books, and its units are promised all the same
            await on.shop("checkout", {"location": HERE, "lines": [{"sku": sku, "quantity": 2}]})
            await on.until(
                offered(had - 3, had - 3 - BUFFER), "what the shop promised is gone from the outlet"
            )
            term = await on.term(sku, OUTLET, "elsewhere")
            assert term.units == -2
            assert "of main, not booked" in term.sources[0].text
            [held] = (await on.desk.failed()).rows
            assert (held.connection, held.kind) == ("main", "order")
            _, erp = await on.states()
            assert [each["ref"] for each in erp["documents"]] == [booked["ref"]]

            # a wake-up of one connection is one for both
            assert await on.erp("sale", {"sku": sku, "warehouse": "WH1", "quantity": 1}) is not None
            await on.until(offered(had - 4, had - 4 - BUFFER), "a sale over the counter lowers both")
            remotes = (await on.desk.pulse()).remotes
            assert {each.connection for each in remotes} == {"main", "outlet"}
            lines = {line.name: line for line in await check(load(on.world.config))}
            assert "the same as that of outlet" in lines["main: shared"].detail
            assert "the same as that of main" in lines["outlet: shared"].detail
    finally:
        for each in shops:
            each.stop()

"""A price change on 20,000 variants at Plus limits: its calls against the fewest, an unchanged run, stock beside it."""

import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from figure import Figure, percentile

from adapters.shopify.sandbox import SandboxSku
from engine.flows.rounds import either
from engine.model.ids import LocationId
from engine.model.stock import LevelWrite
from tests.products.ground import Ground, ground

VARIANTS = int(os.environ.get("TRUEUP_BENCH_VARIANTS", "20000"))
PER_PRODUCT = 4
PLACE = LocationId("gid://shopify/Location/1")
STOCK_SKU = "STOCK-ITEM"
RATIO, SLOWER = 1.2, 2.0
PAUSE, MEGABYTES = 0.05, 200
PLUS, HASTE = 1000, 100_000
"""Points a second of the Plus plan, and of no plan there is."""


class Stock:
    """Writes one level again and again, as the stock rule does, and measures how long each takes."""

    def __init__(self, here: Ground) -> None:
        self._shop, self._turn = here.site.shop, here.site.level_turn
        self.took: list[float] = []
        self._at = 0

    async def write(self, item: str) -> None:
        began = time.perf_counter()
        async with self._turn:  # as the stock flow does
            [level] = await self._shop.read_levels([item], [PLACE])  # type: ignore[list-item]
            wanted = LevelWrite(level.sku, level.item, PLACE, level.on_hand + 1, level.on_hand)
            self._at += 1
            assert await self._shop.set_on_hand([wanted], key=f"bench-{id(self)}-{self._at}") == ()
        self.took.append(time.perf_counter() - began)

    async def until(self, done: asyncio.Event, item: str) -> None:
        while not done.is_set():
            await self.write(item)
            await either(done, PAUSE)


async def _measured() -> list[Figure]:
    skus = [
        SandboxSku(f"ART-{n:06}", f"Article {n}", "10.00", product=f"P{n // PER_PRODUCT}")
        for n in range(VARIANTS)
    ]
    with tempfile.TemporaryDirectory(prefix="trueup-bench-") as folder:
        async with ground(Path(folder), [*skus, SandboxSku(STOCK_SKU, "Stock", "1.00")]) as here:
            here.sandbox.move_to_plan(HASTE)  # until the change itself is measured
            assert await here.adopt_all() == VARIANTS + 1
            await here.settle()
            before = await here.api()
            here.site.rhythm = type(here.site.rhythm)()
            await here.store.write(_compare_again, here.site.now())
            began = time.perf_counter()
            await here.act()
            unchanged = time.perf_counter() - began
            idle_calls = sum((await here.api())["mutations"].values()) - sum(before["mutations"].values())
            item = (await here.rows())[STOCK_SKU]["item"]
            here.sandbox.move_to_plan(PLUS)
            idle = Stock(here)
            for _ in range(60):
                await idle.write(item)
                await either(asyncio.Event(), PAUSE)
            prices = {each.sku: f"{11 + n % 90}.{n % 100:02}" for n, each in enumerate(skus)}
            reply = await here.office_staff.post("/_control/prices", json={"prices": prices})
            assert reply.status_code == 200
            beside, done = Stock(here), asyncio.Event()
            stock = asyncio.create_task(beside.until(done, item))
            began = time.perf_counter()
            before = await here.api()
            await here.catalogue.articles()
            await here.act()
            seconds = time.perf_counter() - began
            done.set()
            await stock
            after = await here.api()
            rows = await here.rows()
            assert {sku: rows[sku]["price"] for sku in prices} == prices
    fewest = -(-VARIANTS // PER_PRODUCT)
    made = after["mutations"]["productVariantsBulkUpdate"] - before["mutations"].get(
        "productVariantsBulkUpdate", 0
    )
    calls = after["calls"] - before["calls"] - 2 * len(beside.took)
    calm, busy = percentile(idle.took, 0.95), percentile(beside.took, 0.95)
    return [
        Figure(
            f"price change on {VARIANTS:,} variants in {fewest:,} products: mutations",
            f"{made:,} in {seconds:.0f} s", f"{fewest:,} is the fewest", f"{made / fewest:.3f}", f"< {RATIO:g}",
            made <= RATIO * fewest,
        ),
        Figure(
            "all its calls, reading before writing among them",
            f"{calls:,}", f"{fewest:,}", f"{calls / fewest:.3f}", f"< {RATIO:g}", calls <= RATIO * fewest,
        ),
        Figure(
            "stock write p95 beside it", f"{busy * 1000:.0f} ms", f"{calm * 1000:.0f} ms idle",
            f"{busy / calm:.2f}", f"< {SLOWER:g}", busy < SLOWER * calm,
        ),
        Figure("throttled answers meanwhile", str(after["throttled"] - before["throttled"]), target="0",
               met=after["throttled"] == before["throttled"]),
        Figure("mutations of an unchanged run", f"{idle_calls} in {unchanged:.0f} s", target="0", met=idle_calls == 0),
    ]  # fmt: skip


def _compare_again(tx, now) -> None:  # type: ignore[no-untyped-def]
    from engine.store.verbs.products import mark_all

    mark_all(tx, "main", "sweep", now)


def _catalogue() -> list[Figure]:
    with tempfile.TemporaryDirectory(prefix="trueup-bench-") as folder:
        ours = Path(__file__).with_name("our_catalogue.py")
        run = subprocess.run([sys.executable, str(ours), folder], check=True, stdout=subprocess.PIPE)
    told = json.loads(run.stdout)
    assert (told["compared"], told["rows"]) == (100_000, 1000)
    return [
        Figure(
            "plan over 100,000 products, 1,000 differing: memory", f"{told['peak']:.0f} MB in {told['seconds']:.0f} s",
            f"{told['before']:.0f} MB before", target=f"< {MEGABYTES} MB", met=told["peak"] < MEGABYTES,
        )
    ]  # fmt: skip


def measure() -> list[Figure]:
    return [*_catalogue(), *asyncio.run(_measured())]

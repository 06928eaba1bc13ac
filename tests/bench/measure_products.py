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
from our_shop import skus as catalogue_of

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
TURN, BETWEEN = 3.0, 25
"""Seconds of the price change, and writes of stock between, in turns: whatever else the machine does is in both."""
PLUS, HASTE = 1000, 100_000
"""Points a second of the Plus plan, and of no plan there is."""


class Apart:
    """A shop in a process of its own: what it needs of a processor is no business of the engine's."""

    def __init__(self) -> None:
        ours = Path(__file__).with_name("our_shop.py")
        words = [sys.executable, str(ours), str(VARIANTS), str(PER_PRODUCT), STOCK_SKU]
        self._running = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.url = self._heard()

    def move_to_plan(self, rate: int) -> None:
        """Another plan, with a full bucket."""
        assert self._running.stdin is not None
        self._running.stdin.write(f"{rate}\n")
        self._running.stdin.flush()
        assert self._heard() == str(rate)

    def stop(self) -> None:
        """End it."""
        assert self._running.stdin is not None
        self._running.stdin.close()
        self._running.wait(30)

    def _heard(self) -> str:
        assert self._running.stdout is not None
        return self._running.stdout.readline().strip()


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

    async def times(self, many: int, item: str) -> None:
        for _ in range(many):
            await self.write(item)
            await either(asyncio.Event(), PAUSE)


async def _in_turns(here: Ground, item: str, idle: Stock, beside: Stock) -> float:
    """The whole of what is due, some seconds at a time with stock beside it, and stock alone between; seconds it took."""
    took, left = 0.0, 1
    await idle.times(BETWEEN, item)
    while left:
        done = asyncio.Event()
        stock = asyncio.create_task(beside.until(done, item))
        began = time.perf_counter()
        while left and time.perf_counter() - began < TURN:
            left = await here.products.round()
        took += time.perf_counter() - began
        done.set()
        await stock
        await idle.times(BETWEEN, item)
    return took


async def _measured() -> list[Figure]:
    skus = catalogue_of(VARIANTS, PER_PRODUCT)
    with tempfile.TemporaryDirectory(prefix="trueup-bench-") as folder:
        every = [*skus, SandboxSku(STOCK_SKU, "Stock", "1.00")]
        async with ground(Path(folder), every, shop=Apart()) as here:
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
            idle, beside = Stock(here), Stock(here)
            prices = {each.sku: f"{11 + n % 90}.{n % 100:02}" for n, each in enumerate(skus)}
            reply = await here.office_staff.post("/_control/prices", json={"prices": prices})
            assert reply.status_code == 200
            before = await here.api()
            await here.catalogue.articles()
            seconds = await _in_turns(here, item, idle, beside)
            await here.act()
            after = await here.api()
            rows = await here.rows()
            assert {sku: rows[sku]["price"] for sku in prices} == prices
    fewest = -(-VARIANTS // PER_PRODUCT)
    made = after["mutations"]["productVariantsBulkUpdate"] - before["mutations"].get(
        "productVariantsBulkUpdate", 0
    )
    calls = after["calls"] - before["calls"] - 2 * (len(beside.took) + len(idle.took))
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
            f"stock write p95 beside it, of {len(beside.took):,}", f"{busy * 1000:.0f} ms",
            f"{calm * 1000:.0f} ms idle, in turns with it",
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

"""A minute of workers that ask for all they can get: the shop's bucket is emptied and never overdrawn."""

import asyncio
import contextvars
from collections.abc import Awaitable, Callable
from random import Random

from adapters.shopify.sandbox.cost import Bucket
from adapters.shopify.sandbox.things import SandboxSku
from adapters.shopify.storefront import ShopifyStorefront
from engine.model.failure import RateLimited
from tests.simulation.loop import VirtualLoop
from tests.simulation.process import PROCESS, Process, SimulatedClock
from tests.simulation.shop import DoorTransport, ShopTransport, Storefront
from tests.simulation.stage import Stage
from tests.simulation.weather import CALM

POINTS_A_SECOND = 100
"""The rate of the smallest plan; its bucket holds twenty seconds of it."""
WORKERS, BEFORE, MINUTE = 4, 60.0, 60.0


class Counted(Bucket):
    """Remembers what was paid from it."""

    spent = 0

    def take(self, points: int) -> bool:
        paid = super().take(points)
        self.spent += points if paid else 0
        return paid

    def give_back(self, points: int) -> None:
        super().give_back(points)
        self.spent -= points


class Minute:
    """A shop of that rate and workers of one client that ask without a pause."""

    def __init__(self) -> None:
        self.loop = VirtualLoop(Random(13))
        stage = Stage(13, self.loop, CALM, Random(13), contextvars.copy_context())
        self.front = Storefront(
            stage, [SandboxSku("CUP", "Cup", "12.50")], {("CUP", 0): 5, ("CUP", 1): 5},
            DoorTransport(stage, lambda: None),
        )  # fmt: skip
        self.bucket = self.front.executor.bucket = Counted(POINTS_A_SECOND, lambda: self.loop.now)
        self.process = Process("worker", Random(0), 0.0, lambda _: None)

    def client(self) -> ShopifyStorefront:
        transport = ShopTransport(self.front, lambda _: None)
        clock = SimulatedClock(self.process, self.loop.time)
        return ShopifyStorefront(
            "http://shop.test", api_version="2026-10", token="shpat_sandbox", clock=clock, transport=transport
        )

    async def worker(self, act: Callable[[], Awaitable[object]]) -> None:
        PROCESS.set(self.process)
        while True:
            try:
                await act()
            except RateLimited as limited:
                assert limited.after > 0
                await asyncio.sleep(limited.after)

    def play(self) -> tuple[int, int, float]:
        """Calls and refusals of the minute after the first one, and the points that were used in it."""
        client, bucket = self.client(), self.bucket

        async def ask() -> None:
            async for _ in client.levels():
                pass

        async def run() -> tuple[int, int, float]:
            working = [self.loop.create_task(self.worker(ask)) for _ in range(WORKERS)]
            await asyncio.sleep(BEFORE)
            counts = self.front.executor.counts
            calls, refused, points = counts["calls"], counts["throttled"], bucket.spent
            await asyncio.sleep(MINUTE)
            for task in working:
                task.cancel()
            return counts["calls"] - calls, counts["throttled"] - refused, bucket.spent - points

        try:
            return self.loop.run_until_complete(run())
        finally:
            self.loop.drop_all()
            self.loop.close()
            self.front.executor._context.bulk.close()


def test_workers_use_all_the_points_there_are_and_are_not_refused() -> None:
    calls, refused, points = Minute().play()
    assert refused <= calls // 100, f"{refused} of {calls} calls were refused"
    assert points > 0.9 * POINTS_A_SECOND * MINUTE, f"{points:.0f} points used by {calls} calls"

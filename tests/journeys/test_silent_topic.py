"""One topic goes silently dead: found, alarmed with figures, healed meanwhile, and over when it is heard again."""

import asyncio
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from console.world.world import World

HERE = "gid://shopify/Location/1"
DEAD = "orders/create"


def often(world: World) -> None:
    told, count = re.subn(
        "(?m)^orders_poll_seconds = .*$", "orders_poll_seconds = 0.5", world.config.read_text()
    )
    assert count == 1
    world.config.write_text(told)


async def alarms(on: Any, holds: Callable[[tuple[tuple[str, str], ...]], bool]) -> Any:
    seen = -1
    async with asyncio.timeout(40):
        while True:
            pulse = await on.desk.pulse()
            if holds(pulse.alarms):
                return pulse
            seen = await on.store.changed_after(seen, 1.0)


async def test_a_dead_topic_is_found_alarmed_healed_and_over(
    staged: Callable[..., Any], tmp_path: Path
) -> None:
    async with staged(tmp_path, before=often) as on:
        shop, _ = await on.states()
        sku = max((c for c in shop["levels"] if c["location"] == HERE), key=lambda c: c["available"])["sku"]
        basket = {"location": HERE, "lines": [{"sku": sku, "quantity": 1}]}
        booked = 0

        async def sell(many: int) -> None:
            nonlocal booked
            for _ in range(many):
                await on.shop("checkout", basket)
            booked += many
            await on.until(
                lambda _, erp: len(erp["documents"]) == booked, "every order is in the back office"
            )

        async with asyncio.timeout(40):
            seen = -1
            while not any(row.expected for row in (await on.desk.pulse()).topics if row.topic == DEAD):
                await sell(1)
                seen = await on.store.changed_after(seen, 1.0)
        await on.shop("webhooks", {"silent": [DEAD]})
        await sell(4)
        pulse = await alarms(on, lambda said: any(DEAD in cause for cause, _ in said))
        cause, remedy = next(one for one in pulse.alarms if DEAD in one[0])
        assert cause.startswith("Of ") and "did not tell" in cause and "listing" in remedy
        [create] = [row for row in pulse.topics if row.topic == DEAD]
        assert create.missed >= 3

        await on.shop("webhooks", {"silent": []})
        await sell(1)
        await alarms(on, lambda said: not any(DEAD in cause for cause, _ in said))

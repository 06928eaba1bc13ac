"""A cell nothing was ever agreed on waits for the shop's listing of orders, and costs nothing meanwhile."""

import asyncio
import re
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from console.world.world import World
from engine.store.tables import stock
from engine.store.tx import Tx
from tests.journeys.conftest import PATIENCE, Stage

Opened = Callable[..., AbstractAsyncContextManager[Stage]]


def rhythm(**seconds: float) -> Callable[[World], None]:
    """Rewrites how often the engine looks, before it starts."""

    def write(world: World) -> None:
        text = world.config.read_text(encoding="utf-8")
        for name, every in seconds.items():
            text = re.sub(rf"^{name} = .*$", f"{name} = {every}", text, flags=re.MULTILINE)
        world.config.write_text(text, encoding="utf-8")

    return write


def cells(tx: Tx) -> tuple[int, int, Any]:
    """All of them, those agreed on, and when the first of the others is due."""
    first = func.min(stock.c.due_at).filter(stock.c.base.is_(None))
    row = tx.execute(select(func.count(), func.count(stock.c.base), first)).one()
    return int(row[0]), int(row[1]), row[2]


async def until(on: Stage, holds: Callable[[int, int, Any], object], what: str) -> None:
    seen, loop = 0, asyncio.get_running_loop()
    end = loop.time() + PATIENCE
    while not holds(*(found := await on.store.read(cells))):
        assert loop.time() < end, f"never came true: {what}: {found}"
        seen = await on.store.changed_after(seen, 0.25)


async def test_without_a_listing_a_cell_is_put_off(tmp_path: Path, staged: Opened) -> None:
    seldom = rhythm(orders_poll_seconds=600.0, sweep_seconds=600.0, delta_seconds=600.0)
    async with staged(tmp_path, before=seldom) as on:
        soon = timedelta(seconds=PATIENCE)

        def put_off(count: int, agreed: int, first: Any) -> bool:
            return count > 0 and agreed == 0 and first is not None and first > on.store.clock.now() + soon

        await until(on, put_off, "every cell waits for a listing")


async def test_a_listing_settles_what_waits_for_it_long_before_the_next_sweep(
    tmp_path: Path, staged: Opened
) -> None:
    often = rhythm(orders_poll_seconds=1.0, listing_lag_seconds=1.0, sweep_seconds=600.0, delta_seconds=600.0)
    async with staged(tmp_path, before=often) as on:
        await until(on, lambda count, agreed, _: 0 < count == agreed, "every cell is agreed on")

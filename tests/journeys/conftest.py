"""A shop, a back office and the engine between them, all real, all in this process."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from console.assembly import open_store
from console.running import run_engine
from console.settings import load
from console.world.world import World
from engine.flows.site import Rhythm
from engine.front import Front
from engine.model.clock import SystemClock
from engine.model.explanation import Term
from engine.store.session import Store

PATIENCE = 30.0


@dataclass
class Stage:
    """What a journey acts on and looks at."""

    world: World
    store: Store
    desk: Front

    async def shop(self, verb: str, body: dict[str, Any]) -> dict[str, Any]:
        answer = await asyncio.to_thread(self.world.shop.ask, verb, body)
        assert answer is not None, f"the shop refused {verb}"
        return answer

    async def erp(self, verb: str, body: dict[str, Any]) -> dict[str, Any] | None:
        return await asyncio.to_thread(self.world.erp.ask, verb, body)

    async def states(self) -> tuple[dict[str, Any], dict[str, Any]]:
        return await asyncio.to_thread(self.world.shop.state), await asyncio.to_thread(self.world.erp.state)

    async def until(self, holds: Callable[[dict[str, Any], dict[str, Any]], object], what: str) -> Any:
        """Wait for a fact about both sides; every change of our store is a reason to look again."""
        loop = asyncio.get_running_loop()
        end = loop.time() + PATIENCE
        seen = 0
        while True:
            shop, erp = await self.states()
            if found := holds(shop, erp):
                return found
            assert loop.time() < end, f"never came true: {what}\n{(await self.desk.failed()).rows}"
            seen = await self.store.changed_after(seen, 0.25)

    async def term(self, sku: str, location: str, name: str) -> Term:
        """A term of a cell's figure, once it is known: the shop shows a write before its answer is written down."""
        seen = 0
        async with asyncio.timeout(PATIENCE):
            while True:
                [told] = await self.desk.explain(sku, location)
                assert told.total == told.figure
                for term in told.terms:
                    if term.name == name:
                        return term
                seen = await self.store.changed_after(seen, 0.25)


@asynccontextmanager
async def stage(
    folder: Path, back_office: str = "sql", *, before: Callable[[World], None] = lambda world: None
) -> AsyncIterator[Stage]:
    """A world without people, so that a journey's acts are the only ones; `before` happens before the engine's."""
    world = await asyncio.to_thread(
        World.start, folder, back_office=back_office, orders_per_minute=0.0, webhook_faults="none", skus=6
    )
    await asyncio.to_thread(before, world)
    settings = load(world.config)
    store = open_store(settings, SystemClock())
    stop = asyncio.Event()
    engine = asyncio.ensure_future(run_engine(settings, stop, store=store))
    try:
        yield Stage(world, store, Front(store, environment="test", clock=SystemClock()))
    finally:
        stop.set()
        await engine
        await asyncio.to_thread(store.close)
        await asyncio.to_thread(world.stop)


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> str | None:
    """Address of an empty database for our store; None for the file the world's configuration names."""
    if request.param == "sqlite":
        return None
    new: Callable[[], str] = request.getfixturevalue("new_postgresql")
    return new()


@pytest.fixture
async def on(tmp_path: Path, database: str | None, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Stage]:
    if database:
        monkeypatch.setenv("TRUEUP_STORE__URL", database)
    async with stage(tmp_path) as ready:
        yield ready


@pytest.fixture
def staged() -> Callable[..., AbstractAsyncContextManager[Stage]]:
    """Opens a stage on which something has happened before."""
    return stage


@pytest.fixture
async def on_odoo(tmp_path: Path) -> AsyncIterator[Stage]:
    async with stage(tmp_path, "odoo") as ready:
        yield ready


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """A world lives for seconds: the engine reckons, judges and looks at certificates more often than in earnest."""
    monkeypatch.setattr("console.assembly.Rhythm", partial(Rhythm, pulse=timedelta(seconds=1)))
    monkeypatch.setattr("console.endings.EVERY", timedelta(seconds=1))
    monkeypatch.setattr("engine.flows.alerts.LEAST_SECONDS", 0.5)

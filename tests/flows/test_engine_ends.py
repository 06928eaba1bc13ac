"""A part of the engine that ends for good takes the whole engine with it, in order and with its reason."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from engine.flows.pulse import RemotePulse
from engine.flows.site import Rhythm, Site
from engine.model.clock import SystemClock
from engine.runtime import Engine
from engine.store.session import Store
from engine.store.tables import alert
from engine.store.trouble import StoreBroken, StoreBusy
from engine.store.verbs.lease import holder
from tests.flows.silent import Silent


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store.open(f"sqlite:///{tmp_path / 'store.db'}", clock=SystemClock())
    yield opened
    opened.close()


def engine_of(store: Store) -> Engine:
    neighbour: Any = Silent()
    site = Site("main", store, neighbour, neighbour, SystemClock(), {}, rhythm=Rhythm(lease=6.0))
    return Engine(store, [site], holder="here", drain=1.0)


async def test_a_defect_in_one_loop_ends_the_engine_and_gives_the_lease_back(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def defect(self: RemotePulse) -> None:
        raise KeyError("a defect")

    monkeypatch.setattr(RemotePulse, "beat", defect)
    engine = engine_of(store)
    with pytest.raises(KeyError, match="a defect"):
        await asyncio.wait_for(engine.run(), 20)
    assert list(engine.health.ended) == ["main.pulse"]
    lease = await store.read(holder, "main", SystemClock().now())
    assert lease is not None
    assert lease.holder is None
    codes = await store.read(lambda tx: tx.execute(alert.select()).all())
    assert [(row.code, row.entity) for row in codes] == [("loop_ended", "pulse")]


async def test_a_store_that_broke_ends_the_engine(store: Store) -> None:
    engine = engine_of(store)
    running = asyncio.ensure_future(engine.run())
    seen = store.revision()
    while not engine.health.leading:
        seen = await store.changed_after(seen, 5.0)
    store.failed(StoreBroken("The disk under the database failed.", "Check it."))
    with pytest.raises(StoreBroken, match="disk"):
        await asyncio.wait_for(running, 20)


async def test_a_store_that_is_busy_at_the_start_is_waited_for(store: Store) -> None:
    refused, begun = 2, asyncio.Event()

    class Locked(Store):
        async def write(self, verb: Any, *args: Any, **kw: Any) -> Any:
            nonlocal refused
            if refused:
                refused -= 1
                raise StoreBusy("The database is locked.", "Wait.")
            answer = await super().write(verb, *args, **kw)
            if verb.__name__ == "loops_begin":
                begun.set()
            return answer

    store.__class__ = Locked
    engine = engine_of(store)
    running = asyncio.ensure_future(engine.run())
    await asyncio.wait_for(begun.wait(), 20)
    engine.stop()
    await running
    assert (refused, engine.health.ended) == (0, {})


async def test_loops_that_rest_are_woken_when_the_engine_is_asked_to_stop(store: Store) -> None:
    hour, rests, woken = 3600.0, asyncio.Semaphore(0), asyncio.Event()

    class Quiet(Store):
        """Nothing ever changes: who rests for an hour is woken by hand or not at all."""

        async def changed_after(self, seen: int, at_most: float) -> int:
            if at_most != hour:
                return await super().changed_after(seen, at_most)
            rests.release()
            await woken.wait()
            return self.revision()

        def wake(self) -> None:
            woken.set()
            super().wake()

    store.__class__ = Quiet
    neighbour: Any = Silent()
    site = Site("main", store, neighbour, neighbour, SystemClock(), {}, rhythm=Rhythm(lease=6.0, rest=hour))
    engine = Engine(store, [site], holder="here", drain=hour)
    running = asyncio.ensure_future(engine.run())
    async with asyncio.timeout(20):
        for _ in ("deliver", "inventory"):
            await rests.acquire()
        engine.stop()
        await running

"""The machine the engines run on: starts processes, sees them die, starts them again."""

import asyncio
import contextvars
import logging
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any, TypeVar

import orjson

from adapters.intake import ConnectionSecrets
from adapters.listener import HealthReport, Listener
from adapters.shopify.storefront import ShopifyStorefront
from console.inbox import Inbox
from engine.flows.site import Rhythm, Site
from engine.model.ids import LocationId, WarehouseId
from engine.runtime import Engine
from tests.simulation.erp import WAREHOUSES, Erp, inside, plain
from tests.simulation.process import PROCESS, Killed, Process, SimulatedBells, SimulatedClock
from tests.simulation.shop import SECRET, Door, ShopTransport, Storefront
from tests.simulation.stage import Stage
from tests.simulation.store import SimulatedStore
from tests.simulation.truth import Truth
from tests.simulation.watcher import Watcher

T = TypeVar("T")
RHYTHM = Rhythm(
    delta=10.0, orders_poll=30.0, sweep=600.0, listing_lag=timedelta(seconds=60), freshness=timedelta(seconds=5),
    workers=4, lease=30.0, rest=30.0, breath=0.8, pulse=timedelta(seconds=300),
)  # fmt: skip
CALLBACK = "https://engine.test/webhooks/shopify/main"


class Machine:
    """Keeps one engine per name running."""

    def __init__(
        self, stage: Stage, path: Path, front: Storefront, erp: Erp, truth: Truth, watcher: Watcher
    ) -> None:
        self.stage, self._path, self._front, self._erp = stage, path, front, erp
        self._truth, self._watcher = truth, watcher
        self._lives = 0
        self.now: dict[str, Process] = {}
        """The living incarnation of each name."""
        self.doors: dict[str, Door] = {}
        self._engines: dict[str, Engine] = {}
        self.skew = timedelta(0)

    def door(self) -> Door | None:
        """Where webhooks are taken in."""
        living = [self.doors[name] for name in sorted(self.doors)]
        return self.stage.chance.choice(living) if living else None

    async def keep(self, name: str) -> None:
        """Run the engine of this name for ever; a dead one is replaced after a while."""
        while True:
            process = self._born(name)
            context = contextvars.copy_context()
            context.run(PROCESS.set, process)
            running = asyncio.get_running_loop().create_task(self._live(process, context), context=context)
            with suppress(Killed, Exception):
                await asyncio.wait((running,))
                running.exception() if not running.cancelled() else None
            if self.now[name] is process and not process.dead:
                self.stage.say(f"{process.name} ended by itself")
            process.kill()
            self.doors.pop(name, None)
            while left := process.sweep():
                await asyncio.wait(left, timeout=1.0)
            self.stage.say(f"{process.name} is gone")
            await asyncio.sleep(self.stage.chance.uniform(0.5, 20.0))

    def _born(self, name: str) -> Process:
        self._lives += 1
        stage = self.stage
        process = Process(
            f"{name}{self._lives}",
            Random(f"{stage.seed} {name} {self._lives}"),
            stage.weather.crash if stage.stormy else 0.0,
            stage.say,
            skew=self.skew,
            fate=lambda where: stage.stormy and stage.fate(where),
        )
        self.now[name] = process
        stage.say(f"{process.name} starts")
        return process

    async def _live(self, process: Process, context: contextvars.Context) -> None:
        stage = self.stage
        clock = SimulatedClock(process, stage.loop.time)
        store = SimulatedStore(self._path, clock, process, stage, self._watcher.committed)
        shop = ShopifyStorefront(
            "http://shop.test",
            api_version="2026-10",
            token="shpat_sandbox",
            clock=clock,
            transport=ShopTransport(self._front, self._sent),
        )
        back_office = self._erp.back_office(clock, self)
        site = Site(
            name="main",
            store=store,
            shop=shop,
            back_office=back_office,
            clock=clock,
            locations={
                LocationId(place.gid): (WarehouseId(WAREHOUSES[place.number - 1]),)
                for place in self._front.shop.locations.values()
            },
            rhythm=RHYTHM,
            callback=CALLBACK,
            chance=Random(process.chance.getrandbits(64)),
        )
        self._watcher.epochs[process.name] = lambda: site.epoch
        engine = Engine(store, [site], holder=process.name, drain=5.0, bells=_bells)
        listener = Listener(
            "engine.test", 0, {"main": ConnectionSecrets((SECRET,))}, Inbox(store),
            lambda: HealthReport(True, True), clock=clock,
        )  # fmt: skip
        self._engines[process.name] = engine
        self.doors[process.name.rstrip("0123456789")] = Door(listener.app, context)
        try:
            await engine.run()
        finally:
            self._ended(process.name)

    def look_over(self) -> None:
        """A loop that has ended in an engine that still runs is a promise broken: nobody does its work."""
        for name in list(self._engines):
            self._ended(name)

    def _ended(self, name: str) -> None:
        engine = self._engines.pop(name, None)  # None when a run that saw enough is torn down
        for loop, why in engine.health.ended.items() if engine else ():
            if "Killed" not in why:
                self.stage.violate("LOOP ENDED", f"{loop} of {name}: {why}")

    def _sent(self, body: bytes) -> None:
        """A level write leaves: on figures of when, and is it written down?"""
        said = orjson.loads(body)
        if "inventorySetQuantities" not in said["query"]:
            return
        key = said["variables"]["key"]
        self._watcher.intended("set_on_hand", key, PROCESS.get().name)
        self._truth.sending(key, getattr(asyncio.current_task(), "number", 0))

    def booking(self, act: Callable[[], T]) -> T:
        """One of our bookings at the ERP."""
        answer: T = self._truth.note_falls(act)
        self._watcher.booked()
        return answer

    def read_by(self, task: "asyncio.Task[Any] | None") -> None:
        """The ERP's figures were read for this task."""
        self._truth.reading[getattr(task, "number", 0)] = self.stage.loop.now

    def leaving(self, verb: str, call: Callable[[], Any]) -> str:
        """A booking is about to be sent; what it is about."""
        if verb != "create":
            return ""
        sale = inside(inside(call)["work"])["sale"]
        self._watcher.intended("create", plain(sale.ref), PROCESS.get().name)
        return str(sale.ref)


def _bells(intervals: Any) -> Any:
    bells = SimulatedBells(dict(intervals))
    return bells, bells.events


logging.getLogger("trueup").addHandler(logging.NullHandler())

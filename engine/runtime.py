"""Starts the flows of every connection, guards them, drains and stops them."""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from functools import partial

from engine.delivery.tiers import settle_time
from engine.flows.commands import Commands
from engine.flows.deliver import Deliver
from engine.flows.intake import Intake
from engine.flows.inventory import Inventory
from engine.flows.orders import Orders
from engine.flows.pulse import RemotePulse
from engine.flows.site import Rhythm, Site
from engine.flows.watch import Watch
from engine.model.failure import Failure, NotNow
from engine.schedule import Bells, bells
from engine.store.session import Store
from engine.store.verbs import lease
from engine.store.verbs.loops import loop_ended, loops_begin
from engine.store.verbs.work import rescue

log = logging.getLogger("trueup.engine")
Loop = Callable[[], Awaitable[None]]
AFTER_TROUBLE = 1.0


@dataclass
class Health:
    """Which loops have ended, and why."""

    ended: dict[str, str] = field(default_factory=dict)
    leading: set[str] = field(default_factory=set)

    @property
    def alive(self) -> bool:
        """No loop has died."""
        return not self.ended


class Engine:
    """The engine of all connections in one process; `holder` names it in the leases."""

    def __init__(
        self,
        store: Store,
        sites: Sequence[Site],
        *,
        holder: str,
        drain: float = 10.0,
        bells: Bells = bells,
    ) -> None:
        self._store = store
        self._sites = sites
        self._holder = holder
        self._drain = drain
        self._bells = bells
        self.health = Health()
        self._stop: asyncio.Event | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    async def run(self, started: Callable[[], None] = lambda: None) -> None:
        """Work until `stop` is called."""
        self._stop, self._loop = asyncio.Event(), asyncio.get_running_loop()
        async with asyncio.TaskGroup() as group:
            for site in self._sites:
                group.create_task(self._guarded(site, "engine", partial(self._lead, site)))
            started()
            await self._stop.wait()

    def stop(self) -> None:
        """Ask the engine to stop; may be called from any thread."""
        loop, stop = self._loop, self._stop
        if loop is not None and stop is not None:
            with contextlib.suppress(RuntimeError):  # the loop is closed: it has stopped
                loop.call_soon_threadsafe(stop.set)

    async def _lead(self, site: Site) -> None:
        """Wait for the lease of a connection, then work as long as it is ours."""
        while not self._stopping:
            seconds, asked = site.rhythm.lease, site.clock.monotonic()
            epoch = await self._store.write(lease.acquire, site.name, self._holder, seconds, site.now())
            if epoch is None:
                await self._pause(min(2.0, seconds / 3))
                continue
            site.epoch, site.lease_until = epoch, asked + seconds
            log.info("%s: leading, epoch %s", site.name, epoch)
            self.health.leading.add(site.name)
            try:
                await self._work(site)
            finally:
                self.health.leading.discard(site.name)
                await self._store.write(lease.release, site.name, self._holder, epoch, site.now())

    async def _work(self, site: Site) -> None:
        settle = settle_time(site.back_office.capabilities)
        await self._store.write(rescue, connection=site.name, epoch=site.epoch, now=site.now(), settle=settle)
        inventory = Inventory(site)
        watch, deliver = Watch(site, inventory), Deliver(site, {"order": Orders(site).attempt})
        await watch.first_start()
        await self._store.write(loops_begin, site.name, site.now())
        intake, pulse, commands = Intake(site), RemotePulse(site), Commands(site)
        rhythm = site.rhythm
        intervals = {
            "pulse": 1.0,
            "deltas": rhythm.delta,
            "orders": rhythm.orders_poll,
            "sweep": rhythm.sweep,
        }
        scheduler, rung = self._bells({**intervals, "subscriptions": max(60.0, rhythm.orders_poll)})
        lost = asyncio.Event()
        loops: dict[str, Loop] = {
            "lease": lambda: self._keep(site, lost),
            "intake": lambda: self._busy(intake.round, lost, rhythm),
            "deliver": lambda: self._busy(deliver.round, lost, rhythm),
            "inventory": lambda: self._busy(inventory.round, lost, rhythm),
            "commands": lambda: self._busy(commands.round, lost, rhythm),
            "deltas": lambda: self._rung(rung["deltas"], watch.deltas, lost),
            "orders": lambda: self._rung(rung["orders"], watch.orders, lost),
            "sweep": lambda: self._rung(rung["sweep"], watch.sweep, lost),
            "pulse": lambda: self._rung(rung["pulse"], pulse.beat, lost),
            "subscriptions": lambda: self._rung(rung["subscriptions"], watch.subscriptions, lost),
        }
        scheduler.start()
        assert self._stop is not None
        try:
            async with asyncio.TaskGroup() as group:
                tasks = [group.create_task(self._guarded(site, n, run)) for n, run in loops.items()]
                ended = group.create_task(self._stop.wait()), group.create_task(lost.wait())
                await asyncio.wait(ended, return_when=asyncio.FIRST_COMPLETED)
                lost.set()
                for task in (*ended, *tasks[5:]):
                    task.cancel()
                await asyncio.wait(tasks, timeout=self._drain)
                for task in tasks:
                    task.cancel()
            await deliver.drain(self._drain)
        finally:
            scheduler.stop()

    async def _keep(self, site: Site, lost: asyncio.Event) -> None:
        """Renew the lease; when it is gone, so are we."""
        while not lost.is_set():
            await _either(lost, site.rhythm.lease / 3)
            if lost.is_set():
                return
            asked = site.clock.monotonic()
            kept = await self._store.write(
                lease.renew, site.name, self._holder, site.epoch, site.rhythm.lease, site.now()
            )
            if kept:
                site.lease_until = asked + site.rhythm.lease
            else:
                log.warning("%s: the lease is lost, epoch %s stops", site.name, site.epoch)
                lost.set()

    async def _busy(self, round: Callable[[], Awaitable[int]], lost: asyncio.Event, rhythm: Rhythm) -> None:
        """Work while there is work; else wait for a change or a while."""
        while not lost.is_set():
            seen = self._store.revision()
            try:
                count = await round()
            except Failure as failure:
                log.warning("%s %s", failure.cause, failure.log)
                await _either(lost, failure.after if isinstance(failure, NotNow) else AFTER_TROUBLE)
                continue
            if not count:
                await self._store.changed_after(seen, rhythm.rest)
            await asyncio.sleep(rhythm.breath)

    async def _rung(
        self, bell: asyncio.Event, act: Callable[[], Awaitable[None]], lost: asyncio.Event
    ) -> None:
        """Act at the start and each time the bell rings; trouble waits for the next ring or a moment."""
        while not lost.is_set():
            bell.clear()
            try:
                await act()
            except Failure as failure:
                log.warning("%s %s", failure.cause, failure.log)
                await _either(lost, failure.after if isinstance(failure, NotNow) else AFTER_TROUBLE)
                bell.set()
            await bell.wait()

    async def _guarded(self, site: Site, loop_name: str, loop: Loop) -> None:
        name = f"{site.name}.{loop_name}"
        try:
            await loop()
        except asyncio.CancelledError:
            raise
        except Exception as error:
            log.exception("loop %s ended", name)
            self.health.ended[name] = repr(error)
            await self._store.write(loop_ended, site.name, loop_name, type(error).__name__, site.now())

    @property
    def _stopping(self) -> bool:
        return self._stop is None or self._stop.is_set()

    async def _pause(self, seconds: float) -> None:
        assert self._stop is not None
        await _either(self._stop, seconds)


async def _either(event: asyncio.Event, seconds: float) -> None:
    """Until the event or for so many seconds."""
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(event.wait(), seconds)

"""Starts the flows of every connection, guards them, drains and stops them."""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from functools import partial

from engine.delivery.tiers import settle_time
from engine.flows.buffers import take_up_holds
from engine.flows.catalogue import Catalogue
from engine.flows.commands import Commands
from engine.flows.deliver import Deliver
from engine.flows.drafting import Drafting
from engine.flows.hearing import Hearing
from engine.flows.intake import Intake
from engine.flows.inventory import Inventory
from engine.flows.money import KIND as MONEY
from engine.flows.money import Money
from engine.flows.orders import Orders
from engine.flows.places import take_up_places
from engine.flows.plan_commands import PlanCommands
from engine.flows.products import Products
from engine.flows.pulse import RemotePulse
from engine.flows.rewording import take_up_words
from engine.flows.rounds import Rounds, either
from engine.flows.sentinel import Sentinel
from engine.flows.shadow import take_up_remit
from engine.flows.site import Site
from engine.flows.sweep import Sweep
from engine.flows.telling import Telling
from engine.flows.twice import take_up_twice
from engine.flows.watch import Watch
from engine.schedule import Bells, bells
from engine.store.session import Store
from engine.store.trouble import StoreBusy, StoreTrouble, Superseded
from engine.store.verbs import lease
from engine.store.verbs.cursor import first_start
from engine.store.verbs.drafts import KIND as DRAFT
from engine.store.verbs.loops import loop_ended, loops_begin
from engine.store.verbs.rescue import rescue

log = logging.getLogger("trueup.engine")
Loop = Callable[[], Awaitable[None]]
FINISHING = frozenset({"lease", "intake", "deliver", "inventory", "commands"})
"""Loops that finish their round at the end, the lease kept meanwhile; the others are ended in the middle of theirs."""
QUIET = 10.0
"""Seconds after which is looked for what only a change of the store brings, should its bell have been missed."""


@dataclass
class Health:
    """Which loops have ended, and why."""

    ended: dict[str, str] = field(default_factory=dict)
    leading: set[str] = field(default_factory=set)
    elsewhere: set[str] = field(default_factory=set)
    """Connections that another engine was seen to lead."""

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
        self._failed: Exception | None = None

    async def run(self, started: Callable[[], None] = lambda: None) -> None:
        """Work until `stop` is called. What ends a loop for good ends all of them in order, and is raised then."""
        self._stop, self._loop = asyncio.Event(), asyncio.get_running_loop()
        async with asyncio.TaskGroup() as group:
            for site in self._sites:
                group.create_task(self._guarded(site, "engine", partial(self._lead, site)))
            started()
            await self._stop.wait()
        if self._failed is not None:
            raise self._failed

    def stop(self) -> None:
        """Ask the engine to stop; may be called from any thread."""
        loop, stop = self._loop, self._stop
        if loop is not None and stop is not None:
            with contextlib.suppress(RuntimeError):  # the loop is closed: it has stopped
                loop.call_soon_threadsafe(stop.set)

    async def _lead(self, site: Site) -> None:
        """Lead a connection whenever its lease can be had."""
        rounds, begun, known = Rounds(site, self._stopped), site.now(), False
        while not self._stopped.is_set():
            try:
                if not known:
                    await self._store.write(first_start, site.name, begun)
                    known = True
                await self._term(site)
            except (StoreBusy, Superseded) as trouble:
                await rounds.after(trouble)

    async def _term(self, site: Site) -> None:
        """Take the lease of a connection, then work as long as it is ours."""
        seconds, asked = site.rhythm.lease, site.clock.monotonic()
        epoch = await self._store.write(lease.acquire, site.name, self._holder, seconds, site.now())
        if epoch is None:
            self.health.elsewhere.add(site.name)
            await either(self._stopped, min(2.0, seconds / 3))
            return
        site.epoch, site.lease_until = epoch, asked + seconds
        log.info("%s: leading, epoch %s", site.name, epoch)
        self.health.leading.add(site.name)
        self.health.elsewhere.discard(site.name)
        try:
            await self._work(site)
        finally:
            self.health.leading.discard(site.name)
            with contextlib.suppress(StoreTrouble):  # then it runs out by itself
                await self._store.write(lease.release, site.name, self._holder, epoch, site.now())

    async def _work(self, site: Site) -> None:
        settle = settle_time(site.back_office.capabilities)
        await site.store.write(rescue, connection=site.name, epoch=site.epoch, now=site.now(), settle=settle)
        inventory = Inventory(site)
        sweep = Sweep(site, inventory)
        products, catalogue, watch = Products(site), Catalogue(site), Watch(site)
        attempts = {
            "order": Orders(site).attempt, MONEY: Money(site).attempt, "product": products.attempt,
            DRAFT: Drafting(site).attempt,
        }  # fmt: skip
        deliver = Deliver(site, attempts)
        await take_up_remit(site)
        await take_up_words(site)
        await watch.take_up()
        await take_up_places(site)
        await take_up_twice(site)
        await take_up_holds(site)
        await site.store.write(loops_begin, site.name, site.now())
        intake, pulse, commands = Intake(site), RemotePulse(site), Commands(site, inventory)
        sentinel, hearing = Sentinel(site), Hearing(site, watch.subscriptions)
        plans, telling = PlanCommands(site), Telling(site)
        await pulse.take_up()
        rhythm = site.rhythm
        intervals = {
            "pulse": 1.0,
            "deltas": rhythm.delta,
            "orders": rhythm.orders_poll,
            "sweep": rhythm.sweep,
            "sentinel": rhythm.sweep,
            "hearing": 4 * rhythm.orders_poll,
            "articles": rhythm.orders_poll,
            "variants": rhythm.sweep,
        }
        scheduler, rung = self._bells({**intervals, "subscriptions": max(60.0, rhythm.orders_poll)})
        lost = asyncio.Event()
        rounds = Rounds(site, lost)
        loops: dict[str, Loop] = {
            "lease": lambda: self._keep(site, lost, rounds),
            "intake": lambda: rounds.busy(intake.round, rest=QUIET),
            "deliver": lambda: rounds.busy(deliver.round),
            "inventory": lambda: rounds.busy(inventory.round),
            "commands": lambda: rounds.busy(commands.round, rest=QUIET),
            "plans": lambda: rounds.busy(plans.round, rest=QUIET),
            "products": lambda: rounds.busy(products.round),
            "articles": lambda: rounds.rung(rung["articles"], catalogue.articles),
            "variants": lambda: rounds.rung(rung["variants"], catalogue.variants),
            "deltas": lambda: rounds.rung(rung["deltas"], watch.deltas),
            "orders": lambda: rounds.rung(rung["orders"], watch.orders, after=watch.asked),
            "sweep": lambda: rounds.rung(rung["sweep"], sweep.sweep, after=watch.asked),
            "sentinel": lambda: rounds.rung(rung["sentinel"], sentinel.look),
            "hearing": lambda: rounds.rung(rung["hearing"], hearing.listen),
            "pulse": lambda: rounds.rung(rung["pulse"], pulse.beat),
            "subscriptions": lambda: rounds.rung(rung["subscriptions"], watch.subscriptions),
        }
        if site.subscribers:
            loops["events"] = lambda: rounds.busy(telling.round)
        scheduler.start()
        try:
            async with asyncio.TaskGroup() as group:
                tasks = {n: group.create_task(self._guarded(site, n, run)) for n, run in loops.items()}
                ended = group.create_task(self._stopped.wait()), group.create_task(lost.wait())
                await asyncio.wait(ended, return_when=asyncio.FIRST_COMPLETED)
                lost.set()
                self._store.wake()
                for given_up in (*ended, *(task for name, task in tasks.items() if name not in FINISHING)):
                    given_up.cancel()
                await asyncio.wait(tasks.values(), timeout=self._drain)
                for task in tasks.values():
                    task.cancel()
            await deliver.drain(self._drain)
        finally:
            scheduler.stop()

    async def _keep(self, site: Site, lost: asyncio.Event, rounds: Rounds) -> None:
        """Renew the lease; when it is gone, so are we."""
        while not lost.is_set():
            asked = site.clock.monotonic()
            if asked >= site.lease_until:
                log.warning("%s: the lease ran out, epoch %s stops", site.name, site.epoch)
                lost.set()
                return
            # a renewal that was answered late is soon followed by the next
            await either(lost, min(site.rhythm.lease / 3, (site.lease_until - asked) / 2))
            if lost.is_set():
                return
            asked = site.clock.monotonic()
            try:
                kept = await self._store.write(
                    lease.renew, site.name, self._holder, site.epoch, site.rhythm.lease, site.now()
                )
            except StoreBusy as trouble:
                await rounds.after(trouble)
                continue
            if kept:
                site.lease_until = asked + site.rhythm.lease
            else:
                log.warning("%s: the lease is lost, epoch %s stops", site.name, site.epoch)
                lost.set()

    async def _guarded(self, site: Site, loop_name: str, loop: Loop) -> None:
        """A loop that ends by an error takes the whole engine with it: nobody lives on without one of its parts."""
        name = f"{site.name}.{loop_name}"
        try:
            await loop()
        except asyncio.CancelledError:
            raise
        except Exception as error:
            if isinstance(error, StoreTrouble):
                log.error("loop %s ended: %s %s", name, error.cause, error.remedy)
            else:
                log.exception("loop %s ended", name)
            self.health.ended[name] = repr(error)
            self._failed = self._failed or error
            try:
                await self._store.write(loop_ended, site.name, loop_name, type(error).__name__, site.now())
            except StoreTrouble as trouble:
                log.error("that loop %s ended could not be written down: %s", name, trouble.cause)
            finally:
                self._stopped.set()  # this loop is cancelled by it: what it has to say comes first

    @property
    def _stopped(self) -> asyncio.Event:
        assert self._stop is not None, "the engine has not been started"
        return self._stop

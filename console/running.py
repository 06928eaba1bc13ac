"""Runs listener and engine: alone beside their store, on a sound database, until told to stop."""

import asyncio
import contextlib
import logging
from collections.abc import Callable
from typing import Any

from adapters.listener import Listener
from console.alerting import alerting
from console.assembly import listener, open_store, sites
from console.endings import endings
from console.lock import Lock
from console.measuring import Doorway, Measuring
from console.notify import Notify
from console.settings import Settings, SettingsTrouble
from console.settings.supervisor import handed_over, supervisor
from console.tracing import tracing
from engine.alerts.rule import Condition
from engine.flows.site import Site
from engine.model.clock import Clock, SystemClock
from engine.runtime import Engine
from engine.store.examine import examine
from engine.store.session import Store
from engine.store.trouble import StoreBusy

log = logging.getLogger("trueup.engine")
LAST_WORDS_SECONDS = 8.0


async def run_engine(
    settings: Settings,
    stop: asyncio.Event,
    *,
    started: Callable[[], None] = lambda: None,
    store: Store | None = None,
    clock: Clock | None = None,
    listens: bool = True,
) -> None:
    """Run listener (unless another process `listens`) and engine until `stop` is set; waits while another engine works beside the same store."""
    async with tracing(settings):
        await _run_engine(settings, stop, started, store, clock or SystemClock(), listens)


async def _run_engine(
    settings: Settings,
    stop: asyncio.Event,
    started: Callable[[], None],
    store: Store | None,
    clock: Clock,
    listens: bool,
) -> None:
    owned = store is None
    opened = store or open_store(settings, clock)
    lock = Lock(opened)
    all_sites: list[Site] = []
    notify = Notify(supervisor())
    try:
        if not await _alone(lock, stop, notify) or not await _sound(opened, stop):
            return
        all_sites = sites(settings, opened, clock)
        engine = Engine(opened, all_sites, holder=lock.holder, drain=settings.engine.drain_seconds)
        ends = endings(settings, clock)
        measuring, alerts = Measuring(engine, all_sites, opened), alerting(settings, opened, clock, ends)
        door = listener(settings, opened, measuring.health, measuring.metrics, clock)
        if listens:
            await _opened(door, settings)
        notify.say(ready="1", status="at work")
        telling = asyncio.ensure_future(notify.keep(measuring.health))
        try:
            running = asyncio.ensure_future(engine.run(started))
            watching = asyncio.ensure_future(alerts.run())
            looking = asyncio.ensure_future(ends.watch()) if _tells_of_ends(settings) else None
            ended = asyncio.ensure_future(stop.wait())
            await _any_of(running, ended, watching, settings)
            notify.say(stopping="1", status="finishing what is in flight")
            engine.stop()
            try:
                await running
            finally:
                ended.cancel()
                if looking is not None:
                    looking.cancel()
                # whoever is to hear of an engine that ended by itself hears of it before the process is gone
                await alerts.finish(0.0 if stop.is_set() else LAST_WORDS_SECONDS)
                await watching
        finally:
            telling.cancel()
            if listens:
                await door.stop()
    finally:
        for one in all_sites:
            await one.shop.aclose()
            await one.back_office.aclose()
        lock.release()
        if owned:
            opened.close()


def _tells_of_ends(settings: Settings) -> bool:
    return any(one.when == Condition.EXPIRY for one in settings.alerts)


async def run_listener(
    settings: Settings,
    stop: asyncio.Event,
    *,
    started: Callable[[], None] = lambda: None,
    clock: Clock | None = None,
) -> None:
    """Take webhooks in until `stop` is set, and nothing else: no key of a remote is needed, no lease is taken."""
    clock = clock or SystemClock()
    opened, notify = open_store(settings, clock), Notify(supervisor())
    try:
        if not await _sound(opened, stop):
            return
        doorway = Doorway(opened)
        door = listener(settings, opened, doorway.health, doorway.metrics, clock)
        await _opened(door, settings)
        notify.say(ready="1", status="taking webhooks in")
        started()
        telling = asyncio.ensure_future(notify.keep(doorway.health))
        try:
            await stop.wait()
            notify.say(stopping="1", status="answering what is in flight")
        finally:
            telling.cancel()
            await door.stop()
    finally:
        opened.close()


async def _any_of(
    running: "asyncio.Future[None]",
    ended: "asyncio.Future[Any]",
    watching: "asyncio.Future[None]",
    settings: Settings,
) -> None:
    """Until the engine ended, or is to end, or nobody would be told of anything any more."""
    parts: set[asyncio.Future[Any]] = {running, ended}
    if settings.alerts:
        parts.add(watching)
    await asyncio.wait(parts, return_when=asyncio.FIRST_COMPLETED)


async def _alone(lock: Lock, stop: asyncio.Event, notify: Notify) -> bool:
    """Wait until no other engine works beside the same file; False when asked to stop before."""
    waiting = False
    while not lock.take():
        if not waiting:
            waiting = True
            notify.say(ready="1", status="standing by while another engine works beside the same database")
            log.warning(
                "Another engine works beside %s. This one waits and begins when that one ends.", lock.beside
            )
        notify.say(watchdog="1")
        if await _stopped(stop):
            return False
    return True


async def _sound(store: Store, stop: asyncio.Event) -> bool:
    """Look the database over before anything acts by it; raises StoreBroken. False when asked to stop before."""
    while True:
        try:
            await store.read(examine)
        except StoreBusy as trouble:
            log.warning("%s %s", trouble.cause, trouble.remedy)
            if await _stopped(stop):
                return False
        else:
            return True


async def _stopped(stop: asyncio.Event) -> bool:
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), 1.0)
    return stop.is_set()


async def _opened(door: Listener, settings: Settings) -> None:
    at = f"{settings.listener.host}:{settings.listener.port}"
    try:
        await door.start(handed_over())
    except OSError as trouble:
        raise SettingsTrouble(
            f"Nothing can listen on {at}: {trouble.strerror}.",
            "Stop what uses that port, or set another under [listener] in the configuration.",
        ) from trouble

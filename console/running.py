"""Runs listener and engine: alone beside their store, on a sound database, until told to stop."""

import asyncio
import contextlib
import logging
from collections.abc import Callable

from adapters.listener import HealthReport, Listener
from console.assembly import listener, open_store, site
from console.lock import Lock
from console.settings import Settings, SettingsTrouble
from engine.flows.site import Site
from engine.model.clock import SystemClock
from engine.runtime import Engine
from engine.store.examine import examine
from engine.store.session import Store
from engine.store.trouble import StoreBusy

log = logging.getLogger("trueup.engine")


async def run_engine(
    settings: Settings,
    stop: asyncio.Event,
    *,
    started: Callable[[], None] = lambda: None,
    store: Store | None = None,
) -> None:
    """Run listener and engine until `stop` is set; waits while another engine works beside the same store."""
    clock = SystemClock()
    owned = store is None
    opened = store or open_store(settings, clock)
    lock = Lock(opened)
    sites: list[Site] = []
    try:
        if not await _alone(lock, stop) or not await _sound(opened, stop):
            return
        sites = [site(settings, one, opened, clock) for one in settings.connections]
        engine = Engine(opened, sites, holder=lock.holder, drain=settings.engine.drain_seconds)
        door = listener(settings, opened, lambda: _report(engine, sites, opened), clock)
        await _opened(door, settings)
        try:
            running = asyncio.ensure_future(engine.run(started))
            ended = asyncio.ensure_future(stop.wait())
            await asyncio.wait((running, ended), return_when=asyncio.FIRST_COMPLETED)
            engine.stop()
            await running
            ended.cancel()
        finally:
            await door.stop()
    finally:
        for one in sites:
            await one.shop.aclose()
            await one.back_office.aclose()
        lock.release()
        if owned:
            opened.close()


async def _alone(lock: Lock, stop: asyncio.Event) -> bool:
    """Wait until no other engine works beside the same file; False when asked to stop before."""
    waiting = False
    while not lock.take():
        if not waiting:
            waiting = True
            log.warning(
                "Another engine works beside %s. This one waits and begins when that one ends.", lock.beside
            )
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
        await door.start()
    except OSError as trouble:
        raise SettingsTrouble(
            f"Nothing can listen on {at}: {trouble.strerror}.",
            "Stop what uses that port, or set another under [listener] in the configuration.",
        ) from trouble


def _report(engine: Engine, sites: list[Site], store: Store) -> HealthReport:
    checks = dict.fromkeys(engine.health.ended, "ended")
    checks["store"] = store.trouble.cause if store.trouble else "ok"
    for one in sites:
        for remote, state in one.remotes.items():
            checks[f"{one.name}.{remote}"] = "failing" if state.failing_since else "ok"
    return HealthReport(engine.health.alive, bool(engine.health.leading) and engine.health.alive, checks)

"""Holding the lease of a connection for one errand, when no engine holds it."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from engine.flows.shadow import take_up_remit
from engine.flows.site import Site
from engine.model.failure import TryLater
from engine.store.session import Store
from engine.store.verbs import lease


@asynccontextmanager
async def tenure(site: Site, store: Store, holder: str) -> AsyncIterator[None]:
    """Take the lease, renew it while the errand lasts, give it back; TryLater when another holds it.

    When a renewal fails, `site.may_send` says no from then on, and no call leaves any more.
    """
    seconds, asked = site.rhythm.lease, site.clock.monotonic()
    epoch = await store.write(lease.acquire, site.name, holder, seconds, site.now())
    if epoch is None:
        raise TryLater(
            f"Another TrueUp is about to work for {site.name}.",
            "Ask again in a few seconds; it will be asked to do it.",
            code="lease_held",
        )
    site.epoch, site.lease_until = epoch, asked + seconds
    over = asyncio.Event()
    try:
        await take_up_remit(site)
        async with asyncio.TaskGroup() as group:
            group.create_task(_renewed(site, store, holder, over))
            try:
                yield
            finally:
                over.set()
    finally:
        await store.write(lease.release, site.name, holder, epoch, site.now())


async def _renewed(site: Site, store: Store, holder: str, over: asyncio.Event) -> None:
    seconds = site.rhythm.lease
    while not over.is_set():
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds / 3):
                await over.wait()
        asked = site.clock.monotonic()
        if not await store.write(lease.renew, site.name, holder, site.epoch, seconds, site.now()):
            return
        site.lease_until = asked + seconds

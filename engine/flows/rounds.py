"""How a loop of the engine goes round: while there is work, when a bell rings, and again after trouble."""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable

from engine.delivery.retry import short
from engine.flows.site import Site
from engine.model.failure import Failure, NotNow
from engine.store.trouble import StoreBusy, StoreTrouble, Superseded

log = logging.getLogger("trueup.engine")
AFTER_TROUBLE = 1.0


class Rounds:
    """The loops of one connection; all end when the lease is `lost`."""

    def __init__(self, site: Site, lost: asyncio.Event) -> None:
        self._site = site
        self._lost = lost
        self._away = 0
        """How often in a row the store could not be used, by whichever loop."""

    async def busy(self, round: Callable[[], Awaitable[int]], *, rest: float | None = None) -> None:
        """Work while there is work; else wait for a change or a while, `rest` where nothing comes due by time alone."""
        store, rhythm = self._site.store, self._site.rhythm
        while not self._lost.is_set():
            seen = store.revision()
            try:
                count = await round()
            except Superseded as refused:
                self._superseded(refused)
                return
            except (Failure, StoreBusy) as trouble:
                await self.after(trouble)
                continue
            self._back()
            if not count:
                await store.changed_after(seen, rest or rhythm.rest)
            await asyncio.sleep(rhythm.breath)

    async def rung(
        self, bell: asyncio.Event, act: Callable[[], Awaitable[None]], *, after: asyncio.Event | None = None
    ) -> None:
        """Act at the start, not before `after`, and each time the bell rings; trouble waits for the next or a moment."""
        if after is not None:
            await after.wait()
        while not self._lost.is_set():
            bell.clear()
            try:
                await act()
            except Superseded as refused:
                self._superseded(refused)
                return
            except (Failure, StoreBusy) as trouble:
                await self.after(trouble)
                bell.set()
            else:
                self._back()
            await bell.wait()

    async def after(self, trouble: Failure | StoreTrouble) -> None:
        """Wait as long as the trouble asks for, or until the lease is lost."""
        if isinstance(trouble, StoreTrouble):
            level = logging.INFO if self._away else logging.WARNING
            log.log(level, "%s %s", trouble.cause, trouble.remedy)
            wait = short(self._away, self._site.chance).total_seconds()
            self._away += 1
        else:
            detail = f" [{trouble.log}]" if trouble.log else ""
            log.warning("%s: %s %s%s", self._site.name, trouble.cause, trouble.remedy, detail)
            wait = trouble.after if isinstance(trouble, NotNow) else AFTER_TROUBLE
        await either(self._lost, wait)

    def _superseded(self, refused: Superseded) -> None:
        """Nothing of ours is written any more: all loops end."""
        log.warning("%s %s", refused.cause, refused.remedy)
        self._lost.set()

    def _back(self) -> None:
        if self._away and self._site.store.trouble is None:
            log.warning("%s: the database can be used again", self._site.name)
            self._away = 0


async def either(event: asyncio.Event, seconds: float) -> None:
    """Until the event or for so many seconds.

    Not by `asyncio.wait_for`: that of Python 3.11 loses a cancellation that comes together with the event.
    """
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()

"""Takes due work, lets it be attempted, and settles it by what the attempt proved. No transaction is open meanwhile."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta

from engine.delivery.retry import MAX_ATTEMPTS, delay
from engine.flows.site import Site
from engine.model.failure import Failure, Misset, NotApplied, NotNow, OutcomeUnknown, TryLater
from engine.store.rows import FailureNote, Work
from engine.store.verbs.claim import anything_due, claim
from engine.store.verbs.work import dead_letter, hold, postpone, retry, succeed, uncertain

log = logging.getLogger("trueup.deliver")
LEASE_SECONDS = 120.0
PAUSE = timedelta(seconds=15)
"""How long a record waits when our own settings are wrong."""
Attempt = Callable[[Work], Awaitable[None]]


class Deliver:
    """The queue of one connection."""

    def __init__(self, site: Site, attempts: Mapping[str, Attempt]) -> None:
        self._site = site
        self._attempts = attempts
        self._running: set[asyncio.Task[None]] = set()
        self._idle = False
        """The last claim found nothing: a look without a lock comes before the next one."""
        self._workers = min(site.rhythm.workers, site.back_office.capabilities.max_concurrency)

    async def round(self) -> int:
        """Begin as many due records as there are free workers; how many were begun."""
        site = self._site
        free = self._workers - len(self._running)
        if free <= 0:
            await asyncio.wait(self._running, return_when=asyncio.FIRST_COMPLETED)
            return 1
        if self._idle and not await site.store.read(anything_due, site.name, site.now()):
            return 0
        works = await site.store.write(
            claim,
            connection=site.name,
            epoch=site.epoch,
            now=site.now(),
            limit=free,
            lease_seconds=LEASE_SECONDS,
        )
        self._idle = not works
        for work in works:
            task = asyncio.get_running_loop().create_task(self._one(work))
            self._running.add(task)
            task.add_done_callback(self._running.discard)
        return len(works)

    async def drain(self, seconds: float) -> None:
        """Wait so long for what is running, then give it up: whoever leads next finds out what came of it."""
        if self._running:
            _, late = await asyncio.wait(self._running, timeout=seconds)
            for task in late:
                task.cancel()

    async def _one(self, work: Work) -> None:
        site = self._site
        try:
            await self._attempts[work.kind](work)
        except Failure as failure:
            await self._settle(work, failure)
        except Exception as error:
            log.exception("record %s broke", work.key)
            note = FailureNote(
                f"TrueUp could not process this record ({type(error).__name__}).",
                "Report it with the log file; the other records are not affected.",
                f"internal.{type(error).__name__}",
                repr(error),
            )
            await site.store.write(hold, work.id, work.epoch, note, site.now())
        else:
            await site.store.write(succeed, work.id, work.epoch, site.now())

    async def _settle(self, work: Work, failure: Failure) -> None:
        site, note, now = self._site, FailureNote.of(failure), self._site.now()
        log.info("record %s: %s %s", work.key, failure.cause, failure.log)
        match failure:
            case NotNow(after=after):
                await site.store.write(postpone, work.id, work.epoch, now + timedelta(seconds=after), now)
            case Misset():
                await site.store.write(retry, work.id, work.epoch, now + PAUSE, note, now)
            case TryLater() if work.attempt + 1 < MAX_ATTEMPTS:
                due = now + delay(work.attempt, site.chance)
                await site.store.write(retry, work.id, work.epoch, due, note, now)
            case TryLater():
                await site.store.write(dead_letter, work.id, work.epoch, note, now)
            case OutcomeUnknown() if work.attempt + 1 < MAX_ATTEMPTS:
                settle = timedelta(seconds=site.back_office.capabilities.settle_seconds)
                due = now + settle + delay(work.attempt, site.chance)
                await site.store.write(uncertain, work.id, work.epoch, due, note, now)
            case NotApplied():
                await site.store.write(hold, work.id, work.epoch, note, now)
            case _:
                await site.store.write(uncertain, work.id, work.epoch, None, note, now)

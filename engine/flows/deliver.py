"""Takes due work, lets it be attempted, and settles it by what the attempt proved. No transaction is open meanwhile."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import assert_never

from engine.delivery.budget import Budget
from engine.delivery.lanes import LANES, Turns, share
from engine.delivery.verdicts import PAUSE, DeadLettered, Doubtful, Held, Postponed, Retry, Verdict, judge
from engine.flows.site import Site
from engine.model.failure import Failure, Misset
from engine.store.queries.waiting import waiting
from engine.store.rows import FailureNote, Work
from engine.store.verbs.claim import claim
from engine.store.verbs.work import dead_letter, hold, postpone, retry, succeed, uncertain

log = logging.getLogger("trueup.deliver")
LEASE_SECONDS = 120.0
Attempt = Callable[[Work], Awaitable[None]]


class Deliver:
    """The queue of one connection."""

    def __init__(self, site: Site, attempts: Mapping[str, Attempt]) -> None:
        self._site = site
        self._attempts = attempts
        self._running: dict[asyncio.Task[None], int] = {}
        """What is under way, with its lane."""
        able = site.back_office.capabilities
        # each lane but the busiest keeps a worker free; the remote's own gate limits what reaches it at once
        self._workers = min(site.rhythm.workers, able.max_concurrency) + len(LANES) - 1
        self._turns = Turns()
        self._budget = Budget()

    async def round(self) -> int:
        """Begin as many due records as there are free workers; how many were begun."""
        site = self._site
        if len(self._running) >= self._workers:
            await asyncio.wait(self._running, return_when=asyncio.FIRST_COMPLETED)
            return 1
        queues = await site.store.read(waiting, site.name, site.now(), self._workers)
        running = [list(self._running.values()).count(lane) for lane in LANES]
        lanes, self._turns = share(self._workers, running, queues, self._turns)
        if not any(lanes):
            return 0
        works = await site.store.write(
            claim,
            connection=site.name,
            epoch=site.epoch,
            now=site.now(),
            lanes=lanes,
            lease_seconds=LEASE_SECONDS,
        )
        for work in works:
            task = asyncio.get_running_loop().create_task(self._one(work))
            self._running[task] = work.lane
            task.add_done_callback(self._running.pop)
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
            self._budget = self._budget.earn()
            await site.store.write(succeed, work.id, work.epoch, site.now())

    async def _settle(self, work: Work, failure: Failure) -> None:
        site, note, now = self._site, FailureNote.of(failure), self._site.now()
        log.info("record %s: %s %s", work.key, failure.cause, failure.log)
        verdict = judge(failure, work.attempt, site.back_office.capabilities, site.chance)
        if isinstance(verdict, Retry) and not isinstance(failure, Misset):
            verdict = self._afforded(verdict)
        match verdict:
            case Postponed(after=after):
                await site.store.write(postpone, work.id, work.epoch, now + after, now)
            case Retry(after=after):
                await site.store.write(retry, work.id, work.epoch, now + after, note, now)
            case Doubtful(after=after):
                await site.store.write(uncertain, work.id, work.epoch, now + after, note, now)
            case Held(decided=True):
                await site.store.write(uncertain, work.id, work.epoch, None, note, now)
            case Held():
                await site.store.write(hold, work.id, work.epoch, note, now)
            case DeadLettered():
                await site.store.write(dead_letter, work.id, work.epoch, note, now)
            case _ as never:
                assert_never(never)

    def _afforded(self, verdict: Retry) -> Verdict:
        """A retry is paid from what went well before; one that cannot be paid waits and costs no attempt."""
        left = self._budget.spend()
        if left is None:
            return Postponed(max(verdict.after, PAUSE))
        self._budget = left
        return verdict

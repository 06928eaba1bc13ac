"""Takes due work, lets it be attempted, and settles it by what the attempt proved. No transaction is open meanwhile."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Concatenate, ParamSpec, assert_never

from engine.delivery.lanes import LANES, Turns, share
from engine.delivery.retry import short
from engine.delivery.tiers import may_look, settle_time
from engine.delivery.verdicts import PAUSE, DeadLettered, Doubtful, Held, Postponed, Retry, Verdict, judge
from engine.flows.settling import Settling
from engine.flows.site import Site
from engine.model.failure import Failure, Misset
from engine.model.hidden import hide
from engine.model.ids import WorkId
from engine.model.trace import about, span
from engine.store.queries.waiting import waiting
from engine.store.rows import FailureNote, Work
from engine.store.trouble import StoreBusy, StoreTrouble
from engine.store.tx import Tx
from engine.store.verbs.claim import claim
from engine.store.verbs.endings import dead_letter, hold, interrupted, postpone, retry, succeed, uncertain
from engine.store.verbs.rescue import rescue

log = logging.getLogger("trueup.deliver")
LEASE_SECONDS = 120.0
P = ParamSpec("P")
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
        self._settling = Settling(settle_time(able), site.clock.monotonic)
        self._under_way: set[WorkId] = set()
        self._astray = False
        """A claim was cut off: it may have been committed although nobody works on what it took."""

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
        await self._find_astray()
        self._astray = True
        works = await site.store.write(
            claim,
            connection=site.name,
            epoch=site.epoch,
            now=site.now(),
            lanes=lanes,
            lease_seconds=LEASE_SECONDS,
        )
        self._astray = False
        for work in works:
            self._under_way.add(work.id)
            task = asyncio.get_running_loop().create_task(self._one(work))
            self._running[task] = work.lane
            task.add_done_callback(self._running.pop)
        return len(works)

    async def _find_astray(self) -> None:
        """What a claim without an answer took is due again."""
        if self._astray:
            site, able = self._site, self._site.back_office.capabilities
            await site.store.write(
                rescue, connection=site.name, epoch=site.epoch, now=site.now(), settle=settle_time(able),
                keep=self._under_way,
            )  # fmt: skip
            self._astray = False

    async def drain(self, seconds: float) -> None:
        """Wait so long for what is running, then give it up: whoever leads next finds out what came of it."""
        if self._running:
            _, late = await asyncio.wait(self._running, timeout=seconds)
            for task in late:
                task.cancel()

    async def _one(self, work: Work) -> None:
        """Attempt it and write down how that ended; a store that breaks meanwhile leaves it to the next start."""
        correlation = f"{work.id}-{work.epoch}-{work.attempt}"
        try:
            with about(connection=self._site.name, record=f"{work.kind}:{work.key}", correlation=correlation):
                await self._attempted(work)
        except StoreTrouble as trouble:
            log.error("record %s is left as it is: %s", work.key, trouble.cause)
        finally:
            self._under_way.discard(work.id)

    async def _attempted(self, work: Work) -> None:
        site = self._site
        try:
            if work.probing:
                self._settling.check(work)
            with span(f"attempt {work.kind}", {"attempt": str(work.attempt)}):
                await self._attempts[work.kind](work)
        except Failure as failure:
            await self._settle(work, failure)
        except StoreBusy as trouble:
            await self._interrupted(work, trouble)
        except StoreTrouble:
            raise
        except Exception as error:
            log.exception("record %s broke", work.key)
            site.attempts["defect"] += 1
            note = FailureNote(
                f"TrueUp could not process this record ({type(error).__name__}).",
                "Report it with the log file; the other records are not affected.",
                f"internal.{type(error).__name__}",
                hide(repr(error)),
            )
            await self._put(hold, work.id, work.epoch, note, site.now())
        else:
            site.attempts["delivered"] += 1
            site.budget = site.budget.earn()
            self._settling.over(work)
            await self._put(succeed, work.id, work.epoch, site.now())

    async def _interrupted(self, work: Work, trouble: StoreBusy) -> None:
        """Our own database failed in the middle: what has no answer is in doubt, anything else is simply due again."""
        site, able = self._site, self._site.back_office.capabilities
        log.info("record %s: %s", work.key, trouble.cause)
        self._settling.begin(work)
        settle = settle_time(able) if may_look(able.tier) else None
        await self._put(interrupted, work.id, work.epoch, settle, site.now())

    async def _put(self, verb: Callable[Concatenate[Tx, P], bool], *args: P.args, **kw: P.kwargs) -> None:
        """An ending is written as soon as the store can be written again; refused once the record is another's."""
        tries = 0
        while True:
            try:
                await self._site.store.write(verb, *args, **kw)
                return
            except StoreBusy:
                await asyncio.sleep(short(tries, self._site.chance).total_seconds())
                tries += 1

    async def _settle(self, work: Work, failure: Failure) -> None:
        site, note, now = self._site, FailureNote.of(failure), self._site.now()
        log.info("record %s: %s %s", work.key, failure.cause, failure.log)
        site.attempts[failure.outcome] += 1
        verdict = judge(failure, work.attempt, site.back_office.capabilities, site.chance)
        if isinstance(verdict, Retry) and not isinstance(failure, Misset):
            verdict = self._afforded(verdict)
        match verdict:
            case Postponed(after=after):
                await self._put(postpone, work.id, work.epoch, now + after, now)
            case Retry(after=after):
                await self._put(retry, work.id, work.epoch, now + after, note, now)
            case Doubtful(after=after):
                self._settling.begin(work)
                await self._put(uncertain, work.id, work.epoch, now + after, note, now)
            case Held(decided=True):
                await self._put(uncertain, work.id, work.epoch, None, note, now)
            case Held():
                await self._put(hold, work.id, work.epoch, note, now)
            case DeadLettered():
                await self._put(dead_letter, work.id, work.epoch, note, now)
            case _ as never:
                assert_never(never)

    def _afforded(self, verdict: Retry) -> Verdict:
        """A retry is paid from what went well before; one that cannot be paid waits and costs no attempt."""
        left = self._site.budget.spend()
        if left is None:
            return Postponed(max(verdict.after, PAUSE))
        self._site.budget = left
        return verdict

"""Judges by the rules of alerts what the store says, and tells people; independent of any connection's lease.

Judging reads the store, opens and ends alerts and puts down who is to be told, in one transaction each. Telling takes
what is due and hands it to its channel; what did not arrive is due again later. Both survive a restart.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence

from engine.alerts.course import Since, Turn, Word, turn
from engine.alerts.judge import Disk, Ending, Finding, findings
from engine.alerts.rule import Maintenance, Rule
from engine.alerts.wording import message
from engine.flows.unrecorded import Unrecorded
from engine.model.failure import Failure
from engine.ports import Message, Notifier
from engine.store.queries.due_tellings import tellings_due, tellings_open
from engine.store.queries.measures import measures
from engine.store.queries.notices import mutes
from engine.store.rows import Telling
from engine.store.session import Store
from engine.store.trouble import StoreBroken, StoreTrouble
from engine.store.verbs.notices import not_told, note_findings, take_tellings, take_turn, told
from engine.store.verbs.pace import prove_writable

log = logging.getLogger("trueup.alerts")
IDLE_SECONDS = 4.0
"""How often is judged although nothing changed: time alone makes a backlog old."""
LEAST_SECONDS = 2.0
"""How often is judged at most: each time reads for some milliseconds."""
LOOK_SECONDS = 1.0
"""How often is looked for what is due to be told."""
AT_ONCE = 8
"""Messages under way."""
TELL_SECONDS = 25.0
"""How long a channel may take."""
TAKEN_SECONDS = 60.0
"""After so long another process may tell what this one took."""


class Alerting:
    """The alerts of one store."""

    def __init__(
        self,
        store: Store,
        rules: Sequence[Rule],
        channels: Mapping[str, Notifier],
        *,
        environment: str,
        maintenance: Sequence[Maintenance] = (),
        disk: Callable[[], Disk | None] = lambda: None,
        ends: Callable[[], Sequence[Ending]] = lambda: (),
    ) -> None:
        self._store = store
        self._rules = {rule.name: rule for rule in rules}
        self._channels = channels
        self._environment = environment
        self._maintenance = tuple(maintenance)
        self._disk, self._ends = disk, ends
        self._since = Since()
        self._stop = asyncio.Event()
        self._under_way = 0
        self._quiet = False
        """Nothing held and nothing stood when it was judged last."""
        self._dark = Unrecorded(rules, self._carried, environment=environment, maintenance=self._maintenance)
        self._failures = store.failures
        """Failures of the store that have been looked into."""

    async def run(self) -> None:
        """Judge and tell until `finish`; returns at once when there is no rule."""
        if not self._rules:
            return
        async with asyncio.TaskGroup() as group:
            group.create_task(self._judging())
            group.create_task(self._telling(group))

    async def finish(self, seconds: float) -> None:
        """Judge once more, tell what is due within so many seconds, then end: an engine that ended is told of."""
        if self._rules and not isinstance(self._store.trouble, StoreBroken):
            try:
                async with asyncio.timeout(seconds):
                    await self.judge()
                    while await self._store.read(tellings_open):
                        await self._store.changed_after(self._store.revision(), 0.2)
            except (TimeoutError, StoreTrouble) as trouble:
                log.warning("not everything was told before the end: %s", trouble)
        self._stop.set()

    async def _judging(self) -> None:
        while not self._stop.is_set():
            seen = self._store.revision()
            try:
                await self._prove()
                await self.judge()
            except StoreTrouble as trouble:
                await self._dark.lost(trouble, self._store.clock.now())
            else:
                await self._dark.back(self._store.clock.now())
            await self._store.clock.sleep(LEAST_SECONDS)
            await self._store.changed_after(seen, IDLE_SECONDS - LEAST_SECONDS)

    async def _prove(self) -> None:
        """Where the store failed whoever used it, see whether it still does: judging alone may write nothing for days."""
        failures = self._store.failures
        if self._dark.stands or failures != self._failures:
            await self._store.write(prove_writable, self._store.clock.now())
            self._failures = failures

    async def judge(self) -> None:
        """Look once, and put down who is to be told."""
        store, now = self._store, self._store.clock.now()
        found = findings(
            tuple(self._rules.values()), await store.read(measures, now), self._disk(), self._ends()
        )
        stood = self._since.stood(found, self._rules, now)
        pairs: list[tuple[Finding, Rule]] = [(one, self._rules[one.key.rule]) for one in stood]
        if not pairs and self._quiet:
            return
        standing = await store.write(note_findings, pairs, now)
        self._quiet = not standing
        muted = await store.read(mutes, now)
        silent = [
            *self._maintenance,
            *(Maintenance(m.begins, m.ends, (m.connection,) if m.connection else ()) for m in muted),
        ]
        for notice in standing:
            due = turn(self._rules.get(notice.key.rule), notice, now, silent)
            if due is not None:
                await self._take(due)

    async def _take(self, due: Turn) -> None:
        if await self._store.write(take_turn, due, self._store.clock.now()) and due.tell:
            key = due.notice.key
            names = ", ".join(f"{channel} ({word})" for channel, word in due.tell)
            log.warning("alert %s of %s %s: telling %s", key.rule, key.connection, key.cause, names)

    async def _telling(self, group: asyncio.TaskGroup) -> None:
        while not self._stop.is_set():
            seen = self._store.revision()
            try:
                await self._begin(group)
            except StoreTrouble as trouble:
                log.info("nobody could be told: %s", trouble.cause)
            await self._store.clock.sleep(LOOK_SECONDS / 4)
            await self._store.changed_after(seen, LOOK_SECONDS)

    async def _begin(self, group: asyncio.TaskGroup) -> None:
        store, now = self._store, self._store.clock.now()
        room = AT_ONCE - self._under_way
        if room <= 0 or not await store.read(tellings_due, now):
            return
        for one in await store.write(take_tellings, now, seconds=TAKEN_SECONDS, at_most=room):
            self._under_way += 1
            group.create_task(self._one(one))

    async def _one(self, one: Telling) -> None:
        store = self._store
        try:
            trouble = await self._carried(one.channel, self._message(one))
            now = store.clock.now()
            if not trouble:
                await store.write(told, one, now)
            elif await store.write(not_told, one, trouble, now):
                log.error("alert %s was never told to %s: %s", one.rule, one.channel, trouble)
            else:
                log.warning("alert %s is told to %s again later: %s", one.rule, one.channel, trouble)
        except StoreTrouble as lost:
            log.warning("that %s was told could not be written down: %s", one.channel, lost.cause)
        finally:
            self._under_way -= 1

    async def _carried(self, channel: str, text: Message) -> str:
        """Hand a message to its channel; why that failed, or empty."""
        notifier = self._channels.get(channel)
        if notifier is None:
            return f"There is no channel {channel} in the configuration any more."
        try:
            async with asyncio.timeout(TELL_SECONDS):
                await notifier.tell(text)
        except Failure as failure:
            return f"{failure.cause} {failure.remedy}"
        except TimeoutError:
            return f"{channel} took longer than {TELL_SECONDS:g} s."
        return ""

    def _message(self, one: Telling) -> Message:
        return message(
            telling=one.id, word=Word(one.word), notice=one.notice, severity=one.severity, rule=one.rule,
            connection=one.connection, cause=one.cause, figure=one.figure, text=one.text, remedy=one.remedy,
            opened_at=one.opened_at, over_at=one.over_at, acked_by=one.acked_by, environment=self._environment,
            now=self._store.clock.now(),
        )  # fmt: skip

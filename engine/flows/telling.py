"""Tells other systems what changed: signed doorbells that name SKUs and orders, made of the ledger's lines.

Each subscriber has a place in the ledger of its own, which moves on once it has taken what is before it. So nothing is
left out and nothing overtakes, whatever is down for how long; what was sent and not answered is sent again with the
same id.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from engine.delivery.retry import delay
from engine.flows.site import Site
from engine.model.failure import Failure
from engine.model.ids import OrderId, Sku
from engine.ports import Event, Subscriber
from engine.store.queries.changed import Changed, changed_since, last_line
from engine.store.verbs.events import NOT_TOLD, tell_upto, told_upto
from engine.store.verbs.watch import raise_alert

log = logging.getLogger("trueup.engine")
LEAST_SECONDS = 1.0
"""How often is told at most: what changes meanwhile is one message."""
MOST = 500
"""SKUs or orders of one message."""
PATIENCE = 3
"""Attempts in a row that fail before an operator hears of it."""


@dataclass(slots=True)
class Course:
    """How far one subscriber is."""

    told: int
    """Number of the last line it knows."""
    due: float = 0.0
    """Not before, in monotonic seconds."""
    failed: int = 0
    waiting: Changed | None = None
    """What it is being told."""


class Telling:
    """The subscribers of one connection."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._courses: dict[str, Course] = {}

    async def round(self) -> int:
        """Tell everybody what there is to tell; 0, for time and changes bring what is next."""
        for name, subscriber in self._site.subscribers.items():
            course = self._courses.get(name) or await self._taken_up(name)
            if self._site.clock.monotonic() >= course.due:
                await self._tell(name, subscriber, course)
        return 0

    async def _taken_up(self, name: str) -> Course:
        """Where a subscriber stands; one that is new begins with what changes from now on."""
        site = self._site
        told = await site.store.read(told_upto, site.name, name)
        if told is None:
            told = await site.store.read(last_line, site.name)
            await site.store.write(tell_upto, site.name, name, told, site.now())
        self._courses[name] = Course(told)
        return self._courses[name]

    async def _tell(self, name: str, subscriber: Subscriber, course: Course) -> None:
        site = self._site
        changed = course.waiting
        if changed is None:
            changed = await site.store.read(changed_since, site.name, course.told)
        course.due = site.clock.monotonic() + LEAST_SECONDS
        if changed.upto == course.told:
            return
        course.waiting = changed
        try:
            for event in events_of(site.name, changed):
                await subscriber.hand(event)
        except Failure as failure:
            await self._not_told(name, course, failure)
            return
        if changed.last:  # lines that change nothing are passed over in memory alone
            await site.store.write(tell_upto, site.name, name, changed.upto, site.now())
        if course.failed:
            log.info("%s: %s is told what changed again", site.name, name)
        course.told, course.waiting, course.failed = changed.upto, None, 0

    async def _not_told(self, name: str, course: Course, failure: Failure) -> None:
        site = self._site
        course.failed += 1
        wait = delay(course.failed, site.chance).total_seconds()
        course.due = site.clock.monotonic() + max(LEAST_SECONDS, wait)
        log.log(
            logging.WARNING if course.failed == PATIENCE else logging.INFO,
            "%s: %s was not told what changed: %s %s", site.name, name, failure.cause, failure.log,
        )  # fmt: skip
        if course.failed == PATIENCE:
            cause = f"{name} is not told what changes: {failure.cause}"
            await site.store.write(raise_alert, site.name, NOT_TOLD, name, cause, failure.remedy, site.now())


def events_of(connection: str, changed: Changed) -> list[Event]:
    """The messages of these changes, with ids that are the same whenever the same is told."""
    if changed.at is None:
        return []
    at: datetime = changed.at
    return [
        Event(f"evt_{changed.last[:24]}_{kind[0]}{number}", f"{kind}.changed", connection, skus, refs, at)
        for kind, parts in (
            ("stock", [(tuple(map(Sku, part)), ()) for part in _parts(changed.skus)]),
            ("orders", [((), tuple(map(OrderId, part))) for part in _parts(changed.refs)]),
        )
        for number, (skus, refs) in enumerate(parts)
    ]


def _parts(names: Sequence[str]) -> list[Sequence[str]]:
    return [names[start : start + MOST] for start in range(0, len(names), MOST)]

"""Whether the shop's webhooks tell us everything: counted, proven against what was found by other ways, and alarmed."""

import logging
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from engine.delivery.hearing import Window, incomplete, silent
from engine.flows.site import Site
from engine.store.tx import Tx
from engine.store.verbs.cursor import get_cursor, set_cursor
from engine.store.verbs.hearing import INCOMPLETE, SILENT, count_heard, heard_of, prove, sound

log = logging.getLogger("trueup.engine")
PROVEN = "webhooks proven"
"""Cursor: up to when every change is known to have been told, or found without."""
RECENT = 15
"""Windows that are judged together."""
MEND = (
    "TrueUp finds changes by listing them meanwhile, and has looked at its subscriptions; see that the public address "
    "reaches the listener (trueup check) and that the app still may read what the topic tells."
)


class Hearing:
    """Listens for what is not heard, on one connection."""

    def __init__(self, site: Site, mend: Callable[[], Awaitable[None]]) -> None:
        """`mend` looks at the subscriptions, and makes those anew that are gone."""
        self._site = site
        self._mend = mend
        self._recent: dict[str, deque[Window]] = defaultdict(lambda: deque(maxlen=RECENT))

    async def listen(self) -> None:
        """Count what came, prove the window that is over, raise and clear alarms. Raises Failure."""
        site = self._site
        if site.callback is None:
            return
        now, poll = site.now(), timedelta(seconds=site.rhythm.orders_poll)
        await site.store.write(count_heard, site.name, now)
        listed_at = site.listed_at
        if listed_at is not None:
            # a message may be late, and a listing too: what changed after both is proven next time
            proven = await site.store.write(_proven, site.name, min(now - 2 * poll, listed_at), now)
            for topic, window in proven.items():
                self._recent[topic].append(window)
        await self._judge(now)

    async def _judge(self, now: datetime) -> None:
        site = self._site
        hours, last = await site.store.read(heard_of, site.name)
        quiet = {
            topic: (
                f"Shopify has sent no {topic} since {last[topic]:%H:%M:%S}Z; about {due:.0f} should have come.", MEND
            )
            for topic in hours
            if (due := silent(hours[topic], last.get(topic), now)) is not None
        }  # fmt: skip
        lacking = {
            topic: (
                f"Of {whole.expected} changes lately Shopify did not tell {whole.missed} by {topic}; they were found "
                "without.",
                MEND,
            )
            for topic, windows in self._recent.items()
            if (whole := incomplete(windows)) is not None
        }
        topics = {*hours, *self._recent}
        fresh = await site.store.write(sound, site.name, SILENT, quiet, topics, now)
        fresh += await site.store.write(sound, site.name, INCOMPLETE, lacking, topics, now)
        if fresh:
            log.warning("%s: webhooks are missing: %s", site.name, ", ".join(fresh))
            await self._mend()


def _proven(tx: Tx, connection: str, end: datetime, now: datetime) -> dict[str, Window]:
    """Prove from where the last proof ended; the first one only begins."""
    stored = get_cursor(tx, connection, PROVEN)
    begin = datetime.fromisoformat(stored) if stored else end
    if stored and begin >= end:
        return {}
    set_cursor(tx, connection, PROVEN, end.isoformat(), now)
    return prove(tx, connection, begin, end, now) if stored else {}

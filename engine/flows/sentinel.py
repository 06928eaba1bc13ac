"""The duplicate sentinel: looks in the back office for two documents of one order, which nothing else would notice.

What keeps an order from being created twice has a rest that cannot be closed (`engine.delivery.tiers`): a call carried
out later than its settling time. A sweep therefore asks about every order whose creation was ever in doubt, by turns,
about those booked lately, and about those found doubled, until a person has cancelled one.
"""

import logging
from datetime import timedelta

from engine.delivery.tiers import may_look
from engine.flows.site import Site
from engine.store.queries.doubted import booked_since, doubted, known_doubles
from engine.store.verbs.doubles import judge_copies

log = logging.getLogger("trueup.engine")
LATELY = timedelta(hours=1)
AT_ONCE = 500
"""Orders of each kind in one sweep; of those once in doubt the next sweep asks about the next ones."""


class Sentinel:
    """Watches over one connection's documents."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._after = ""
        """The last of the once doubtful orders that were asked about; begun anew after the end."""

    async def look(self) -> None:
        """Ask, and raise or clear alerts. Raises Failure when the back office does not answer."""
        site = self._site
        if not may_look(site.back_office.capabilities.tier):
            return
        once = await site.store.read(doubted, site.name, self._after, AT_ONCE)
        lately = await site.store.read(booked_since, site.name, site.now() - LATELY, AT_ONCE)
        asked = {*once, *lately, *await site.store.read(known_doubles, site.name)}
        if asked:
            copies = await site.back_office.copies(asked)
            fresh = await site.store.write(judge_copies, site.name, asked, copies, site.now())
            for order in fresh:
                log.error("%s: order %s has documents %s", site.name, order, ", ".join(copies[order]))
        self._after = once[-1] if len(once) == AT_ONCE else ""

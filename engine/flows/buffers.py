"""What is held back from sale in the cells of a connection, and when that changes by itself."""

from collections.abc import Collection
from datetime import datetime
from hashlib import sha256

import orjson

from engine.flows.intake import LANE_STOCK
from engine.flows.site import Site
from engine.model.hold import EVERY
from engine.stock.buffers import BufferRule, asked_for, turns
from engine.store.queries.stock import kept_cells
from engine.store.verbs.cursor import get_cursor, set_cursor
from engine.store.verbs.hold import holds, let_go_in_time
from engine.store.verbs.stock import mark_dirty

CURSOR = "buffers"
"""Cursor: which rules were in force when cells were last marked, and when that was."""


CHUNK = 5000
"""Cells marked in one transaction."""


async def take_up_holds(site: Site) -> None:
    """What operators hold back, as it stands in the store."""
    held = await site.store.read(holds, site.name)
    whole_places_last = sorted(held, key=lambda one: one.sku == EVERY)
    site.asked = tuple(asked_for(one) for one in whole_places_last)


class Buffers:
    """Marks cells whose buffer begins, ends, or was set to something else while no engine ran."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._looked: datetime | None = None

    async def turn(self) -> None:
        """Mark the cells of every rule whose time began or ended since the last look."""
        site, now = self._site, self._site.now()
        if any(rule.ends is not None and rule.ends <= now for rule in site.asked):
            await site.store.write(let_go_in_time, site.name, now)
            await take_up_holds(site)
        if self._looked is None:
            await self._take_up(now)
        elif turned := turns(site.buffers, self._looked, now):
            await self._mark(turned, now)
        self._looked = now

    async def _take_up(self, now: datetime) -> None:
        site = self._site
        stored = await site.store.read(get_cursor, site.name, CURSOR)
        was = orjson.loads(stored) if stored else {"rules": _name(()), "at": now.isoformat()}
        if was["rules"] != _name(site.buffers):
            await self._mark((BufferRule(),), now)
        elif turned := turns(site.buffers, datetime.fromisoformat(was["at"]), now):
            await self._mark(turned, now)

    async def _mark(self, rules: Collection[BufferRule], now: datetime) -> None:
        site = self._site
        known = await site.store.read(kept_cells, site.name)
        cells = [key for key in known if any(rule.covers(key) for rule in rules)]
        for start in range(0, len(cells), CHUNK):
            some = cells[start : start + CHUNK]
            await site.store.write(
                mark_dirty, site.name, some, reason="buffer", lane=LANE_STOCK, now=site.now()
            )
        await site.store.write(set_cursor, site.name, CURSOR, _stamp(site.buffers, now), now)


def _name(rules: Collection[BufferRule]) -> str:
    return sha256(repr(tuple(rules)).encode()).hexdigest()[:16]


def _stamp(rules: Collection[BufferRule], now: datetime) -> str:
    return orjson.dumps({"rules": _name(rules), "at": now.isoformat()}).decode()

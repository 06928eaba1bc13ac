"""The comparison of both sides as wholes: only cells that differ are looked at, and when all were compared is kept.

A full comparison stages one export of the shop's levels and the back office's stock page by page; an incremental one
takes the cells that moved since the last. Neither writes anything on either side: what differs is marked, and the
inventory flow looks at it by the rule.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

import orjson

from engine.flows.intake import LANE_SWEEP
from engine.flows.site import Site
from engine.flows.twice import Twice
from engine.model.ids import ItemId, Sku
from engine.model.stock import CellKey, ShopLevel
from engine.store.queries.compared import last_comparison, moved_since
from engine.store.scratch import Scratch
from engine.store.tx import Tx
from engine.store.verbs.stock import cell_states, mark_dirty, mark_gone, see_level
from engine.store.verbs.watch import begin_run, end_run

FULL, SINCE = "compare", "compare since"
"""Names of the runs of either kind."""
CHUNK = 1000
"""Cells of an incremental comparison that are read together."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """What came of one."""

    cells: int
    differing: int
    skus: frozenset[Sku] = frozenset()
    """All SKUs of the back office, after a full comparison."""
    unstocked: tuple[tuple[CellKey, ItemId], ...] = ()
    """Items that the back office has where the shop does not stock them."""
    twice: Twice = field(default_factory=dict)


class Reconcile:
    """Comparisons of one connection."""

    def __init__(self, site: Site) -> None:
        self._site = site

    async def full(self) -> Comparison:
        """Compare every cell. Raises Failure when a side could not be read to its end: that proves nothing."""
        site = self._site
        begun = site.now()
        run = await site.store.write(begin_run, site.name, FULL, begun)
        skus: set[Sku] = set()
        differing = 0
        with Scratch() as scratch:
            async for levels in site.shop.export_levels():
                await asyncio.to_thread(scratch.add_levels, levels)
            async for page in site.back_office.products():
                skus.update(page)
                snapshot = await site.back_office.stock(page)
                await asyncio.to_thread(scratch.add_shelves, snapshot, site.location_of)
            cells = await site.store.read(scratch.add_known, site.name)
            moved = scratch.moved()
            while part := await asyncio.to_thread(next, moved, None):
                # an export is as old as its beginning: what was read since is newer and stays
                await site.store.write(_differ, site.name, part, begun)
                differing += len(part)
            twice = await asyncio.to_thread(scratch.twice)
            gone = await asyncio.to_thread(scratch.gone)
            await site.store.write(mark_gone, site.name, gone, begun)
            unstocked = await asyncio.to_thread(scratch.unstocked)
        done = Comparison(cells, differing + len(gone), frozenset(skus), tuple(unstocked), twice)
        await self._done(run, done)
        return done

    async def since_last(self) -> Comparison:
        """Compare what moved since the last comparison that was completed. Raises Failure."""
        site = self._site
        last = await site.store.read(last_comparison, site.name, (FULL, SINCE))
        run = await site.store.write(begin_run, site.name, SINCE, site.now())
        keys = await site.store.read(
            moved_since, site.name, last or datetime.min.replace(tzinfo=site.now().tzinfo)
        )
        differing = 0
        for start in range(0, len(keys), CHUNK):
            differing += await self._part(keys[start : start + CHUNK])
        done = Comparison(len(keys), differing)
        await self._done(run, done)
        return done

    async def _part(self, keys: Sequence[CellKey]) -> int:
        site, begun = self._site, self._site.now()
        cells = await site.store.read(cell_states, site.name, keys)
        wanted = set(keys)
        levels = await site.shop.read_levels({c.item for c in cells}, {c.location for c in cells})
        skus = {cell.sku for cell in cells}
        with Scratch(large=False) as scratch:
            scratch.add_levels(one for one in levels if CellKey(one.sku, one.location) in wanted)
            scratch.add_shelves(await site.back_office.stock(skus), site.location_of, wanted)
            await site.store.read(scratch.add_known, site.name, wanted)
            parts = list(scratch.moved())
        for part in parts:
            await site.store.write(_differ, site.name, part, begun)
        return sum(map(len, parts))

    async def _done(self, run: int, done: Comparison) -> None:
        site = self._site
        detail = orjson.dumps({"cells": done.cells, "differing": done.differing}).decode()
        await site.store.write(end_run, run, "ok", detail, site.now())


def _differ(tx: Tx, connection: str, levels: Sequence[ShopLevel], begun: datetime) -> None:
    see_level(tx, connection, levels, begun)
    cells = [CellKey(level.sku, level.location) for level in levels if level.active and level.tracked]
    mark_dirty(tx, connection, cells, reason="comparison", lane=LANE_SWEEP, now=begun)

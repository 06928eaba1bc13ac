"""Stock: dirty cells in, compare-and-swap writes out, by the rule of `engine.stock.target`.

One round finishes what was left open, reads in the order the rule demands (cell memory first, see `cell_reading`),
decides, and writes decreases before increases. The newest figure wins, so however long an outage lasts there is
never more to do than there are cells.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from engine.delivery.retry import delay
from engine.flows.buffers import Buffers
from engine.flows.cell_reading import Reading, read_all, relatives
from engine.flows.deciding import decided
from engine.flows.left_alone import absent, reason
from engine.flows.levels import LevelWriter, Planned
from engine.flows.shadow import judge_cells, writes_level
from engine.flows.site import CLOCK_SET, Site
from engine.model.failure import Failure
from engine.model.ids import Sku
from engine.model.stock import CellKey
from engine.model.trace import span
from engine.store.rows import CellState, FailureNote
from engine.store.verbs.levels import listed, look_later, wait_for
from engine.store.verbs.publish import agree, cell_failed, leave
from engine.store.verbs.sights import sights_anew
from engine.store.verbs.stock import dirty

ROUND = 1000
"""Cells looked at together: four full mutations."""
LOOK_AGAIN = timedelta(seconds=1)


class Inventory:
    """Keeps the levels of one connection true."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._writer = LevelWriter(site)
        self._buffers = Buffers(site)
        self.known: frozenset[Sku] | None = None
        """SKUs the back office knows; None until it was asked. Others are left alone."""
        self._clock_began: datetime | None = None
        """When the monotonic clock stood at zero, by the wall clock at the last round."""
        self._listed_at: datetime | None = None
        """Up to when listings have proven anything to the cells that wait for one."""
        self.doubted = False
        """Somebody retries what failed, and may just have created a SKU: ask once more before one is called unknown."""

    async def learn(self) -> frozenset[Sku]:
        """Ask the back office which SKUs it knows. Raises Failure."""
        known: set[Sku] = set()
        async for page in self._site.back_office.products():
            known.update(page)
        return self.learned(known)

    def learned(self, known: Iterable[Sku]) -> frozenset[Sku]:
        """These, and no others, are the SKUs the back office knows."""
        self.known, self.doubted = frozenset(known), False
        return self.known

    async def open_writes(self) -> frozenset[CellKey]:
        """Settle writes without an answer; the cells of those that may still arrive. Within `level_turn`. Raises Failure."""
        return await self._writer.finish_open()

    async def round(self) -> int:
        """Look at the cells that are due; how many there were."""
        async with self._site.level_turn:
            return await self._round()

    async def _round(self) -> int:
        site = self._site
        if site.closed_for():
            return 0
        await self._judge_clock()
        doubtful = await self._writer.finish_open()
        if doubtful:
            await site.store.write(wait_for, site.name, doubtful, site.now() + LOOK_AGAIN)
        await self._listed()
        await self._buffers.turn()
        cells = await site.store.read(dirty, site.name, ROUND, site.now())
        cells = [*cells, *await relatives(site, cells)]
        cells = await self._ours([cell for cell in cells if cell.key not in doubtful])
        if cells:
            with span("stock round", {"connection": site.name, "cells": str(len(cells))}):
                await self._look_at(cells)
        return len(cells)

    async def _look_at(self, cells: Sequence[CellState]) -> None:
        site = self._site
        try:
            reading = await read_all(site, cells)
        except Failure as failure:
            await self._not_now(cells, failure)
            return
        stocked = [cell for cell in cells if cell.key in reading.levels]
        ours = [cell for cell in stocked if writes_level(site, cell)]
        await self._act([decided(self._site, cell, reading) for cell in ours])
        await judge_cells(site, [cell for cell in stocked if not writes_level(site, cell)], reading)
        await self._absent([cell for cell in cells if cell.key not in reading.levels], reading)

    async def _absent(self, cells: Sequence[CellState], reading: Reading) -> None:
        """Cells Shopify does not stock: a failure where the back office has units there, else nothing to do."""
        idle: list[CellState] = []
        for cell in cells:
            note = absent(reading.shelves(cell.key))
            if note is None or not writes_level(self._site, cell):
                idle.append(cell)
            else:
                await self._failed(cell, note)
        if idle:
            await self._site.store.write(leave, self._site.name, idle, self._site.now())

    async def _act(self, plans: Sequence[Planned]) -> None:
        """Note what is equal, put off what cannot be settled by what was read, write the rest."""
        site, now = self._site, self._site.now()
        ready, later = list[Planned](), list[Planned]()
        for plan in plans:
            (ready if plan.settles(site.clock, site.rhythm.freshness) else later).append(plan)
        equal = [plan.published for plan in ready if plan.target.equal]
        if equal:
            await site.store.write(agree, site.name, equal, now)
        soon = [plan.published for plan in later if not plan.until_listed]
        waiting = [plan.published for plan in later if plan.until_listed]
        for cells, due_at in (
            (soon, now + LOOK_AGAIN),
            (waiting, now + timedelta(seconds=site.rhythm.sweep)),
        ):
            if cells:
                await site.store.write(look_later, site.name, cells, due_at, now)
        writes = [plan for plan in ready if not plan.target.equal]
        await self._writer.write(sorted(writes, key=lambda plan: (plan.target.raises, plan.cell.key)))

    async def _judge_clock(self) -> None:
        """Whoever led before had a clock of its own, and ours may be set: what was seen by another one is seen anew."""
        site, before = self._site, self._clock_began
        self._clock_began = site.now() - timedelta(seconds=site.clock.monotonic())
        if before is None or abs(self._clock_began - before) > CLOCK_SET:
            await site.store.write(sights_anew, site.name, site.now())

    async def _listed(self) -> None:
        """A listing of changed orders is complete: the cells it may tell something about are due.

        Nothing else could settle them, so they are not looked at before.
        """
        site, listed_at = self._site, self._site.listed_at
        if listed_at is not None and listed_at != self._listed_at:
            await site.store.write(listed, site.name, listed_at - site.rhythm.listing_lag, site.now())
            self._listed_at = listed_at

    async def _ours(self, cells: Sequence[CellState]) -> list[CellState]:
        """Cells we may write; the others are put aside with the reason."""
        if self.doubted and self.known is not None and not {cell.sku for cell in cells} <= self.known:
            await self.learn()
        ours: list[CellState] = []
        for cell in cells:
            note = reason(cell, self._site, self.known)
            if note is None:
                ours.append(cell)
            else:
                await self._failed(cell, note)
        return ours

    async def _not_now(self, cells: Sequence[CellState], failure: Failure) -> None:
        """A remote does not answer: the cells stay marked, each until its own time."""
        for cell in cells:
            wait = max(delay(cell.attempt, self._site.chance), LOOK_AGAIN)
            await self._failed(cell, FailureNote.of(failure), wait)

    async def _failed(self, cell: CellState, note: FailureNote, wait: timedelta | None = None) -> None:
        site, now = self._site, self._site.now()
        await site.store.write(
            cell_failed, site.name, cell.key, note, now,
            due_at=None if wait is None else now + wait, dirty_seq=cell.dirty_seq,
        )  # fmt: skip

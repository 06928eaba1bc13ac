"""Stock: dirty cells in, compare-and-swap writes out, by the rule of `engine.stock.target`.

One round reads in the order the rule demands: cell memory, Shopify levels, orders, documents, ERP stock.
The newest figure wins, so however long an outage lasts there is never more to do than there are cells.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from engine.delivery.retry import delay
from engine.flows.levels import LevelWriter, Planned, finished
from engine.flows.site import Site
from engine.model.failure import Failure
from engine.model.ids import OrderId, Sku
from engine.model.sale import Document
from engine.model.stock import CellKey, ShelfStock, ShopLevel, StockSnapshot
from engine.stock.target import Memory, OrderAtCell, Shelf, decide
from engine.store.rows import CellState, FailureNote, OrderCell
from engine.store.verbs.levels import look_later
from engine.store.verbs.publish import agree, cell_failed, note_seen
from engine.store.verbs.settled import both
from engine.store.verbs.stock import dirty, see_level

ROUND = 1000
"""Cells looked at together: four full mutations."""
LOOK_AGAIN = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Reading:
    """Everything read for one round, in the order in which it was read."""

    cells: Sequence[CellState]
    levels: Mapping[CellKey, ShopLevel]
    orders: Sequence[OrderCell]
    settled: Mapping[CellKey, int]
    documents: Mapping[OrderId, Document]
    snapshot: StockSnapshot


class Inventory:
    """Keeps the levels of one connection true."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._writer = LevelWriter(site)
        self.known: frozenset[Sku] | None = None
        """SKUs the back office knows; None until it was asked. Others are left alone."""

    async def round(self) -> int:
        """Look at the cells that are due; how many there were."""
        site = self._site
        if site.closed_for():
            return 0
        await self._writer.finish_open()
        cells = await site.store.read(dirty, site.name, ROUND, site.now())
        cells = await self._left_alone(cells)
        if not cells:
            return 0
        try:
            reading = await self._read(cells)
        except Failure as failure:
            await self._not_now(cells, failure)
            return len(cells)
        planned = [plan for cell in cells if (plan := self._decide(cell, reading)) is not None]
        same = [plan.published for plan in planned if plan.target.equal and not plan.target.waiting]
        if same:
            await site.store.write(agree, site.name, same, site.now())
        await self._later([plan for plan in planned if not self._may_settle(plan, reading)])
        writes = [plan for plan in planned if not plan.target.equal and self._may_settle(plan, reading)]
        writes.sort(key=lambda plan: (plan.target.raises, plan.cell.key))
        await self._writer.write(writes)
        gone = [cell for cell in cells if cell.key not in reading.levels]
        await self._no_level(gone)
        return len(cells)

    async def _left_alone(self, cells: Sequence[CellState]) -> list[CellState]:
        """Cells we may not or cannot write are put aside with the reason; the others are returned."""
        kept: list[CellState] = []
        for cell in cells:
            note = self._reason(cell)
            if note is None:
                kept.append(cell)
            else:
                site = self._site
                await site.store.write(cell_failed, site.name, cell.key, note, site.now(), due_at=None)
        return kept

    def _reason(self, cell: CellState) -> FailureNote | None:
        if cell.location not in self._site.locations:
            return FailureNote(
                "This location has no warehouse.",
                "Add it to [connections.locations] in the configuration to keep its stock true.",
                "location_unmapped",
            )
        if not cell.tracked:
            return FailureNote(
                "Shopify does not track this item.",
                "Turn tracking on in Shopify to keep it true.",
                "untracked",
            )
        if self.known is not None and cell.sku not in self.known:
            return FailureNote(
                f"The back office does not know SKU {cell.sku}.",
                "Create it there or correct its spelling; until then its stock is left alone.",
                "sku_unknown",
            )
        return None

    async def _read(self, cells: Sequence[CellState]) -> Reading:
        site = self._site
        skus = {cell.sku for cell in cells}
        levels = await self._levels(cells)
        orders, settled = await site.store.read(both, site.name, skus)
        documents = await site.back_office.documents({cell.order_id for cell in orders})
        snapshot = await site.back_office.stock(skus)
        return Reading(cells, levels, orders, settled, documents, snapshot)

    async def _levels(self, cells: Sequence[CellState]) -> Mapping[CellKey, ShopLevel]:
        site = self._site
        read = await site.shop.read_levels({cell.item for cell in cells}, {cell.location for cell in cells})
        asked = {cell.key for cell in cells}
        levels = {CellKey(level.sku, level.location): level for level in read}
        await site.store.write(
            see_level, site.name, [level for key, level in levels.items() if key in asked], site.now()
        )
        return {key: level for key, level in levels.items() if level.active}

    def _decide(self, cell: CellState, reading: Reading) -> Planned | None:
        level = reading.levels.get(cell.key)
        if level is None:
            return None
        site = self._site
        behind = site.locations[cell.location]
        shelves = {w: reading.snapshot.shelves.get((cell.sku, w), ShelfStock(0, 0, {})) for w in behind}
        orders = self._orders(cell, reading, shelves.values())
        target = decide(
            Memory(cell.ver, cell.base, cell.pos, cell.seen_low, cell.seen_at),
            level.on_hand,
            orders.values(),
            Shelf(sum(s.on_hand for s in shelves.values()), sum(s.reserved for s in shelves.values())),
            settled_movements=reading.settled.get(cell.key, 0),
            buffer=site.buffer,
            now=site.now(),
            listed_at=site.listed_at,
            listing_lag=site.rhythm.listing_lag,
        )
        return Planned(cell, target, finished(cell, target, orders, reading.snapshot.taken_at))

    def _orders(
        self, cell: CellState, reading: Reading, shelves: Collection[ShelfStock]
    ) -> dict[OrderId, OrderAtCell]:
        return {
            held.order_id: _at_cell(self._site, cell, held, reading.documents.get(held.order_id), shelves)
            for held in reading.orders
            if held.sku == cell.sku and held.location == cell.location
        }

    async def _later(self, plans: Sequence[Planned]) -> None:
        """Cells that cannot be settled by what was read; what was seen of them is kept."""
        site = self._site
        for plan in plans:
            memory, now = plan.target.memory, site.now()
            await site.store.write(note_seen, site.name, plan.cell.key, memory.seen_low, memory.seen_at, now)
            await site.store.write(look_later, site.name, plan.published, now + LOOK_AGAIN, now)

    def _may_settle(self, plan: Planned, reading: Reading) -> bool:
        """A raise needs a snapshot taken after the level was read (it is, by order) and not too old."""
        if plan.target.waiting and plan.target.equal:
            return False
        age = self._site.now() - reading.snapshot.taken_at
        return not plan.target.raises or age <= self._site.rhythm.freshness

    async def _not_now(self, cells: Sequence[CellState], failure: Failure) -> None:
        site = self._site
        note, now = FailureNote.of(failure), site.now()
        for cell in cells:
            wait = max(delay(cell.attempt, site.chance), LOOK_AGAIN)
            await site.store.write(cell_failed, site.name, cell.key, note, now, due_at=now + wait)

    async def _no_level(self, cells: Sequence[CellState]) -> None:
        site = self._site
        note = FailureNote(
            "The item is not stocked at this location in Shopify.",
            "It is activated by itself when the back office has stock there.",
            "inactive",
        )
        for cell in cells:
            await site.store.write(cell_failed, site.name, cell.key, note, site.now(), due_at=None)


def _at_cell(
    site: Site, cell: CellState, held: OrderCell, document: Document | None, shelves: Collection[ShelfStock]
) -> OrderAtCell:
    """One order at one cell, as both sides know it.

    Units the ERP shipped from elsewhere no later than Shopify's fulfilment here make that fulfilment paperwork.
    """
    shipped = elsewhere = returned = 0
    for line in document.lines if document else ():
        if line.sku != cell.sku:
            continue
        if site.location_of.get(line.warehouse) == cell.location:
            shipped += line.shipped
            returned += line.returned
        elif line.shipped_at and held.fulfilled_at and line.shipped_at <= held.fulfilled_at:
            elsewhere += line.shipped
    reserved = sum(shelf.reserved_for.get(held.order_id, 0) for shelf in shelves) if document else 0
    return OrderAtCell(
        committed=held.committed,
        fulfilled=held.fulfilled,
        restocked=held.restocked,
        reserved=reserved,
        shipped=shipped,
        shipped_elsewhere=max(0, min(elsewhere, held.fulfilled - shipped)),
        returned=returned,
    )

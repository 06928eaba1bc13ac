"""Everything one round of the stock rule reads, in the order in which the rule demands it."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property

from engine.flows.site import Site
from engine.model.ids import OrderId, Sku, WarehouseId
from engine.model.sale import Document
from engine.model.stock import CellKey, OrderCell, ShelfStock, ShopLevel, StockSnapshot
from engine.orders.booking import booked_at
from engine.stock.available import as_physical, moved_between
from engine.stock.order_at_cell import OrderAtCell, order_at_cell
from engine.stock.sisters import SisterOrder, sold_elsewhere
from engine.stock.target import Listing, Shelf
from engine.store.queries.sisters import sister_orders
from engine.store.rows import CellState
from engine.store.verbs.orders import read_orders
from engine.store.verbs.settled import both
from engine.store.verbs.stock import cell_states, see_level

NOTHING = ShelfStock(0, 0, {})


@dataclass(frozen=True)
class Reading:
    """What was read for one round."""

    site: Site
    levels: Mapping[CellKey, ShopLevel]
    """Active levels; a cell without one cannot be written."""
    listing: Listing
    orders: Sequence[OrderCell]
    settled: Mapping[CellKey, int]
    documents: Mapping[OrderId, Document]
    snapshot: StockSnapshot
    unfound: frozenset[OrderId] = frozenset()
    """Orders whose document is there for certain and was not found, or moved while it was read: figures err low."""

    family: Mapping[CellKey, CellState] = field(default_factory=dict)
    """The cells that were asked for, and those that share components with them."""
    asked_at: float = 0.0
    """When the back office was asked for its figures, by our monotonic clock."""
    sisters: Sequence[SisterOrder] = ()
    """Open orders of other shops that sell from the same back office."""

    def lacks(self, cell: CellKey) -> bool:
        """The figure of this cell errs low until a document is found."""
        family = self.site.families.get(cell.sku, (cell.sku,))
        here = (held for sku in family for held in self._at.get(CellKey(Sku(sku), cell.location), ()))
        return any(held.order_id in self.unfound for held in here)

    def shelves(self, cell: CellKey) -> list[ShelfStock]:
        """The warehouses behind a cell, as the snapshot has them."""
        behind = self.site.locations[cell.location]
        return [self.snapshot.shelves.get((cell.sku, warehouse), NOTHING) for warehouse in behind]

    def shelf(self, cell: CellKey) -> Shelf:
        """Their sum."""
        shelves = self.shelves(cell)
        return Shelf(sum(s.on_hand for s in shelves), sum(s.reserved for s in shelves))

    def closed(self, cell: CellKey) -> int:
        """Free units of warehouses that are switched off."""
        off = [
            warehouse for warehouse in self.site.locations[cell.location] if warehouse in self.site.held_back
        ]
        shelves = [self.snapshot.shelves.get((cell.sku, warehouse), NOTHING) for warehouse in off]
        return sum(max(shelf.on_hand - shelf.reserved, 0) for shelf in shelves)

    def elsewhere(self, cell: CellKey) -> Mapping[OrderId, int]:
        """Units of a cell that other shops sold and the back office has not booked yet, by order."""
        if not self.sisters:
            return {}
        behind = self.site.locations[cell.location]
        found: dict[OrderId, int] = defaultdict(int)
        for warehouse in behind:
            for order, units in self._elsewhere.get((cell.sku, warehouse), {}).items():
                found[order] += units
        return found

    def orders_at(self, cell: CellKey) -> dict[OrderId, OrderAtCell]:
        """The orders that may still matter to a cell."""
        site, shelves = self.site, self.shelves(cell)
        return {
            held.order_id: order_at_cell(
                held,
                self._whole[held.order_id, held.sku],
                self.documents.get(held.order_id),
                shelves,
                site.locations[cell.location],
                site.location_of,
            )
            for held in self._at.get(cell, ())
        }

    @cached_property
    def _at(self) -> Mapping[CellKey, Sequence[OrderCell]]:
        found: dict[CellKey, list[OrderCell]] = defaultdict(list)
        for held in self.orders:
            found[CellKey(held.sku, held.location)].append(held)
        return found

    @cached_property
    def _elsewhere(self) -> Mapping[tuple[Sku, WarehouseId], Mapping[OrderId, int]]:
        site = self.site
        sisters = {sister.name: sister for sister in site.sisters}
        books_at = {sister.name: booked_at(sister.locations, site.held_back) for sister in site.sisters}
        return sold_elsewhere(self.sisters, sisters, books_at, self.snapshot.shelves)

    @cached_property
    def _whole(self) -> Mapping[tuple[OrderId, Sku], Sequence[OrderCell]]:
        found: dict[tuple[OrderId, Sku], list[OrderCell]] = defaultdict(list)
        for held in self.orders:
            found[held.order_id, held.sku].append(held)
        return found


async def read_all(site: Site, cells: Sequence[CellState], *, keep: bool = True) -> Reading:
    """Levels, orders, documents, stock: a movement in between is seen too early, never too late. Raises Failure.

    The cells' own memory was read before all of it. Unless `keep`, the levels are not remembered as seen: whoever
    only looks must not make the shop's own word of a movement look like an echo.
    """
    family = [*cells, *await relatives(site, cells)]
    skus = {sku for cell in cells for sku in site.families.get(cell.sku, {cell.sku})}
    levels = await _levels(site, family, {cell.key for cell in cells} if keep else set())
    listing = Listing(site.rhythm.listing_lag, site.listed_at)
    orders, settled = await site.store.read(both, site.name, skus)
    sisters = await site.store.read(sister_orders, site.sisters, skus) if site.sisters else ()
    documents = await site.back_office.documents({cell.order_id for cell in orders})
    asked_at = site.clock.monotonic()
    snapshot = await site.back_office.stock(skus)
    unfound = await _unfound(site, {cell.order_id for cell in orders} - documents.keys())
    if site.only_available:
        after = await site.back_office.documents({cell.order_id for cell in orders})
        unfound |= moved_between(documents, after)
        snapshot = as_physical(snapshot, documents, after)
    known = {cell.key: cell for cell in family}
    return Reading(
        site, levels, listing, orders, settled, documents, snapshot, unfound, known, asked_at, sisters
    )


async def relatives(site: Site, cells: Sequence[CellState]) -> list[CellState]:
    """Cells at the same places that share components with these through kits, as far as they are known."""
    asked = {cell.key for cell in cells}
    others = {
        CellKey(sku, cell.location) for cell in cells for sku in site.families.get(cell.sku, ())
    } - asked
    return await site.store.read(cell_states, site.name, others) if others else []


async def _unfound(site: Site, missing: Collection[OrderId]) -> frozenset[OrderId]:
    """Those whose document was seen within the time a document may need to be found; an older one was deleted."""
    within = timedelta(seconds=site.back_office.capabilities.settle_seconds)
    if not missing or not within:
        return frozenset()
    rows, now = await site.store.read(read_orders, site.name, missing), site.now()
    return frozenset(
        order for order, row in rows.items() if row.document_at is not None and now - row.document_at < within
    )


async def _levels(
    site: Site, cells: Sequence[CellState], keep: Collection[CellKey]
) -> Mapping[CellKey, ShopLevel]:
    read = await site.shop.read_levels({cell.item for cell in cells}, {cell.location for cell in cells})
    levels = {CellKey(level.sku, level.location): level for level in read}
    told = [level for key, level in levels.items() if key in keep]
    if keep:
        await site.store.write(see_level, site.name, told, site.now())
    return {key: level for key, level in levels.items() if level.active}

"""The sweep: everything there is on both sides, whatever nobody told us of."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from engine.flows.intake import LANE_SWEEP, order_due
from engine.flows.inventory import Inventory
from engine.flows.listed import Listed
from engine.flows.places import learn_places
from engine.flows.reconcile import FULL, Reconcile
from engine.flows.site import Site
from engine.flows.twice import found_twice
from engine.model.ids import ItemId, LocationId, OrderId
from engine.model.remit import Subject
from engine.model.stock import CellKey, ShopLevel
from engine.store.queries.compared import last_comparison
from engine.store.queries.stock import kept_cells
from engine.store.tx import Tx
from engine.store.verbs.history import forget
from engine.store.verbs.retention import prune
from engine.store.verbs.shadow import differing, forget_differences
from engine.store.verbs.stock import mark_dirty, mark_gone, see_level

HISTORY = timedelta(days=30)
"""How far back any second of a cell can be told."""
FORGOTTEN = 5000
"""Older rows dropped by one sweep: a bounded write, and more a day than a busy shop adds."""


class Sweep:
    """Sweeps of one connection."""

    def __init__(self, site: Site, inventory: Inventory) -> None:
        self._site = site
        self._inventory = inventory
        self._reconcile = Reconcile(site)

    async def sweep(self) -> None:
        """Locations, then every cell: of a small shop each is looked at, of a large one those that differ."""
        site = self._site
        await learn_places(site)
        if await site.shop.is_large():
            await self._compare()
        else:
            await self._look()
        await site.store.write(forget, site.now() - HISTORY, FORGOTTEN)
        await site.store.write(prune, site.name, site.now() - site.keep, FORGOTTEN, site.now())
        if site.beside:
            await site.store.write(_look_again, site.name, site.now())

    async def _compare(self) -> None:
        """All of a large shop every so often, and what moved since in between."""
        site = self._site
        last = await site.store.read(last_comparison, site.name, (FULL,))
        if last is not None and self._inventory.known and site.now() - last < site.rhythm.full_compare:
            await self._reconcile.since_last()
            return
        done = await self._reconcile.full()
        self._inventory.learned(done.skus)
        await found_twice(site, done.twice)
        await self._activate(done.unstocked)

    async def _look(self) -> None:
        """Every cell of a small shop is marked."""
        site = self._site
        known = await self._inventory.learn()
        listed, begun = Listed(), site.now()
        before = await site.store.read(kept_cells, site.name)
        async for levels in site.shop.levels():
            await site.store.write(_swept, site.name, listed.take(levels), site.now())
        gone = [cell for cell in before if cell not in listed.active]
        await site.store.write(mark_gone, site.name, gone, begun)
        await found_twice(site, listed.twice)
        await self._activate(listed.unstocked(known, site.locations))

    async def _activate(self, unstocked: Iterable[tuple[CellKey, ItemId]]) -> None:
        """Stock items where the back office has them and Shopify does not."""
        site = self._site
        missing = {
            cell: item
            for cell, item in unstocked
            if cell.sku not in site.twice
            and cell.location not in site.shut
            and site.licence.remit.covers(Subject.STOCK, cell.location)
        }
        if not missing:
            return
        snapshot = await site.back_office.stock({cell.sku for cell in missing})
        fresh: list[tuple[ItemId, LocationId]] = []
        for cell, item in missing.items():
            shelves = [snapshot.shelves.get((cell.sku, behind)) for behind in site.locations[cell.location]]
            if any(shelf and shelf.on_hand > 0 for shelf in shelves):
                await site.shop.activate(
                    item, cell.location, key=f"activate-{site.name}-{item}-{cell.location}"
                )
                fresh.append((item, cell.location))
        if fresh:
            levels = await site.shop.read_levels({item for item, _ in fresh}, {at for _, at in fresh})
            await site.store.write(_swept, site.name, levels, site.now())


def _swept(tx: Tx, connection: str, levels: Sequence[ShopLevel], now: datetime) -> None:
    see_level(tx, connection, levels, now)
    cells = [CellKey(level.sku, level.location) for level in levels if level.active and level.tracked]
    mark_dirty(tx, connection, cells, reason="sweep", lane=LANE_SWEEP, now=now)


def _look_again(tx: Tx, connection: str, now: datetime) -> None:
    """Orders that another connector entered otherwise, or not yet, are judged anew; old differences are dropped."""
    for subject in (Subject.ORDERS, Subject.FULFILMENT):
        orders = [OrderId(key) for key in differing(tx, connection, subject)]
        order_due(tx, connection, orders, "shadow", LANE_SWEEP, now)
    forget_differences(tx, now - HISTORY, FORGOTTEN)

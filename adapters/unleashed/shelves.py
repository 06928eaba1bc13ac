"""Stock of many products at every warehouse, as of one moment.

Without a warehouse in the question Unleashed tells the total of all, so stock is read in one sweep for each, or for a
few products by asking for one product in all warehouses. Our orders come by other calls, so the reading is made
between two equal looks at them.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from decimal import Decimal
from math import ceil, floor

from adapters.joined import Joined
from adapters.kept_orders import FRESH
from adapters.parted import Shelf
from adapters.snapshots import Figures, snapshot_of
from adapters.unleashed.client import Row, UnleashedClient
from adapters.unleashed.orders import Orders
from adapters.unleashed.places import Places
from adapters.unleashed.trouble import WHO, Gone
from engine.model.clock import Clock
from engine.model.ids import Sku, WarehouseId
from engine.model.stock import StockSnapshot

SMALL = 3
"""Calls of a sweep up to which it is nothing that has to wait for its share."""


class Shelves:
    """Reads snapshots of stock."""

    def __init__(self, client: UnleashedClient, places: Places, orders: Orders, clock: Clock) -> None:
        self._client, self._places, self._orders, self._clock = client, places, orders, clock
        self.pages = 1
        """Calls that reading everything took last time."""
        self.seen: Callable[[Mapping[Shelf, Figures]], None] = lambda figures: None
        """Is told of every reading."""
        self._sweeps = Joined(self._sweep, clock)

    async def snapshot(self, skus: Collection[Sku]) -> StockSnapshot:
        """Stock of these SKUs everywhere."""
        return await snapshot_of(
            skus,
            look=self._orders.look,
            fresh=FRESH,
            read=self.some,
            promises=self._orders.promises,
            clock=self._clock,
            who=WHO,
        )

    async def some(self, skus: frozenset[Sku]) -> Mapping[Shelf, Figures]:
        """Figures of these SKUs, by whichever way takes fewer calls."""
        if len(skus) > self.pages:
            return {shelf: each for shelf, each in (await self._sweeps.now()).items() if shelf[0] in skus}
        found: dict[Shelf, Figures] = {}
        known = await self._places.products(sorted(skus))
        for code, product in known.items():
            try:
                told = await self._client.get(f"StockOnHand/{product.guid}/AllWarehouses")
            except Gone:  # a product that never moved has no stock record
                continue
            found |= _figures(row for row in told["Items"] if row["ProductCode"] == code)
        self.seen(found)
        return found

    async def _sweep(self) -> Mapping[Shelf, Figures]:
        figures: dict[Shelf, Figures] = {}
        pages, share = 0, self.pages if self.pages > SMALL else 0
        for code in await self._places.codes():
            rows, taken = await self._client.rows(
                "StockOnHand",
                lambda row: row["ProductGuid"],
                looking=share,
                warehouseCode=code,
            )
            figures |= _figures(rows)
            pages, share = pages + taken, 0
        self.pages = pages
        self.seen(figures)
        return figures


def _figures(rows: Iterable[Row]) -> Mapping[Shelf, Figures]:
    return {
        (Sku(row["ProductCode"]), WarehouseId(row["WarehouseCode"])): (
            floor(Decimal(str(row["QtyOnHand"]))),
            ceil(Decimal(str(row["AllocatedQty"]))),
        )
        for row in rows
    }

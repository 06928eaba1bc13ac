"""Stock of many products at every branch, as of one moment.

Omni tells a row for each option and branch, 250 a page: a sweep of everything takes many of the day's calls, so a few
products are asked for by their codes, many in one question. Our orders come by other calls, so the reading is made
between two equal looks at them.
"""

from collections.abc import Collection, Iterable, Mapping
from decimal import Decimal
from math import ceil, floor

from adapters.cin7_omni.client import OmniClient, Row, texts
from adapters.cin7_omni.orders import Orders
from adapters.cin7_omni.places import CHUNK
from adapters.cin7_omni.trouble import WHO
from adapters.joined import Joined
from adapters.kept_orders import FRESH
from adapters.parted import Shelf
from adapters.snapshots import Figures, snapshot_of
from engine.model.clock import Clock
from engine.model.ids import Sku, WarehouseId
from engine.model.stock import StockSnapshot

SMALL = 3
"""Calls of a sweep up to which it is nothing that has to wait for its share."""


def row_key(row: Row) -> object:
    """What makes a row of stock different from the others."""
    return (row.get("productOptionId"), row["code"], row["branchId"])


class Shelves:
    """Reads snapshots of stock."""

    def __init__(self, client: OmniClient, orders: Orders, clock: Clock) -> None:
        self._client, self._orders, self._clock = client, orders, clock
        self.pages = 1
        """Calls that reading everything took last time."""
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
        if 2 * -(-len(skus) // CHUNK) > self.pages:
            return {shelf: each for shelf, each in (await self._sweeps.now()).items() if shelf[0] in skus}
        found: dict[Shelf, Figures] = {}
        wanted = sorted(skus)
        for start in range(0, len(wanted), CHUNK):
            where = f"code IN {texts(wanted[start : start + CHUNK])}"
            rows, _ = await self._client.rows("Stock", row_key, where=where, order="code")
            found |= _figures(row for row in rows if row["code"] in skus)
        return found

    async def _sweep(self) -> Mapping[Shelf, Figures]:
        share = self.pages if self.pages > SMALL else 0
        rows, self.pages = await self._client.rows("Stock", row_key, order="code", looking=share)
        return _figures(rows)


def _figures(rows: Iterable[Row]) -> Mapping[Shelf, Figures]:
    found: dict[Shelf, Figures] = {}
    for row in rows:
        on_hand, free = Decimal(str(row["stockOnHand"])), Decimal(str(row["available"]))
        sold = max(Decimal(str(row.get("openSales") or 0)), on_hand - free)
        shelf = (Sku(str(row["code"])), WarehouseId(str(row["branchId"])))
        known = found.get(shelf, (0, 0))
        found[shelf] = (known[0] + floor(on_hand), known[1] + ceil(sold))
    return found

"""Stock of many products at every location, as of one moment.

Availability comes in rows by location, bin and batch, and only where something is not zero; a location's figures are
their sums. `StockOnHand` is money and read by nobody here. Our sales come by other calls, so the reading is made
between two equal looks at them.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping
from decimal import Decimal
from math import ceil, floor

from adapters.cin7_core.client import Cin7CoreClient, Row
from adapters.cin7_core.sales import FRESH, Sales
from adapters.cin7_core.trouble import WHO
from adapters.cin7_core.wire import Shelf
from adapters.joined import Joined
from adapters.snapshots import Figures, snapshot_of
from engine.model.clock import Clock
from engine.model.ids import Sku, WarehouseId
from engine.model.stock import StockSnapshot

PATH, LIST = "ref/productavailability", "ProductAvailabilityList"


def row_key(row: Row) -> object:
    """What makes a row of availability different from the others."""
    return (row["ID"], row["Location"], row.get("Bin"), row.get("Batch"), row.get("ExpiryDate"))


class Shelves:
    """Reads snapshots of stock."""

    def __init__(self, client: Cin7CoreClient, sales: Sales, clock: Clock) -> None:
        self._client, self._sales, self._clock = client, sales, clock
        self.pages = 1
        """Pages the whole listing had last time."""
        self.seen: Callable[[Mapping[Shelf, Figures]], None] = lambda figures: None
        """Is told of every reading of the whole listing."""
        self._sweeps = Joined(self._sweep, clock)

    async def snapshot(self, skus: Collection[Sku]) -> StockSnapshot:
        """Stock of these SKUs everywhere."""
        return await snapshot_of(
            skus,
            look=self._sales.look,
            fresh=FRESH,
            read=self.some,
            promises=lambda: ((ref, sale.waiting) for ref, sale in self._sales.open()),
            clock=self._clock,
            who=WHO,
        )

    async def some(self, skus: frozenset[Sku]) -> Mapping[Shelf, Figures]:
        """Figures of these SKUs, by whichever way takes fewer calls."""
        if len(skus) > self.pages:
            return {shelf: each for shelf, each in (await self.all()).items() if shelf[0] in skus}
        found: dict[Shelf, Figures] = {}
        for sku in sorted(skus):
            found |= _summed(await self.rows_of(sku))
        return found

    async def all(self) -> Mapping[Shelf, Figures]:
        """Figures of everything."""
        return await self._sweeps.now()

    async def _sweep(self) -> Mapping[Shelf, Figures]:
        rows, self.pages = await self._client.rows(PATH, LIST, row_key)
        figures = _summed(rows)
        self.seen(figures)
        return figures

    async def rows_of(self, sku: Sku) -> list[Row]:
        """The rows of one SKU; the filter of Cin7 Core may find longer ones that begin alike."""
        rows, _ = await self._client.rows(PATH, LIST, row_key, Sku=sku)
        return [row for row in rows if row["SKU"] == sku]


def _summed(rows: list[Row]) -> Mapping[Shelf, Figures]:
    on_hand: dict[Shelf, Decimal] = defaultdict(Decimal)
    allocated: dict[Shelf, Decimal] = defaultdict(Decimal)
    for row in rows:
        shelf = (Sku(row["SKU"]), WarehouseId(row["Location"]))
        on_hand[shelf] += Decimal(row["OnHand"])
        allocated[shelf] += Decimal(row["Allocated"])
    return {shelf: (floor(on_hand[shelf]), ceil(allocated[shelf])) for shelf in on_hand}

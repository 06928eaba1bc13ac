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
from adapters.steady import between_equal_looks
from engine.model.clock import Clock
from engine.model.ids import OrderId, Sku, WarehouseId
from engine.model.stock import ShelfStock, StockSnapshot

PATH, LIST = "ref/productavailability", "ProductAvailabilityList"
Figures = tuple[int, int]
"""Units on hand and allocated."""


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
        taken = self._clock.now()
        wanted = frozenset(skus)
        if not wanted:
            return StockSnapshot(taken, {})
        old_enough = [FRESH]

        async def look() -> int:
            return await self._sales.look(at_most_old=old_enough.pop() if old_enough else 0.0)

        _, figures = await between_equal_looks(look, lambda: self.some(wanted), who=WHO)
        ours: dict[Shelf, dict[OrderId, int]] = defaultdict(dict)
        for ref, sale in self._sales.open():
            for shelf, units in sale.waiting.items():
                if shelf[0] in wanted:
                    ours[shelf][ref] = ours[shelf].get(ref, 0) + units
        return StockSnapshot(
            taken,
            {
                shelf: ShelfStock(
                    figures.get(shelf, (0, 0))[0],
                    max(figures.get(shelf, (0, 0))[1], sum(ours[shelf].values()) if shelf in ours else 0),
                    ours.get(shelf, {}),
                )
                for shelf in figures.keys() | ours.keys()
            },
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

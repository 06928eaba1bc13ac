"""What moved since a cursor: our sales by their time of update, stock by comparing what is there with what was.

Availability cannot be asked for changes, so it is read whole and compared with the reading before; a large catalogue
so seldom that it takes a share of the calls and not all of them. A cursor is a place in the list of what was seen.
"""

from collections.abc import Callable, Mapping
from datetime import timedelta

from adapters.cin7_core.sales import LONGEST_TRANSACTION, Sales
from adapters.cin7_core.shelves import Shelves
from adapters.cin7_core.trouble import WHO
from adapters.cin7_core.wire import Shelf
from adapters.sightings import Sightings
from adapters.snapshots import Figures
from engine.model.clock import Clock
from engine.ports import Changes

SHARE = 0.25
"""Part of the allowance that looking for moved stock may take."""
ALWAYS = 2
"""Pages of availability that are read at every look."""


class Feed:
    """Sightings in the order they were made."""

    def __init__(
        self, sales: Sales, shelves: Shelves, clock: Clock, calls_per_second: Callable[[], float]
    ) -> None:
        self._sales, self._shelves, self._clock = sales, shelves, clock
        self._rate = calls_per_second
        self._sightings = Sightings(WHO)
        self._figures: Mapping[Shelf, Figures] | None = None
        self._swept_at = float("-inf")
        sales.told = self._sightings.changed
        shelves.seen = self._saw_stock

    async def since(self, cursor: str | None) -> Changes:
        """See `engine.ports.BackOffice.changes`."""
        before = None if cursor is None else self._sightings.place(cursor)
        await self._sales.look()
        if self._figures is None or self._clock.monotonic() - self._swept_at >= self._pause:
            await self._shelves.all()
        if before is None:
            return Changes(frozenset(), frozenset(), self._give())
        if self._sightings.holds(before):
            skus, orders = self._sightings.since(before)
            if not skus and not orders and cursor is not None:
                return Changes(skus, orders, cursor)
        else:
            assert self._figures is not None
            skus = frozenset(sku for sku, _ in self._figures)
            orders = self._sales.changed_since(before.at - timedelta(seconds=LONGEST_TRANSACTION))
        return Changes(skus, orders, self._give())

    @property
    def _pause(self) -> float:
        """Seconds between two readings of everything."""
        pages = self._shelves.pages
        return 0.0 if pages <= ALWAYS else pages / (self._rate() * SHARE)

    def _saw_stock(self, figures: Mapping[Shelf, Figures]) -> None:
        known, self._figures = self._figures, figures
        self._swept_at = self._clock.monotonic()
        if known is None:
            return
        moved = {
            shelf[0] for shelf in known.keys() | figures.keys() if known.get(shelf) != figures.get(shelf)
        }
        for sku in sorted(moved):
            self._sightings.moved(sku)

    def _give(self) -> str:
        return self._sightings.cursor(self._sales.newest)

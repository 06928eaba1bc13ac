"""What moved since a cursor: our sales by their time of update, stock by comparing what is there with what was.

Availability cannot be asked for changes, so it is read whole and compared with the reading before; a large catalogue
so seldom that it takes a share of the calls and not all of them. A cursor is a place in the list of what was seen.
"""

import uuid
from collections import deque
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

from adapters.cin7_core.sales import LONGEST_TRANSACTION, Sales
from adapters.cin7_core.shelves import Figures, Shelves
from adapters.cin7_core.trouble import WHO
from adapters.cin7_core.wire import Shelf
from engine.model.clock import Clock
from engine.model.failure import Misset
from engine.model.ids import OrderId, Sku
from engine.ports import Changes

SHARE = 0.25
"""Part of the allowance that looking for moved stock may take."""
ALWAYS = 2
"""Pages of availability that are read at every look."""
KEPT = 200_000
"""Sightings that are remembered; a cursor that is older is told everything."""


class Feed:
    """Sightings in the order they were made."""

    def __init__(
        self, sales: Sales, shelves: Shelves, clock: Clock, calls_per_second: Callable[[], float]
    ) -> None:
        self._sales, self._shelves, self._clock = sales, shelves, clock
        self._rate = calls_per_second
        self._life = uuid.uuid4().hex[:8]
        self._count = 0
        self._log: deque[tuple[int, Sku | None, OrderId | None]] = deque(maxlen=KEPT)
        self._figures: Mapping[Shelf, Figures] | None = None
        self._swept_at = float("-inf")
        sales.told = self._saw_sale
        shelves.seen = self._saw_stock

    async def since(self, cursor: str | None) -> Changes:
        """See `engine.ports.BackOffice.changes`."""
        before = None if cursor is None else self._read(cursor)
        await self._sales.look()
        if self._figures is None or self._clock.monotonic() - self._swept_at >= self._pause:
            await self._shelves.all()
        if before is None:
            return Changes(frozenset(), frozenset(), self._give())
        life, place, newest = before
        if life == self._life and (not self._log or self._log[0][0] <= place + 1 or len(self._log) < KEPT):
            seen = [one for one in self._log if one[0] > place]
            skus = frozenset(sku for _, sku, _ in seen if sku is not None)
            orders = frozenset(ref for _, _, ref in seen if ref is not None)
            unmoved = not seen
        else:
            assert self._figures is not None
            skus = frozenset(sku for sku, _ in self._figures)
            orders = self._sales.changed_since(newest - timedelta(seconds=LONGEST_TRANSACTION))
            unmoved = False
        return Changes(skus, orders, cursor if unmoved and cursor is not None else self._give())

    @property
    def _pause(self) -> float:
        """Seconds between two readings of everything."""
        pages = self._shelves.pages
        return 0.0 if pages <= ALWAYS else pages / (self._rate() * SHARE)

    def _saw_sale(self, ref: OrderId) -> None:
        self._note(None, ref)

    def _saw_stock(self, figures: Mapping[Shelf, Figures]) -> None:
        known, self._figures = self._figures, figures
        self._swept_at = self._clock.monotonic()
        if known is None:
            return
        moved = {
            shelf[0] for shelf in known.keys() | figures.keys() if known.get(shelf) != figures.get(shelf)
        }
        for sku in sorted(moved):
            self._note(sku, None)

    def _note(self, sku: Sku | None, ref: OrderId | None) -> None:
        self._count += 1
        self._log.append((self._count, sku, ref))

    def _give(self) -> str:
        return f"{self._sales.newest.isoformat()}|{self._life}.{self._count}"

    @staticmethod
    def _read(cursor: str) -> tuple[str, int, datetime]:
        try:
            at, _, place = cursor.partition("|")
            life, _, count = place.partition(".")
            return life, int(count), datetime.fromisoformat(at).astimezone(UTC)
        except ValueError as odd:
            raise Misset(
                f"The remembered place in the changes of {WHO} is not one of ours.",
                "Let TrueUp start its polling anew for this connection.",
                code="cursor",
            ) from odd

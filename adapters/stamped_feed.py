"""What moved since a cursor, where rows of stock and orders bear the time they were modified.

Each poll looks back over a while and tells only what differs from what it saw. After a restart everything since the
moment of the cursor is told once more.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from adapters.kept_orders import KeptOrders
from adapters.moments import LONG_AGO
from adapters.sightings import Sightings
from engine.model.ids import Sku
from engine.ports import Changes


@dataclass(frozen=True, slots=True)
class Moved:
    """A row of stock as it was told: what tells it from others, when it moved and to what."""

    key: object
    sku: Sku
    at: datetime
    figures: tuple[object, ...]


class StampedFeed(ABC):
    """Sightings in the order they were made."""

    def __init__(self, who: str, orders: KeptOrders, now: Callable[[], datetime], *, overlap: float) -> None:
        """`now`: the clock of the back office; `overlap`: seconds each poll looks back over."""
        self._orders, self._now = orders, now
        self._overlap = timedelta(seconds=overlap)
        self._sightings = Sightings(who)
        self._rows: dict[object, Moved] = {}
        self._newest: datetime | None = None
        orders.told = self._sightings.changed

    async def since(self, cursor: str | None) -> Changes:
        """See `engine.ports.BackOffice.changes`."""
        before = None if cursor is None else self._sightings.place(cursor)
        if self._newest is None:
            await self._look(self._now() if before is None else before.at, telling=before is not None)
        else:
            await self._look(self._newest, telling=True)
        await self._orders.look()
        if before is None:
            return Changes(frozenset(), frozenset(), self._give())
        if self._sightings.holds(before):
            skus, orders = self._sightings.since(before)
            if not skus and not orders and cursor is not None:
                return Changes(frozenset(), frozenset(), cursor)
        else:
            skus, _ = self._sightings.since(None)
            orders = self._orders.changed_since(before.at - self._overlap)
        return Changes(skus, orders, self._give())

    @abstractmethod
    async def _stock(self, begin: datetime) -> Sequence[Moved]:
        """Rows of stock that moved at or after a moment."""

    async def _look(self, newest: datetime, *, telling: bool) -> None:
        rows = await self._stock(newest - self._overlap)
        for row in rows:
            if self._rows.get(row.key) != row:
                self._rows[row.key] = row
                if telling:
                    self._sightings.moved(row.sku)
        self._newest = max([newest, *(row.at for row in rows)])
        floor = self._newest - 2 * self._overlap
        self._rows = {key: row for key, row in self._rows.items() if row.at >= floor}

    def _give(self) -> str:
        return self._sightings.cursor(self._newest or LONG_AGO)

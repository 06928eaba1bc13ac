"""How fast the back office sells from a cell by itself: an exponentially weighted rate of what left for its own reasons."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import exp

from engine.stock.order_at_cell import OrderAtCell
from engine.stock.target import Shelf

MEMORY = timedelta(seconds=60)
"""A sale so long ago counts for 1/e of one just made."""


@dataclass(frozen=True, slots=True)
class Sold:
    """The back office's own sales of a cell, as last measured."""

    rate: float = 0.0
    """Units a second."""
    outside: int | None = None
    """What it would have free without this shop's orders; a fall of it is a sale of its own, or a transfer out."""
    at: datetime | None = None

    def at_rate(self, now: datetime) -> float:
        """The rate by now, if nothing was sold since."""
        if self.at is None or now <= self.at:
            return self.rate
        return self.rate * exp((self.at - now) / MEMORY)


UNKNOWN = Sold()


def outside(shelf: Shelf, orders: Iterable[OrderAtCell], settled_movements: int) -> int:
    """The free units of a shelf with everything undone that this shop's orders did to them."""
    ours = sum(order.reserved + order.shipped - order.returned for order in orders)
    return shelf.on_hand - shelf.reserved + ours - settled_movements


def sold(before: Sold, units: int, at: datetime) -> Sold:
    """The rate after one more look, which found `units` outside; a rise is no sale."""
    if before.at is None or before.outside is None:
        return Sold(0.0, units, at)
    passed = (at - before.at).total_seconds()
    if passed <= 0:
        return before
    fallen = max(before.outside - units, 0)
    fresh = 1 - exp(-passed / MEMORY.total_seconds())
    return Sold(before.at_rate(at) + fallen / passed * fresh, units, at)

"""How fast a cell sells: exponentially weighted rates of what left, over a minute and over a quarter of an hour."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import exp

from engine.stock.order_at_cell import OrderAtCell
from engine.stock.target import Shelf

MEMORY = timedelta(seconds=60)
"""A sale so long ago counts for 1/e of one just made."""
STEADY = timedelta(minutes=15)
"""The same for the rate that goes by when the last minutes saw too few sales to tell."""
ENOUGH = 4.0
"""Sales within the memory of the fast rate from which on it is believed."""
NOTHING = 1e-6
"""A rate below this, three units a month, is none."""


@dataclass(frozen=True, slots=True)
class Sold:
    """The back office's own sales of a cell, as last measured."""

    rate: float = 0.0
    """Units a second."""
    outside: int | None = None
    """What it would have free without this shop's orders; a fall of it is a sale of its own, or a transfer out."""
    at: datetime | None = None
    steady: float = 0.0
    """Units a second, by the longer memory."""

    def at_rate(self, now: datetime) -> float:
        """The rate by now, if nothing was sold since."""
        return self.rate * self._faded(now, MEMORY)

    def at_steady(self, now: datetime) -> float:
        """The steady rate by now, if nothing was sold since."""
        return self.steady * self._faded(now, STEADY)

    def _faded(self, now: datetime, memory: timedelta) -> float:
        return 1.0 if self.at is None or now <= self.at else exp((self.at - now) / memory)


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
    rate, steady = (
        rate + fallen / passed * (1 - exp(-passed / memory.total_seconds()))
        for rate, memory in ((before.at_rate(at), MEMORY), (before.at_steady(at), STEADY))
    )
    return Sold(rate if rate > NOTHING else 0.0, units, at, steady if steady > NOTHING else 0.0)


def weighed(sales: Iterable[tuple[datetime, int]], now: datetime, memory: timedelta) -> float:
    """Units a second by sales as they were dated, for a rate that nobody keeps."""
    kept = sum(units * exp((min(at, now) - now) / memory) for at, units in sales)
    return kept / memory.total_seconds()


def pace(rate: float, steady: float) -> float:
    """Units a second to reckon with: the fast rate where it saw enough sales, else the steady one."""
    return rate if rate * 2 * MEMORY.total_seconds() >= ENOUGH else steady

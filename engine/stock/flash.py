"""A sale in which two channels sell the same units, each by its own view: what is sold that is not there.

A model, not the engine: orders of one unit, no returns, demand that stays with its cell. Both ways of keeping the two
sides together are played on the same buyers, so what differs is the way alone:

    events   each side hears of the other's sales after a lag, and the shop's level is compared before it is set
    batch    a job on a timer books the shop's orders, then sets the shop's level to the back office's figure

For events the model agrees with a closed form while the lag is short: per cell sold out, a·b/(a+b) units for each
second of the two lags together, a and b being the two channels' rates.
"""

from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from math import exp, log
from random import Random

from engine.model.stock import CellKey
from engine.stock.buffers import at_risk
from engine.stock.velocity import MEMORY

CALMS = 5.33
"""An opening rush falls to 1/e of its peak in this part of its time: a half-hour at 41 a second brings 13,800 buyers."""
Wanted = Sequence[tuple[float, bool]]
"""Buyers of one cell in the order of their coming: seconds since the opening, and whether at the back office's side."""


@dataclass(frozen=True, slots=True)
class Offer:
    """What one cell has when the sale opens."""

    key: CellKey
    units: int
    web: float = 1.0
    """Share of the shop's buyers who want it, in any scale."""
    outside: float = 1.0
    """The same of the back office's own buyers."""


@dataclass(frozen=True, slots=True)
class Rush:
    """Buyers: they come fastest at the opening."""

    peak: float
    """Orders a second at the opening, over all cells and both sides."""
    seconds: float
    outside: float = 0.35
    """Share of them who buy at the back office's side."""

    def buyers(self, offers: Sequence[Offer], chance: Random) -> list[Wanted]:
        """Who wants what when."""
        calms, at = self.seconds / CALMS, 0.0
        weights = [offer.web for offer in offers], [offer.outside for offer in offers]
        found: list[list[tuple[float, bool]]] = [[] for _ in offers]
        places = range(len(offers))
        while True:
            # the next of a Poisson stream whose rate is peak·exp(−t/calms), by the inverse of its integral
            left = exp(-at / calms) + log(1.0 - chance.random()) / (self.peak * calms)
            if left <= exp(-self.seconds / calms):
                return list(found)
            at = -calms * log(left)
            elsewhere = chance.random() < self.outside
            [place] = chance.choices(places, weights[elsewhere])
            found[place].append((at, elsewhere))


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one cell."""

    accepted: int
    oversold: int
    first: float | None = None
    """Seconds after the opening at which the first unit was sold that was not there."""
    lost: int = 0
    """Units left over although a buyer was sent away."""


@dataclass(frozen=True, slots=True)
class Events:
    """Each side hears of every sale of the other."""

    orders: float
    """Seconds until the back office has booked an order of the shop."""
    stock: float
    """Seconds until the shop's level shows a sale of the back office."""

    @property
    def name(self) -> str:
        """In words."""
        return f"events, {self.orders:g} s and {self.stock:g} s"

    def play(self, units: int, buyers: Wanted, buffer: "Held") -> Outcome:
        """The sale of one cell."""
        web, outside = list[float](), list[float]()
        tally = Tally(units)
        for at, elsewhere in buyers:
            if elsewhere:
                view = units - len(outside) - bisect_right(web, at - self.orders)
            else:
                heard = bisect_right(outside, at - self.stock)
                view = units - len(web) - heard - buffer(at, outside[:heard])
            if tally.sell(at, view):
                (outside if elsewhere else web).append(at)
        return tally.outcome()


@dataclass(frozen=True, slots=True)
class Batch:
    """A job on a timer: it books the shop's orders, then sets the level."""

    every: float
    """Seconds."""
    first: float
    """Seconds after the opening at which it runs first."""

    @property
    def name(self) -> str:
        """In words."""
        return f"batch every {self.every / 60:g} min"

    def play(self, units: int, buyers: Wanted, buffer: "Held") -> Outcome:
        """The sale of one cell."""
        level, web, outside, booked = units - buffer(0.0, ()), 0, list[float](), 0
        job, tally = self.first, Tally(units)
        for at, elsewhere in buyers:
            while job <= at:
                booked = web
                level = units - len(outside) - booked - buffer(job, outside)
                job += self.every
            if tally.sell(at, units - len(outside) - booked if elsewhere else level):
                if elsewhere:
                    outside.append(at)
                else:
                    web, level = web + 1, level - 1
        return tally.outcome()


def batch(minutes: float, chance: Random) -> Batch:
    """A timer that rings first at any moment of its round."""
    every = minutes * 60
    return Batch(every, chance.random() * every)


Held = Callable[[float, Sequence[float]], int]
"""Units the shop holds back: by the time, and the sales of the other side that were heard of."""


def fixed(units: int) -> Held:
    """Always as many."""
    return lambda at, heard: units


def by_velocity(lag: float) -> Held:
    """What the back office may sell while a change travels, by how fast it was heard to sell."""
    memory = MEMORY.total_seconds()

    def held(at: float, heard: Sequence[float]) -> int:
        rate = sum(exp((sale - at) / memory) for sale in heard[-200:]) / memory
        return at_risk(rate, timedelta(seconds=lag))

    return held


class Tally:
    """Counts one cell."""

    def __init__(self, units: int) -> None:
        self._units = units
        self._accepted = self._refused = 0
        self._first: float | None = None

    def sell(self, at: float, view: int) -> bool:
        """One unit is wanted where so many are offered."""
        if view <= 0:
            self._refused += 1
            return False
        self._accepted += 1
        if self._accepted > self._units and self._first is None:
            self._first = at
        return True

    def outcome(self) -> Outcome:
        """At the end."""
        over = self._accepted - self._units
        return Outcome(self._accepted, max(over, 0), self._first, min(max(-over, 0), self._refused))


def prevents(way: Events, units: int, buyers: Wanted) -> tuple[int, int] | None:
    """The smallest buffer with which nothing is oversold in a cell, and what it costs in lost sales; None when none does."""
    plain = way.play(units, buyers, fixed(0))
    for kept in range(1, units + 1):
        held = way.play(units, buyers, fixed(kept))
        if not held.oversold:
            return kept, max(held.lost - plain.lost, 0)
    return None

"""How likely a cell sells more than there is before the two sides have heard of each other: a function of figures.

While one change travels the shop goes on selling what it offers, and the back office what it has. A side refuses what
it believes it has not, so each can take the last unit only as long as it has not heard of the other:

    P( min(W, offered) + X > offered + held back )

W and X are what the two sides sell meanwhile. Their rates are known from few sales: a rate measured over so many
seconds is itself uncertain, and the number of sales to come is negative binomial, wider than a Poisson of that rate.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from math import exp, lgamma, log

from engine.stock.velocity import MEMORY

THRESHOLD = 0.02
"""A probability from which on a cell is called at risk, and to which a buffer should bring it down."""
MOST = 20_000
"""Units up to which a distribution is summed; whoever sells more at once is past all figures."""


@dataclass(frozen=True, slots=True)
class Exposure:
    """One cell at one moment."""

    offered: int
    """Units the shop may still sell."""
    held_back: int
    """Units that are there and that the shop does not offer: its buffer."""
    web: float
    """Units a second the shop sells there."""
    outside: float
    """The same of the back office by itself."""
    lag: timedelta
    """Until the next write of this level is confirmed."""
    unheard: timedelta
    """For how long past sales of the back office may not be in the shop's level yet."""

    @property
    def velocity(self) -> float:
        """Units a second on both sides."""
        return self.web + self.outside

    @property
    def to_zero(self) -> timedelta | None:
        """Until nothing is left at this pace; None when nothing is sold, zero when nothing is left."""
        if self.offered <= 0:
            return timedelta(0)
        seconds = self.offered / self.velocity if self.velocity else float("inf")
        return timedelta(seconds=seconds) if seconds < timedelta.max.total_seconds() / 2 else None


def oversell(cell: Exposure) -> float:
    """The probability that more is sold than there is before the next write is confirmed."""
    if cell.offered < 0:
        return 1.0
    there = cell.offered + cell.held_back
    if there > MOST:
        return 0.0
    outside = Sales(cell.outside, cell.unheard + cell.lag)
    if not outside.expected:
        return 0.0
    web, sure, left = Sales(cell.web, cell.lag), 0.0, 1.0
    below = list(outside.up_to(there))  # below[n]: the other side sells at most n
    for sold, likely in enumerate(web.each(cell.offered - 1)):
        sure += likely * below[there - sold]
        left -= likely
    sure += max(left, 0.0) * below[there - cell.offered]
    return min(max(1.0 - sure, 0.0), 1.0)


@dataclass(frozen=True, slots=True)
class Sales:
    """Sales to come in a span, by a rate that was measured with a memory."""

    rate: float
    span: timedelta

    @property
    def expected(self) -> float:
        """Units."""
        return self.rate * self.span.total_seconds()

    def each(self, most: int) -> Iterator[float]:
        """The probability of 0, 1, 2 … `most` units."""
        if not self.expected:
            yield from (1.0 if units == 0 else 0.0 for units in range(most + 1))
            return
        # an exponential memory of τ sees as much as a window of 2τ: a gamma of the sales seen in it
        window = 2 * MEMORY.total_seconds()
        shape, spread = self.rate * window, window / (window + self.span.total_seconds())
        start, step = shape * log(spread), log(1.0 - spread)
        for units in range(most + 1):
            yield exp(start + lgamma(shape + units) - lgamma(shape) - lgamma(units + 1) + units * step)

    def up_to(self, most: int) -> Iterator[float]:
        """The probability of at most 0, 1, 2 … `most` units."""
        total = 0.0
        for likely in self.each(most):
            total = min(total + likely, 1.0)
            yield total

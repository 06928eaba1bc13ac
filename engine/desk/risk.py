"""Which cells are about to sell what is not there, the soonest empty first."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from engine.model.hold import Hold

TREND = 30
"""Minutes of a trend."""


@dataclass(frozen=True, slots=True)
class RiskRow:
    """One cell that sells, or that has sold too much."""

    connection: str
    sku: str
    title: str
    location: str
    location_name: str
    state: str
    """`over`, `risk` (may oversell before the next write), `soon` (empty within half an hour), `selling`."""
    available: int
    """Units the shop offers; below zero when more was sold than there was."""
    held_back: int
    """Units its buffer keeps from sale."""
    web_per_hour: float
    outside_per_hour: float
    """What the back office sells there by itself."""
    minutes_to_zero: float | None
    """At this pace; None when nothing is sold."""
    oversell: float
    """Probability that more is sold than there is before the next write is confirmed."""
    lag_seconds: float
    """Until then, as measured."""
    open_orders: int
    """Orders of the shop that wait there to be sent."""
    trend: tuple[int, ...]
    """Units the shop sold there in each of the last minutes, the running one last."""
    act: str
    """`stop`, `buffer`, `transfer`, or empty."""
    units: int
    """Units to hold back more, or to bring."""
    source: str
    """Name of the location they could come from."""
    hold: str = ""
    """What an operator holds back there, in words."""
    stopped: str = ""
    """That an operator has stopped the sale of everything at the location, in words."""

    @property
    def velocity(self) -> float:
        """Units an hour on both sides."""
        return self.web_per_hour + self.outside_per_hour


@dataclass(frozen=True, slots=True)
class RiskPage:
    """All cells that sell, or have sold too much."""

    as_of: datetime
    threshold: float
    """Probability from which on a cell is at risk."""
    rows: tuple[RiskRow, ...]
    more: int = 0
    """Cells that sell too and are far from any risk."""

    @property
    def at_risk(self) -> int:
        """Cells that have oversold or may before the next write."""
        return sum(row.state in ("over", "risk") for row in self.rows)

    @property
    def over(self) -> int:
        """Cells that have oversold."""
        return sum(row.state == "over" for row in self.rows)


class RiskDesk(Protocol):
    """The part of the desk that shows risk and holds units back from sale."""

    async def risk(self) -> RiskPage:
        """Cells that sell, the soonest empty first, and how likely each sells what is not there."""
        ...

    async def holds(self) -> tuple[Hold, ...]:
        """What operators hold back from sale."""
        ...

    async def hold(
        self,
        connection: str,
        sku: str,
        location: str,
        *,
        units: int | None,
        minutes: int | None,
        operator: str,
    ) -> str:
        """Ask the engine to hold so many units back in a cell (None: all, nothing is sold there); why not, or empty.

        `location` is an id or a name, an empty `connection` the only one that has the cell.
        It counts alone there for so many minutes (None: until it is ended), and 0 units are a hold too.
        """
        ...

    async def let_go(self, connection: str, sku: str, location: str, *, operator: str) -> str:
        """Ask the engine to end what is held back in a cell; why not, or empty."""
        ...

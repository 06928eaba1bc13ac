"""Stock as a face sees it: each SKU with its cells, and why a cell holds what it holds."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from engine.desk.failures import Asked
from engine.model.explanation import Explanation

TOTAL = "total"
"""Units on hand of a SKU at all its locations together."""
FIELDS = (
    "sku", "title", TOTAL, "location", "state", "available", "on_hand", "committed", "target", "erp_on_hand",
    "erp_reserved", "seen", "published", "connection",
)  # fmt: skip
"""What a filter may name; all but the total is of one cell."""
SORTS = ("sku", "title", TOTAL, "available", "seen")
"""`available` is that of the lowest cell, `seen` the moment of the one seen longest ago."""


@dataclass(frozen=True, slots=True)
class StockCell:
    """One SKU at one location as we last knew both sides."""

    location: str
    location_name: str
    on_hand: int | None
    available: int | None
    committed: int | None
    target: int | None
    erp_on_hand: int | None
    erp_reserved: int | None
    state: str
    """ok, waiting, failed, conflict, inactive or unknown."""
    published_at: datetime | None
    seen_at: datetime | None


@dataclass(frozen=True, slots=True)
class StockRow:
    """One SKU with its cells in the order of `StockPage.locations`; None where it is not stocked."""

    sku: str
    title: str
    total: int
    cells: tuple[StockCell | None, ...]


@dataclass(frozen=True, slots=True)
class StockPage:
    """Rows `offset` … of a filtered, sorted listing."""

    as_of: datetime
    total: int
    offset: int
    locations: tuple[tuple[str, str], ...]
    """(id, name) of the columns."""
    rows: tuple[StockRow, ...]


class StockDesk(Protocol):
    """The part of the desk that shows stock."""

    async def stock(
        self,
        *,
        filter: str = "",
        offset: int = 0,
        limit: int = 200,
        sort: str = "",
        descending: bool = False,
    ) -> StockPage:
        """SKUs that fit the filter, by SKU unless told otherwise; what may be named are `FIELDS` and `SORTS`."""
        ...

    async def look_again(self, cells: tuple[tuple[str, str], ...], *, operator: str) -> Asked:
        """Ask the engine to compare these cells (SKU, location id) on both sides and write what the rules want.

        Each in every connection that has it; those that none has are refused.
        """
        ...

    async def plan_cells(self, cells: tuple[tuple[str, str], ...], *, operator: str) -> Asked:
        """Ask the engine for a plan of these cells alone, one for each connection that has any of them."""
        ...

    async def explain(self, sku: str, location: str, at: datetime | None = None) -> tuple[Explanation, ...]:
        """Why a cell held what it held at a moment (by default now); one per connection that has it."""
        ...

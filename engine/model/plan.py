"""A plan: what would be written into which cell, and why; made without writing anything."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class PlanRow:
    """One cell that is not as the rule wants it."""

    sku: str
    location: str
    before: int
    """On hand in the shop when the plan was made."""
    after: int | None
    """On hand by the rule; None where the rule does not reach the cell."""
    cause: str
    state: str
    """planned, shown (nothing is written, a person has to act), applied or refused."""
    note: str = ""
    """Why it was refused, or what a person has to do."""
    location_name: str = ""


@dataclass(frozen=True, slots=True)
class FieldRow:
    """One field of one adopted product that the shop does not hold as the back office and the rules want it."""

    sku: str
    field: str
    """Empty where the product is gone on one side; `product` where the shop lacks it."""
    before: str | None
    """In the shop when the plan was made."""
    after: str | None
    """In the back office; of a product that the shop lacks its title."""
    rule: str
    cause: str
    """write (the back office changed it), conflict, fight, alert, invalid, gone or draft."""
    state: str
    """As for a cell."""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """All rows that were found together."""

    id: int
    connection: str
    subject: str
    """`stock` or `products`."""
    made_by: str
    made_at: datetime
    ready_at: datetime | None
    """None while it is being made, or when its making was cut off."""
    compared: int
    """Cells, or products, that were looked at."""
    applied_by: str
    applied_at: datetime | None
    rows: tuple[PlanRow, ...]
    """Of a plan of stock."""
    fields: tuple[FieldRow, ...] = ()
    """Of a plan of products."""

    def in_state(self, state: str) -> tuple[PlanRow, ...]:
        """Its rows of one state."""
        return tuple(row for row in self.rows if row.state == state)

"""What has no name on the other side."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

PRODUCT = "product"
"""Kind of a row about a field of a product that the shop changed though the back office owns it."""

DRAFT = "draft"
"""Kind of a row about an article of which a draft product is to be made."""


@dataclass(frozen=True, slots=True)
class GapRow:
    """Something that has no name or place on the other side."""

    connection: str
    kind: str
    """field: content of orders that the back office is not told; product: a field of one that waits for a decision; draft: an
    article of which a draft is to be made."""
    name: str
    first: str
    """The first order that had it, with a sample."""
    times: int
    first_at: datetime
    last_at: datetime


class GapDesk(Protocol):
    """The part of the desk that shows what waits for a name or a decision."""

    async def gaps(self) -> tuple[GapRow, ...]:
        """What has no mapping yet, fields of products that wait for a decision, and drafts that are to be made."""
        ...

    async def decide_field(
        self, connection: str, sku: str, field: str, what: str, *, minutes: int, operator: str
    ) -> str:
        """Ask the engine to `restore`, `adopt` or `snooze` a field of a product that the shop changed; why not, or empty."""
        ...

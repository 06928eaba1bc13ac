"""Words a person wants the back office to be told: a name that is in no table, or something else than Shopify says."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

ORDER = "order"
"""Kind of words about one order; any other kind is a table of names: payments, taxes, carriers, subsidiaries."""


class Stale(StrEnum):
    """What becomes of words about an order when Shopify says something else by now than when they were put down."""

    SKIP = "skip"
    """Nothing is sent: a person decides once more."""
    NEWEST = "newest"
    """What Shopify says by now is sent, and the words are forgotten."""
    FORCE = "force"
    """The words are sent all the same."""


@dataclass(frozen=True, slots=True)
class Wording:
    """What one value, or one field of one order, is called."""

    connection: str
    kind: str
    name: str
    """Shopify's name of the value, or the id of the order."""
    field: str
    """Which part of an order's document; empty for a value."""
    said: str
    instead_of: str = ""
    """What Shopify said when this was put down."""
    stale: Stale = Stale.SKIP
    set_by: str = ""
    set_at: datetime | None = None

    @property
    def entity(self) -> str:
        """What the ledger calls it: the order's record, or the mapping."""
        return f"order:{self.name}" if self.kind == ORDER else f"mapping:{self.kind}:{self.name}"

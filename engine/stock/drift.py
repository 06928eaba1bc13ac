"""Why the shop holds another figure than the rule wants: a difference is named by what has to be done about it."""

from dataclasses import dataclass
from enum import StrEnum


class Cause(StrEnum):
    """Causes of drift, each with its remedy in `REMEDY`."""

    IN_FLIGHT = "in flight"
    SECOND_WRITER = "second writer"
    MISSED_EVENT = "missed event"
    STALE_ERP = "stale ERP"
    UNMAPPED = "unmapped"
    INACTIVE = "inactive"
    UNKNOWN_SKU = "unknown SKU"
    SKU_TWICE = "SKU of several items"


REMEDY = {
    Cause.IN_FLIGHT: "We were told and it is being worked on; look again in a minute.",
    Cause.SECOND_WRITER: "Something other than TrueUp changed the level; find it, for it will do so again.",
    Cause.MISSED_EVENT: "Nobody told us of a change; check the webhook subscriptions and the change log.",
    Cause.STALE_ERP: "The back office answers with old figures; a level is not raised by them.",
    Cause.UNMAPPED: "Add the location to [connections.locations], or switch it off in Shopify.",
    Cause.INACTIVE: "The back office has stock and Shopify does not stock the item there; the sweep activates it.",
    Cause.SKU_TWICE: "Give each item in Shopify a SKU of its own; until then the stock of none of them is written.",
    Cause.UNKNOWN_SKU: "Create the SKU in the back office, or correct its spelling in Shopify.",
}
"""What an operator can do about each cause."""


@dataclass(frozen=True, slots=True)
class Compared:
    """One cell as both sides were just read, beside what we knew of it."""

    before: int
    """On hand in the shop."""
    after: int
    """On hand by the rule."""
    remainder: int
    """Units that appeared (above zero) or vanished (below) in the shop and that no known movement explains."""
    told: bool = False
    """A look at the cell is due, or an order or a write of it is being worked on."""
    first_sight: bool = False
    """No figure was ever agreed."""
    erp_old: bool = False
    """The back office's snapshot is too old to raise a level by it."""
    order_untold: bool = False
    """The shop lists an order that moved goods here, and we have not read it."""

    @property
    def writes(self) -> bool:
        """The rule writes this cell: another figure, or an unexplained rise that has to be written away."""
        return self.after != self.before or self.remainder > 0


def classify(cell: Compared) -> Cause | None:
    """The cause of a difference; None when there is none.

    An unexplained fall counts although the rule leaves it alone: it is a sale until proven otherwise, and a person
    decides. What somebody told us of comes before what is unexplained, for it may be its explanation.
    """
    if not cell.writes and cell.remainder == 0:
        return None
    if cell.told or cell.first_sight:
        return Cause.IN_FLIGHT
    if cell.erp_old and cell.after > cell.before:
        return Cause.STALE_ERP
    if cell.remainder < 0 and cell.order_untold:
        return Cause.MISSED_EVENT
    return Cause.SECOND_WRITER if cell.remainder else Cause.MISSED_EVENT


def left_alone(cause: Cause, before: int, free: int) -> Cause | None:
    """Of a cell the rule does not reach: `before` are units the shop sells there, `free` those the ERP has.

    Where the rule cannot say a figure, units on sale that nobody keeps true are the difference; where the shop
    stocks nothing, units that are not on sale are.
    """
    wrong = free > 0 if cause is Cause.INACTIVE else before != 0
    return cause if wrong else None

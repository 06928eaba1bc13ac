"""One shop, several back offices: which of them an order belongs to, by the places its goods leave from.

Each back office owns its locations, and an order is booked whole by the one its goods leave from. What leaves from
places of two is not split into two documents: its payments, shipping and proof are those of one order. A person lets
it leave from the places of one.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from engine.model.failure import Refused
from engine.model.ids import LocationId
from engine.model.order import Order
from engine.model.sale import Document, DocumentStatus
from engine.orders.places import places


@dataclass(frozen=True, slots=True)
class Neighbour:
    """Another connection of the same shop."""

    name: str
    locations: frozenset[LocationId]
    """Those its back office owns."""
    earlier: bool = False
    """It stands before us in the configuration: what is nobody's by its goods is the first one's."""


def is_ours(
    order: Order, document: Document | None, mine: Collection[LocationId], neighbours: Sequence[Neighbour]
) -> bool:
    """Whether this back office books the order; `document` is what it has of it.

    Raises Refused when the order's goods leave from places of several, or belong to another one by now although it is
    booked here: a person decides.
    """
    at = {location for units in places(order).values() for location in units}
    theirs = [one for one in neighbours if not at.isdisjoint(one.locations)]
    here = not at.isdisjoint(mine)
    booked = document is not None and document.status is not DocumentStatus.CANCELLED
    if not theirs:
        return here or document is not None or not any(one.earlier for one in neighbours)
    names = " and ".join(sorted(one.name for one in theirs))
    if here and (booked or not any(one.earlier for one in theirs)):
        raise Refused(
            f"Order {order.name} leaves from locations of several back offices: ours and those of {names}.",
            "Move its fulfilment orders in Shopify to the locations of one of them, and retry.",
            code="several_back_offices",
        )
    if document is not None and booked:
        raise Refused(
            f"Order {order.name} leaves from locations of {names} by now, and is booked as {document.id} here.",
            f"Cancel document {document.id} in this back office, and retry here and there; or move the goods back.",
            code="moved_to_another_back_office",
        )
    return False


def still_there(order: Order, name: str, document: str) -> Refused:
    """It is ours by now, and another back office still has it in its books."""
    return Refused(
        f"Order {order.name} leaves from here by now, and the back office of {name} still has it as {document}.",
        f"Cancel document {document} there, and retry.",
        code="booked_in_another_back_office",
    )

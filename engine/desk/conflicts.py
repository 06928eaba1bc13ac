"""Levels that something other than TrueUp changed, and that a person has to judge."""

from dataclasses import dataclass
from datetime import datetime

UNNAMED = "another app or a person"
"""Who changed a level: Shopify keeps the author of an adjustment, and tells it to nobody but the author."""


@dataclass(frozen=True, slots=True)
class ConflictRow:
    """One cell whose level moved in Shopify without a cause that anybody told."""

    connection: str
    sku: str
    title: str
    location: str
    location_name: str
    kind: str
    """`rise`: units appeared and were written away; `fall`: units vanished and count as sold until somebody judges."""
    units: int
    since: datetime | None
    on_hand: int | None
    """In Shopify, as last seen."""
    who: str = UNNAMED

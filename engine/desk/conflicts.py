"""Levels that something other than TrueUp changed, and that a person has to judge."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

UNNAMED = "another app or a person"
"""Who changed a level: Shopify keeps the author of an adjustment, and tells it to nobody but the author."""

TAKEN_OUT = "taken out without restock:"
"""Said with the names of the orders whose units these were: Shopify took them off, the back office still counts them."""


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
    """Who did it, or what explains it."""

    @property
    def explained(self) -> bool:
        """Orders name the units; whether the goods are there is still for a person to say."""
        return self.who != UNNAMED


class ConflictDesk(Protocol):
    """The part of the desk that has conflicts judged."""

    async def conflicts(self) -> tuple[ConflictRow, ...]:
        """Levels that something other than TrueUp changed, the oldest first."""
        ...

    async def decide(
        self,
        connection: str,
        sku: str,
        location: str,
        *,
        units: int,
        real: bool,
        operator: str,
        kind: str = "",
    ) -> str:
        """Ask the engine to note what so many units of a conflict were; why not, or empty.

        `kind` is `rise` or `fall`; by default the cell's fall, where there is one: it is judged before a rise.
        """
        ...

"""What was seen to move, in the order it was seen: a cursor is a place in that list.

For back offices that do not tell what moved since a cursor. The list lives as long as the process; a cursor of an
earlier life, or of before what is remembered, is answered with more than what moved.
"""

import uuid
from collections import deque
from dataclasses import dataclass
from datetime import UTC, datetime

from engine.model.failure import Misset
from engine.model.ids import OrderId, Sku

KEPT = 200_000
"""Sightings that are remembered."""


@dataclass(frozen=True, slots=True)
class Place:
    """What a cursor says: the list it is of, how much of it was told, and the newest change at that time."""

    life: str
    count: int
    at: datetime


class Sightings:
    """The list."""

    def __init__(self, who: str) -> None:
        """`who`: the back office, in the words an operator knows."""
        self._who = who
        self._life = uuid.uuid4().hex[:8]
        self._count = 0
        self._log: deque[tuple[int, Sku | None, OrderId | None]] = deque(maxlen=KEPT)

    def moved(self, sku: Sku) -> None:
        """Stock of a SKU was seen to have moved."""
        self._note(sku, None)

    def changed(self, ref: OrderId) -> None:
        """An order of ours was seen to have changed."""
        self._note(None, ref)

    def cursor(self, at: datetime) -> str:
        """The place behind everything seen so far; `at`: the newest change seen."""
        return f"{at.isoformat()}|{self._life}.{self._count}"

    def place(self, cursor: str) -> Place:
        """What a cursor says; Misset when it is none of ours."""
        try:
            at, _, place = cursor.partition("|")
            life, _, count = place.partition(".")
            return Place(life, int(count), datetime.fromisoformat(at).astimezone(UTC))
        except ValueError as odd:
            raise Misset(
                f"The remembered place in the changes of {self._who} is not one of ours.",
                "Let TrueUp start its polling anew for this connection.",
                code="cursor",
            ) from odd

    def holds(self, place: Place) -> bool:
        """Whether everything seen since is remembered."""
        return place.life == self._life and (not self._log or self._log[0][0] <= place.count + 1)

    def since(self, place: Place | None) -> tuple[frozenset[Sku], frozenset[OrderId]]:
        """(SKUs, orders) seen after a place; None for all that is remembered."""
        seen = [one for one in self._log if place is None or one[0] > place.count]
        return (
            frozenset(sku for _, sku, _ in seen if sku is not None),
            frozenset(ref for _, _, ref in seen if ref is not None),
        )

    def _note(self, sku: Sku | None, ref: OrderId | None) -> None:
        self._count += 1
        self._log.append((self._count, sku, ref))

"""The back office: shelves and documents of this shop and of its own customers."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from adapters.amending import Promise, promised
from engine.model.ids import DocumentId, LocationId, OrderId, WarehouseId
from engine.model.sale import Document, DocumentLine, DocumentStatus
from tests.stock.world.places import LOCATION_OF, SKU


@dataclass
class Line:
    """Units of a document at one warehouse."""

    quantity: int = 0
    shipped: int = 0
    shipped_at: datetime | None = None
    returned: int = 0

    @property
    def open(self) -> int:
        """Units that still reserve stock."""
        return max(0, self.quantity - self.shipped)


@dataclass
class Paper:
    """One sales document; `ref` is None for the back office's own customers."""

    ref: OrderId | None
    lines: dict[WarehouseId, Line] = field(default_factory=dict)
    cancelled: bool = False

    def line(self, warehouse: WarehouseId) -> Line:
        """The line of a warehouse, made when there is none."""
        return self.lines.setdefault(warehouse, Line())

    def open(self, location: LocationId | None = None) -> int:
        """Units it still reserves, behind one location or in all."""
        if self.cancelled:
            return 0
        return sum(
            line.open for w, line in self.lines.items() if location is None or LOCATION_OF[w] == location
        )

    def shipped(self, location: LocationId | None = None) -> int:
        """Units that left, from behind one location or in all."""
        return sum(
            line.shipped for w, line in self.lines.items() if location is None or LOCATION_OF[w] == location
        )

    def view(self) -> Document:
        """As a look-up by reference gives it."""
        assert self.ref is not None
        status = DocumentStatus.OPEN if self.open() else DocumentStatus.SHIPPED
        return Document(
            DocumentId(self.ref),
            self.ref,
            DocumentStatus.CANCELLED if self.cancelled else status,
            Decimal(0),
            tuple(
                DocumentLine(SKU, w, line.quantity, line.shipped, line.shipped_at, line.returned)
                for w, line in self.lines.items()
            ),
        )


class BackOffice:
    """Shelves and documents."""

    def __init__(self, on_hand: dict[WarehouseId, int]) -> None:
        self.on_hand = dict(on_hand)
        self.own: list[Paper] = []
        self.ours: dict[OrderId, Paper] = {}

    def papers(self) -> list[Paper]:
        """All documents."""
        return [*self.own, *self.ours.values()]

    def reserved(self, warehouse: WarehouseId) -> int:
        """Units promised from a warehouse."""
        return sum(
            paper.lines[warehouse].open
            for paper in self.papers()
            if not paper.cancelled and warehouse in paper.lines
        )

    def reserved_for(self, warehouse: WarehouseId) -> dict[OrderId, int]:
        """Of these, the units of our documents."""
        return {
            ref: paper.lines[warehouse].open
            for ref, paper in self.ours.items()
            if not paper.cancelled and warehouse in paper.lines and paper.lines[warehouse].open
        }

    def free(self, warehouse: WarehouseId) -> int:
        """Units it can still promise."""
        return self.on_hand[warehouse] - self.reserved(warehouse)

    def ship(self, paper: Paper, warehouse: WarehouseId, total: int, now: datetime) -> None:
        """So many units in all have left from there."""
        line = paper.line(warehouse)
        units = total - line.shipped
        if units <= 0:
            return
        line.shipped, line.shipped_at = total, now
        line.quantity = max(line.quantity, total)
        self.on_hand[warehouse] -= units

    def reroute(self, paper: Paper, warehouse: WarehouseId, units: int | None = None) -> None:
        """So many open units, or all, are to leave from there."""
        for other, line in list(paper.lines.items()):
            moved = line.open if units is None else min(units, line.open)
            if other != warehouse and moved:
                paper.line(warehouse).quantity += moved
                line.quantity -= moved
                units = None if units is None else units - moved

    def amend(self, paper: Paper, wanted: dict[WarehouseId, int]) -> None:
        """The document is to have these units, and what has left."""
        held = {(SKU, w): Promise(line.quantity, line.shipped) for w, line in paper.lines.items()}
        for (_, warehouse), units in promised(held, {(SKU, w): n for w, n in wanted.items()}).items():
            paper.line(warehouse).quantity = units

    def take_back(self, paper: Paper, warehouse: WarehouseId, total: int) -> None:
        """So many units in all have come back to there."""
        line = paper.line(warehouse)
        self.on_hand[warehouse] += max(0, total - line.returned)
        line.returned = max(line.returned, total)

"""A document in several orders, for back offices whose orders have one warehouse each and can be written over.

The parts of a document are numbered, and the number is in the id each is made with, so a part is made once however
often it is sent. Units move to another warehouse into a part of their own. The part they leave is written first, with
a note of what it gives and to which number: until that part is there the note stands for it, so that a crash between
the two calls loses no promise and no cent, and whoever comes next makes the part that was noted.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from adapters.amounts import Row, RowKind
from engine.model.failure import Refused
from engine.model.ids import DocumentId, OrderId, Sku, WarehouseId
from engine.model.sale import Document, DocumentLine, DocumentStatus, Parcel

Shelf = tuple[Sku, WarehouseId]
NOTE = re.compile(r"^~(\d+) (.+?): (\d+) x (.+) @ (-?[\d.]+)( \*)?$")


@dataclass(frozen=True, slots=True)
class Note:
    """Units that a part gives to another."""

    number: int
    """Of the part that takes them."""
    place: WarehouseId
    item: str
    units: int
    price: Decimal
    charge: bool = False
    """It is no stocked product."""

    def __str__(self) -> str:
        mark = " *" if self.charge else ""
        return f"~{self.number} {self.place}: {self.units} x {self.item} @ {self.price}{mark}"


def notes_in(text: str) -> tuple[Note, ...]:
    """The notes among the lines of a text."""
    found = (NOTE.match(line.strip()) for line in text.splitlines())
    return tuple(
        Note(int(m[1]), WarehouseId(m[2]), m[4], int(m[3]), Decimal(m[5]), m[6] is not None)
        for m in found
        if m is not None
    )


@dataclass(frozen=True, slots=True)
class Line:
    """One line of an order."""

    id: str
    """The back office's own; empty for one that is to be made."""
    item: str
    """What it is sold as."""
    sku: Sku | None
    """None for what is no stocked product."""
    units: int
    price: Decimal
    text: str
    shipped: int = 0

    @property
    def waiting(self) -> int:
        """Units that have not left."""
        return self.units - self.shipped if self.sku is not None else 0


@dataclass(frozen=True, slots=True)
class Part:
    """One order of a document."""

    number: int
    id: str
    ref: OrderId
    place: WarehouseId | None
    cancelled: bool
    total: Decimal
    currency: str
    lines: tuple[Line, ...]
    text: str
    """What is written on it for people, with its notes."""
    left_at: datetime | None = None
    locked: bool = False
    """It can no longer be written over."""
    parcels: tuple[Parcel, ...] = ()
    """Of what has left of it."""

    @property
    def notes(self) -> tuple[Note, ...]:
        """What it gave to others."""
        return notes_in(self.text)

    @property
    def shipped(self) -> bool:
        """Something of it has left."""
        return any(line.shipped for line in self.lines)

    def waiting(self, sku: Sku) -> int:
        """Units of a SKU that have not left."""
        return sum(line.waiting for line in self.lines if line.sku == sku)


Parts = tuple[Part, ...]


def lines_of(sold: Iterable[tuple[str, Row]]) -> list[Line]:
    """Lines that are to be made for rows of a sale, by what each is sold as."""
    return [
        Line("", code, row.sku if row.kind is RowKind.GOODS else None, row.quantity, row.unit_price, row.text)
        for code, row in sold
    ]


def living(parts: Iterable[Part]) -> Parts:
    """Those that were not called off."""
    return tuple(part for part in parts if not part.cancelled)


def pending(parts: Parts) -> tuple[Note, ...]:
    """What parts gave to parts that are not there yet."""
    there = {part.number for part in parts}
    return tuple(note for part in parts for note in part.notes if note.number not in there)


def documents_of(parts: Parts) -> list[Parts]:
    """The document of our own parts first, then one for each order that somebody else entered."""
    ours = tuple(part for part in parts if part.number)
    others = [(part,) for part in parts if not part.number]
    return [ours, *others] if ours else list(others)


def next_number(parts: Parts) -> int:
    """A number no part has and none was promised."""
    promised_to = (note.number for part in parts for note in part.notes)
    return max([0, *(part.number for part in parts), *promised_to]) + 1


def gone(parts: Parts) -> Mapping[Shelf, int]:
    """Units that left, by where they left from."""
    found: dict[Shelf, int] = {}
    for part in parts:
        for line in part.lines:
            if line.sku is not None and line.shipped and part.place is not None:
                found[line.sku, part.place] = found.get((line.sku, part.place), 0) + line.shipped
    return found


def promised(parts: Parts) -> Mapping[Shelf, int]:
    """Units that living parts have still to send, by where they are to leave from."""
    found: dict[Shelf, int] = {}
    for part in living(parts):
        for line in part.lines:
            if line.sku is not None and line.waiting > 0 and part.place is not None:
                found[line.sku, part.place] = found.get((line.sku, part.place), 0) + line.waiting
    for note in pending(parts):
        if not note.charge:
            shelf = (Sku(note.item), note.place)
            found[shelf] = found.get(shelf, 0) + note.units
    return found


def worth(parts: Parts) -> Decimal:
    """What all of it adds up to, parts that are still to be made included."""
    made = sum((part.total for part in living(parts)), Decimal(0))
    return made + sum((note.units * note.price for note in pending(parts)), Decimal(0))


def document(parts: Parts, returned: Mapping[Shelf, int]) -> Document:
    """The parts as the engine sees them: units where they left from, the rest where they are to leave from."""
    alive = bool(living(parts)) or bool(pending(parts))
    sent = gone(parts)
    waits = promised(parts) if alive else _all(parts)
    at = {part.place: part.left_at for part in parts if part.left_at is not None}
    lines = tuple(
        DocumentLine(
            sku,
            place,
            waits.get((sku, place), 0) + sent.get((sku, place), 0),
            sent.get((sku, place), 0),
            at.get(place) if sent.get((sku, place)) else None,
            returned.get((sku, place), 0),
        )
        for sku, place in sorted(waits.keys() | sent.keys() | returned.keys())
    )
    status = DocumentStatus.OPEN
    if not alive:
        status = DocumentStatus.CANCELLED
    elif sent and not waits:
        status = DocumentStatus.SHIPPED
    total = worth(parts) if alive else sum((part.total for part in parts), Decimal(0))
    parcels = tuple(parcel for part in parts for parcel in part.parcels)
    return Document(DocumentId(parts[0].id), parts[0].ref, status, total, lines, parcels)


def _all(parts: Parts) -> Mapping[Shelf, int]:
    found: dict[Shelf, int] = {}
    for part in parts:
        for line in part.lines:
            if line.sku is not None and line.waiting > 0 and part.place is not None:
                found[line.sku, part.place] = found.get((line.sku, part.place), 0) + line.waiting
    return found


def taken(part: Part, units: Mapping[Sku, int]) -> tuple[tuple[Line, ...], tuple[Line, ...]]:
    """(lines that stay, lines that go) when so many unshipped units of each SKU leave this part."""
    left = dict(units)
    stay: list[Line] = []
    go: list[Line] = []
    for line in part.lines:
        take = min(left.get(line.sku, 0), line.waiting) if line.sku is not None else 0
        if take > 0 and line.sku is not None:
            left[line.sku] -= take
            go.append(replace(line, id="", units=take, shipped=0))
        if line.units > take:
            stay.append(replace(line, units=line.units - take))
    return tuple(stay), tuple(go)


def given(number: int, place: WarehouseId, lines: Iterable[Line]) -> tuple[Note, ...]:
    """Notes of lines that go to a part."""
    return tuple(Note(number, place, line.item, line.units, line.price, line.sku is None) for line in lines)


def noted(notes: Iterable[Note]) -> Mapping[int, tuple[WarehouseId, tuple[Line, ...]]]:
    """Place and lines of each part that notes speak of."""
    found: dict[int, tuple[WarehouseId, tuple[Line, ...]]] = {}
    for note in notes:
        sku = None if note.charge else Sku(note.item)
        line = Line("", note.item, sku, note.units, note.price, note.item)
        found[note.number] = (note.place, (*found.get(note.number, (note.place, ()))[1], line))
    return found


def with_notes(text: str, notes: Sequence[Note], most: int) -> str:
    """A text of so many characters with these notes before the rest; Refused when they alone are too long."""
    kept = [str(note) for note in (*notes_in(text), *notes)]
    if sum(len(line) + 1 for line in kept) > most:
        raise Refused(
            "The order has been moved between warehouses more often than its remarks can say.",
            "Finish the order in the back office by hand, and resolve this record.",
            code="too_many_moves",
        )
    rest = [line for line in text.splitlines() if NOTE.match(line.strip()) is None]
    return "\n".join([*kept, *rest])[:most]

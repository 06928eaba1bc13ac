"""An entered document's lines rewritten into those of an amended sale, with as few changes as possible.

Back offices do not keep our keys on their lines, so lines are told by what they sell and where it leaves from. Lines
whose units and amounts together are as wanted are not touched; a line of which goods have left is never cut below
them.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from adapters.amounts import Row, RowKind
from engine.model.failure import Refused
from engine.model.ids import Sku, WarehouseId


@dataclass(frozen=True, slots=True)
class Entered:
    """One line as the back office has it."""

    id: int
    item: str
    """What it sells, by the name under which rows are sold there."""
    place: WarehouseId | None
    units: int
    price: Decimal
    shipped: int = 0
    text: str = ""


@dataclass(frozen=True, slots=True)
class Piece:
    """One line as it is wanted."""

    item: str
    place: WarehouseId | None
    units: int
    price: Decimal
    text: str
    row: Row | None = None
    """What it is made of, where a line more needs to know."""


@dataclass(frozen=True, slots=True)
class Rewritten:
    """What is to be done: lines to change (with the piece each becomes), to take out, and to put in."""

    kept: Mapping[int, tuple[Piece, ...]]
    """Lines that stay as they are, with the pieces that stand in each."""
    changed: Mapping[int, Piece]
    gone: tuple[int, ...]
    added: tuple[Piece, ...]


def pieces(
    rows: Iterable[tuple[str, Row]], shelves: Mapping[tuple[Sku, WarehouseId], int] | None = None
) -> tuple[Piece, ...]:
    """Rows by the name they are sold under as pieces; goods where `shelves` have them, if that is given."""
    made: list[Piece] = []
    left = dict(shelves or {})
    for item, row in rows:
        if row.kind is not RowKind.GOODS or shelves is None or row.sku is None:
            made.append(Piece(item, row.warehouse, row.quantity, row.unit_price, row.text, row))
            continue
        units = row.quantity
        # where the sale plans it first, so that a row stays whole where it can
        mine = sorted((place for sku, place in left if sku == row.sku), key=lambda p: (p != row.warehouse, p))
        for place in mine:
            take = min(units, left[row.sku, place])
            if take:
                left[row.sku, place] -= take
                units -= take
                made.append(Piece(item, place, take, row.unit_price, row.text, row))
        if units:
            made.append(Piece(item, row.warehouse, units, row.unit_price, row.text, row))
    return tuple(made)


def rewritten(entered: Sequence[Entered], wanted: Sequence[Piece]) -> Rewritten:
    """Match what is wanted with what is there; Refused when goods that left would have to be cut or priced anew."""
    kept: dict[int, tuple[Piece, ...]] = {}
    changed: dict[int, Piece] = {}
    gone: list[int] = []
    added: list[Piece] = []
    for key, (old, new) in _groups(entered, wanted).items():
        if _sums((each.units, each.price) for each in old) == _sums((each.units, each.price) for each in new):
            kept |= _alike(old, new)
            continue
        for there in list(old):
            same = next((p for p in new if (p.units, p.price) == (there.units, there.price)), None)
            if same is not None:
                kept[there.id] = (same,)
                old.remove(there)
                new.remove(same)
        old.sort(key=lambda each: (-each.shipped, -each.units, each.id))
        new.sort(key=lambda each: -each.units)
        for there, piece in zip(old, new, strict=False):
            if piece.units < there.shipped:
                raise _left(key[0])
            changed[there.id] = piece
        for there in old[len(new) :]:
            if there.shipped:
                raise _left(key[0])
            gone.append(there.id)
        added += new[len(old) :]
    return Rewritten(kept, changed, tuple(gone), tuple(added))


def _alike(old: Sequence[Entered], new: Sequence[Piece]) -> dict[int, tuple[Piece, ...]]:
    """Lines that are worth these pieces together: each with the piece it is like, the first with the others too."""
    left = list(new)
    found: dict[int, tuple[Piece, ...]] = {}
    for each in old:
        same = next((p for p in left if (p.units, p.price) == (each.units, each.price)), None)
        found[each.id] = () if same is None else (same,)
        if same is not None:
            left.remove(same)
    if left:
        found[old[0].id] += tuple(left)
    return found


Key = tuple[str, WarehouseId | None, str]


def _groups(
    entered: Sequence[Entered], wanted: Sequence[Piece]
) -> Mapping[Key, tuple[list[Entered], list[Piece]]]:
    """By what is sold and where; of what is no goods, by its text where that is still the same."""
    texts = {(each.item, each.text) for each in entered} & {(piece.item, piece.text) for piece in wanted}
    found: dict[Key, tuple[list[Entered], list[Piece]]] = defaultdict(lambda: ([], []))
    for each in entered:
        told = each.text if each.place is None and (each.item, each.text) in texts else ""
        found[each.item, each.place, told][0].append(each)
    for piece in wanted:
        told = piece.text if piece.place is None and (piece.item, piece.text) in texts else ""
        found[piece.item, piece.place, told][1].append(piece)
    return found


def _sums(lines: Iterable[tuple[int, Decimal]]) -> tuple[int, Decimal]:
    lines = list(lines)
    return sum(units for units, _ in lines), sum((units * price for units, price in lines), Decimal(0))


def _left(item: str) -> Refused:
    return Refused(
        f"Units of {item} have left, and its line can no longer be made what the order says.",
        "Change the document in the back office by hand until it is worth what the order is, and retry.",
        code="left_already",
    )

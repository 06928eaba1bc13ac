"""Amending a document: the orders whose lines change are written over, each in one call.

Orders that gain are written before those that lose, so that dying in between holds too much for a moment and never too
little; said again, it goes on from there.
"""

from collections.abc import Mapping
from dataclasses import replace

from adapters.amending import Promise, planned, proven
from adapters.parted import Line, Part, Parts, document, gone, living, next_number, promised
from adapters.rewriting import Entered, Piece, pieces, rewritten
from adapters.unleashed.documents import Documents
from adapters.unleashed.moving import Moving
from adapters.unleashed.selling import Selling
from engine.model.failure import Refused
from engine.model.ids import DocumentId, Sku, WarehouseId
from engine.model.sale import Document, SalesDocument

Written = dict[str, list[Line]]


class Amending:
    """Changes orders that hold their goods."""

    def __init__(self, documents: Documents, selling: Selling, moving: Moving) -> None:
        self._documents, self._selling, self._moving = documents, selling, moving

    async def amend(self, number: DocumentId, sale: SalesDocument) -> Document:
        """Let the document have the sale's lines, and read it back."""
        sold = await self._selling.sold(sale)
        ref, _ = await self._documents.by_id(number)
        async with self._selling.turns[ref]:
            parts = living(await self._moving.whole(number))
            if not parts:
                raise Refused(
                    f"Order {number} of Unleashed is deleted.",
                    "Cancel the order in Shopify too, or enter it in Unleashed by hand, and resolve this record.",
                    code="unleashed_deleted",
                )
            lines = {at: (part, line) for at, (part, line) in enumerate(_lines(parts))}
            entered = [_entered(at, part, line) for at, (part, line) in lines.items()]
            change = rewritten(entered, pieces(sold, _plan(parts, sale)))
            written: Written = {part.id: [] for part in parts}
            for at, (part, line) in lines.items():
                if at in change.changed:
                    written[part.id].append(_as(change.changed[at], line))
                elif at not in change.gone:
                    written[part.id].append(line)
            fresh = _added(parts, written, change.added)
            await self._write(parts, written, fresh)
            _, parts = await self._documents.by_id(number)
        return proven(document(parts, {}), sale, "Unleashed")

    async def _write(
        self, parts: Parts, written: Written, fresh: Mapping[WarehouseId | None, list[Line]]
    ) -> None:
        number = next_number(parts)
        for place, lines in fresh.items():
            await self._selling.add(parts, number, place, lines)
            number += 1
        changed = [part for part in parts if list(part.lines) != written[part.id]]
        for part in sorted(changed, key=lambda one: _units(list(one.lines)) - _units(written[one.id])):
            if written[part.id] or len(parts) == 1:
                await self._selling.write(part, written[part.id])
            else:
                await self._selling.delete(part)


def _lines(parts: Parts) -> list[tuple[Part, Line]]:
    return [(part, line) for part in parts for line in part.lines]


def _entered(at: int, part: Part, line: Line) -> Entered:
    place = part.place if line.sku is not None else None
    return Entered(at, line.item, place, line.units, line.price, line.shipped, line.text)


def _plan(parts: Parts, sale: SalesDocument) -> Mapping[tuple[Sku, WarehouseId], int]:
    """Units by shelf once it is amended: as planned in Unleashed, as far as that can be."""
    sent, waits = gone(parts), promised(parts)
    held = {
        shelf: Promise(sent.get(shelf, 0) + waits.get(shelf, 0), sent.get(shelf, 0))
        for shelf in sent.keys() | waits.keys()
    }
    return {shelf: units for shelf, units in planned(held, sale).items() if units}


def _as(piece: Piece, line: Line) -> Line:
    return replace(line, units=piece.units, price=piece.price, text=piece.text)


def _added(
    parts: Parts, written: Written, added: tuple[Piece, ...]
) -> Mapping[WarehouseId | None, list[Line]]:
    """Puts new lines into the parts that can take them; what is left, by the warehouse of the orders to be made."""
    fresh: dict[WarehouseId | None, list[Line]] = {}
    for piece in added:
        sku = piece.row.sku if piece.place is not None and piece.row is not None else None
        line = Line("", piece.item, sku, piece.units, piece.price, piece.text)
        home = next((p for p in parts if not p.locked and (sku is None or p.place == piece.place)), None)
        if home is not None:
            written[home.id].append(line)
        else:
            fresh.setdefault(piece.place, []).append(line)
    return fresh


def _units(lines: list[Line]) -> int:
    return sum(line.units for line in lines if line.sku is not None)

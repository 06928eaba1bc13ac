"""Amending a sales order: one PATCH that replaces its lines.

On a keyed sublist `replace` updates the lines whose number is given, removes the others and adds those without one
(Oracle, "Replacing a Sublist"), so the call does all of it or nothing.
"""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from adapters.amending import Promise, planned, proven
from adapters.netsuite.client import Json, NetSuiteClient
from adapters.netsuite.documents import Documents, Held, document
from adapters.netsuite.selling import Selling
from adapters.rewriting import Entered, Piece, pieces, rewritten
from engine.model.failure import Refused
from engine.model.ids import DocumentId, Sku, WarehouseId
from engine.model.sale import Document, SalesDocument


class Amending:
    """Changes sales orders that hold their goods."""

    def __init__(self, client: NetSuiteClient, documents: Documents, selling: Selling) -> None:
        self._client, self._documents, self._selling = client, documents, selling

    async def amend(self, number: DocumentId, sale: SalesDocument) -> Document:
        """Let the order have the sale's lines, and read it back."""
        held = await self._documents.by_id(number)
        if held.cancelled:
            raise Refused(
                f"Sales order {number} of NetSuite is closed.",
                "Open it again there, or cancel the order in Shopify too, and retry.",
                code="netsuite_closed",
            )
        made, items = await self._selling.sold(sale)
        shelves = _after(held, sale)
        entered = await self._entered(held)
        named = [(items[name], row) for name, row in made]
        # a closed line holds nothing and still counts for the total: it is taken out, or opened with what it becomes
        change = rewritten(entered, pieces(named, shelves))
        if change.changed or change.gone or change.added:
            lines: list[Json] = [{"line": line} for line in sorted(change.kept)]
            lines += ({"line": line, **_line(piece)} for line, piece in sorted(change.changed.items()))
            lines += ({"item": {"id": piece.item}, **_new(piece)} for piece in change.added)
            await self._client.write(
                "PATCH", f"salesOrder/{held.id}?replace=item", {"item": {"items": lines}}
            )
            held = await self._documents.by_id(number)
        return proven(document(held, sale.ref), sale, "NetSuite")

    async def _entered(self, held: Held) -> Sequence[Entered]:
        record = await self._client.read(f"salesOrder/{held.id}")
        shipped = {line.number: line.shipped for line in held.lines}
        stocked = {line.number: line.location for line in held.lines}
        return [
            Entered(
                int(line["line"]),
                str(line["item"]["id"]),
                stocked.get(int(line["line"])),
                int(line["quantity"]),
                Decimal(str(line["rate"])),
                shipped.get(int(line["line"]), 0),
                str(line.get("description", "")),
            )
            for line in record["item"]["items"]
        ]


def _after(held: Held, sale: SalesDocument) -> dict[tuple[Sku, WarehouseId], int]:
    """Units by shelf once it is amended: as planned in NetSuite, as far as that can be."""
    now: dict[tuple[Sku, WarehouseId], Promise] = {}
    for line in held.lines:
        if line.location is not None:
            shelf = (held.skus[line.item], line.location)
            was = now.get(shelf, Promise(0))
            now[shelf] = replace(was, units=was.units + line.units, shipped=was.shipped + line.shipped)
    return {shelf: units for shelf, units in planned(now, sale).items() if units}


def _line(piece: Piece) -> Json:
    return {
        "quantity": piece.units,
        "price": {"id": "-1"},
        "rate": float(piece.price),
        "amount": float(piece.units * piece.price),
        "description": piece.text[:999],
        "isClosed": False,
    }


def _new(piece: Piece) -> Json:
    line = {name: value for name, value in _line(piece).items() if name != "isClosed"}
    return line if piece.place is None else {**line, "location": {"id": piece.place}}

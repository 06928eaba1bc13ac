"""Amending a sales order: one PATCH that replaces its lines.

On a keyed sublist `replace` updates the lines whose number is given, removes the others and adds those without one
(Oracle, "Replacing a Sublist"), so the call does all of it or nothing. Tax details are replaced in the same call, each
on the line that sells what it is charged on; they have no key, so all of them are stated.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from adapters.amending import Promise, planned, proven
from adapters.netsuite.client import Json, NetSuiteClient
from adapters.netsuite.documents import Documents, Held, document
from adapters.netsuite.selling import Selling, Terms
from adapters.netsuite.taxing import Levy, Taxing, line_references, references, same
from adapters.rewriting import Entered, Piece, Rewritten, pieces, rewritten
from engine.model.failure import Refused
from engine.model.ids import DocumentId, Sku, WarehouseId
from engine.model.sale import Document, SalesDocument


class Amending:
    """Changes sales orders that hold their goods."""

    def __init__(
        self, client: NetSuiteClient, documents: Documents, selling: Selling, terms: Terms, taxing: Taxing
    ) -> None:
        self._client, self._documents, self._selling = client, documents, selling
        self._terms, self._taxing = terms, taxing

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
        record = await self._client.read(f"salesOrder/{held.id}")
        named = [(items[name], row) for name, row in made]
        # a closed line holds nothing and still counts for the total: it is taken out, or opened with what it becomes
        change = rewritten(_entered(held, record), pieces(named, shelves))
        old: dict[int, Json] = {line: {"line": line} for line in sorted(change.kept)}
        old |= {line: {"line": line, **_line(piece)} for line, piece in sorted(change.changed.items())}
        new: list[Json] = [{"item": {"id": piece.item}, **_new(piece)} for piece in change.added]
        taxes = self._selling.taxes(sale)
        borne = _borne(record, change, taxes, old, new) if self._terms.details else []
        as_it_is = not self._terms.details or same(record, ((item, levy) for item, _, levy in borne))
        if not as_it_is or change.changed or change.gone or change.added:
            body: Json = {"item": {"items": [*old.values(), *new]}}
            if self._terms.details:
                body |= await self._taxing.part((reference, levy) for _, reference, levy in borne)
            await self._client.write("PATCH", f"salesOrder/{held.id}?replace={self._selling.lists}", body)
            held = await self._documents.by_id(number)
        return proven(document(held, sale.ref), sale, "NetSuite")


def _entered(held: Held, record: Json) -> Sequence[Entered]:
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


def _borne(
    record: Json, change: Rewritten, taxes: Sequence[Levy], old: Mapping[int, Json], new: Sequence[Json]
) -> list[tuple[str, str, Levy]]:
    """(item, reference, tax) for each tax, on the first line that has something of the shop's line.

    A line that has no reference yet gets one in its body.
    """
    there, items = (
        line_references(record),
        {int(line["line"]): line["item"] for line in record["item"]["items"]},
    )
    free = references(frozenset(there.values()))
    taxed = {levy.line for levy in taxes}
    bearing: dict[str, tuple[str, str]] = {}

    def bodies() -> Iterator[tuple[Piece, Json, str, Json]]:
        stay = {**change.kept, **{line: (piece,) for line, piece in change.changed.items()}}
        for line in sorted(stay):
            yield from ((piece, old[line], there[line], items[line]) for piece in stay[line])
        yield from ((piece, body, "", body["item"]) for piece, body in zip(change.added, new, strict=True))

    for piece, body, reference, item in bodies():
        line = piece.row.line if piece.row is not None else ""
        if line not in taxed or line in bearing:
            continue
        if not reference:
            reference = body.setdefault("taxDetailsReference", next(free))
        bearing[line] = (str(item["id"]), reference)
    return [(*bearing[levy.line], levy) for levy in taxes]


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

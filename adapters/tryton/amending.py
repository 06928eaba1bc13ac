"""Amending a sale that is being processed, by an amendment of the module sale_amendment.

Validating it changes lines and takes back what is only planned: open moves of shipments that nobody has begun to
pick, and draft invoices. Tryton plans them anew from the sale's own warehouse in the same call, so units that were to
leave from elsewhere are moved there again. An amendment changes lines and adds none: what is put in is a person's.
"""

from collections import defaultdict
from collections.abc import Mapping

from adapters.amending import Promise, planned, proven
from adapters.amounts import rows, sold_as
from adapters.rewriting import Entered, Piece, rewritten
from adapters.tryton.documents import Documents, SaleFile, document, sku_of
from adapters.tryton.drafts import PRICE_STEP
from adapters.tryton.parcels import Parcels, line_of
from adapters.tryton.places import Places
from adapters.tryton.rpc import Row, Rpc
from engine.model.failure import Misset, Refused
from engine.model.ids import DocumentId, Sku, WarehouseId
from engine.model.sale import Document, DocumentStatus, SalesDocument

MODEL = "sale.amendment"
OURS = "TrueUp"
"""Description of our amendments: one left unvalidated by a crash is thrown away."""
Shelf = tuple[Sku, WarehouseId]


class Amending:
    """Amends sales of one web shop."""

    def __init__(self, rpc: Rpc, places: Places, documents: Documents) -> None:
        self._rpc = rpc
        self._places = places
        self._documents = documents
        self._parcels = Parcels(rpc)
        self._there: bool | None = None

    async def amend(self, number: DocumentId, sale: SalesDocument) -> Document:
        """Let the sale have these lines, and read it back."""
        atlas = await self._places.atlas()
        file = await self._file(number)
        before = document(file, atlas)
        if before.status is DocumentStatus.CANCELLED:
            raise Refused(
                f"Sale {number} of Tryton is cancelled",
                "Enter it again there, or cancel the order in Shopify too, then retry",
                code="tryton_cancelled",
            )
        changes = await self._changes(file, sale)
        plan = _plan(before, sale)
        if changes:
            await self._validate(file, changes)
        await self._parcels.trim(await self._file(number))
        await self._place(number, plan)
        return proven(document(await self._file(number), atlas), sale, "Tryton")

    async def _changes(self, file: SaleFile, sale: SalesDocument) -> list[Row]:
        """Lines of an amendment; Refused when the sale would need a line more."""
        made = rows(sale, PRICE_STEP)
        fields = ["product", "product.code", "unit", "quantity", "unit_price", "description", "type"]
        domain = [["sale", "=", file.id], ["type", "=", "line"]]
        lines = {row["id"]: row for row in await self._rpc.rows("sale.line", domain, fields)}
        gone: dict[int, int] = defaultdict(int)
        for move in file.moves:
            if move["state"] == "done":
                gone[line_of(move)] += round(move["internal_quantity"])
        entered = [
            Entered(
                number, (row["product."]["code"] or "").strip(), None, round(row["quantity"]), row["unit_price"],
                gone[number], row["description"] or "",
            )
            for number, row in lines.items()
        ]  # fmt: skip
        wanted = [Piece(sold_as(row), None, row.quantity, row.unit_price, row.text) for row in made]
        change = rewritten(entered, wanted)
        if change.added:
            lacking = ", ".join(
                f"{each.units} × {each.item} at {each.price} ({each.text})" for each in change.added
            )
            raise Refused(
                f"Tryton adds no line to a sale that is being processed; sale {file.id} lacks {lacking}",
                f"Bring sale {file.id} to {sale.total} {sale.currency} in Tryton by hand (a sale of its own for what was "
                "put in stays unknown to TrueUp), then retry",
                code="cannot_amend",
            )
        asked = [(number, each.units, each.price, each.text) for number, each in change.changed.items()]
        asked += [
            (number, 0, lines[number]["unit_price"], lines[number]["description"])
            for number in change.gone
            if lines[number]["quantity"]
        ]
        return [
            {"action": "line", "line": number, "product": lines[number]["product"], "unit": lines[number]["unit"],
             "quantity": float(units), "unit_price": price, "description": text}
            for number, units, price, text in asked
        ]  # fmt: skip

    async def _validate(self, file: SaleFile, lines: list[Row]) -> None:
        await self._installed()
        ours = [["sale", "=", file.id], ["state", "=", "draft"], ["description", "=", OURS]]
        left = await self._rpc.rows(MODEL, ours, ["state"])
        if left:
            await self._rpc.model(MODEL, "delete", [row["id"] for row in left])
        values = {"sale": file.id, "description": OURS, "lines": [["create", lines]]}
        [made] = await self._rpc.create(MODEL, [values])
        await self._rpc.press(MODEL, "validate_amendment", [made])

    async def _installed(self) -> None:
        if self._there is None:
            found = await self._rpc.rows("ir.model", [["name", "=", MODEL]], ["name"])
            self._there = bool(found)
        if not self._there:
            self._there = None
            raise Misset(
                "Tryton lacks the module sale_amendment, which changes sales that are being processed",
                "Activate it in Tryton (Administration, Modules), then restart",
                code="tryton_no_amendments",
            )

    async def _place(self, number: DocumentId, plan: Mapping[Shelf, int]) -> None:
        """Move open units to where they are to leave from."""
        atlas = await self._places.atlas()
        for (sku, place), units in sorted(plan.items()):
            file = await self._file(number)
            here = [move for move in file.open() if sku_of(move) == sku]
            there = sum(
                round(move["internal_quantity"])
                for move in here
                if atlas.inside.get(move["from_location"]) == place
            )
            lacking, take = units - there, dict[int, int]()
            spare = _spare(here, atlas.inside, plan)
            for move in here:
                at = atlas.inside.get(move["from_location"])
                if lacking <= 0 or at is None or at == place:
                    continue
                part = min(lacking, spare.get(at, 0), round(move["internal_quantity"]))
                if part > 0:
                    take[move["id"]] = part
                    spare[at] -= part
                    lacking -= part
            if take:
                await self._parcels.shift(file, take, atlas.named(place))

    async def _file(self, number: DocumentId) -> SaleFile:
        file = await self._documents.by_id(number)
        if file is None:
            raise Refused(
                f"Tryton has no sale {number} of this shop",
                "Look for the order in Tryton",
                code="tryton_no_sale",
            )
        return file


def _plan(before: Document, sale: SalesDocument) -> dict[Shelf, int]:
    """Units that are to wait at each shelf, for every stocked SKU that the sale names."""
    now = {(line.sku, line.warehouse): Promise(line.quantity, line.shipped) for line in before.lines}
    return {shelf: units - now.get(shelf, Promise(0)).shipped for shelf, units in planned(now, sale).items()}


def _spare(
    moves: list[Row], inside: Mapping[int, WarehouseId], plan: Mapping[Shelf, int]
) -> dict[WarehouseId, int]:
    """Open units of one SKU at each warehouse beyond what is to wait there."""
    found: dict[WarehouseId, int] = {}
    for move in moves:
        at = inside.get(move["from_location"])
        if at is not None:
            found[at] = found.get(at, -plan.get((sku_of(move), at), 0)) + round(move["internal_quantity"])
    return {at: max(0, units) for at, units in found.items()}

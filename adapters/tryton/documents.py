"""Reads our sales back: what is ordered, where it is to leave from, what has left and what came back.

A sale left in draft by a crash is not a document yet: `create` finds and finishes it.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from adapters.together import Together
from adapters.tryton.places import Atlas, Places
from adapters.tryton.rpc import Domain, Row, Rpc
from engine.model.ids import DocumentId, OrderId, Sku, WarehouseId
from engine.model.sale import Document, DocumentLine, DocumentStatus

CHUNK = 200
MANY = 64
"""Questions for documents that are answered together."""
UNFINISHED = frozenset({"draft", "quotation"})
SALE = (
    *("web_id", "state", "total_amount", "warehouse", "company", "currency"),
    *("party", "shipment_party", "shipment_address"),
)
MOVE = (
    *(
        "product.code",
        "product",
        "unit",
        "quantity",
        "state",
        "internal_quantity",
        "from_location",
        "to_location",
    ),
    *("write_date", "create_date", "origin", "shipment", "unit_price", "currency"),
)
LINE = (
    *("quantity", "product.code", "product.type", "product.default_uom", "unit_price", "unit", "product"),
    *(f"moves.{name}" for name in MOVE),
)
FILE = (*SALE, *(f"line_lines.{name}" for name in LINE))
"""A sale, its lines and their moves, as of one moment."""


@dataclass(slots=True)
class SaleFile:
    """A sale with its stocked lines and all its moves to the buyer."""

    row: Row
    lines: list[Row] = field(default_factory=list)
    moves: list[Row] = field(default_factory=list)
    returns: list[Row] = field(default_factory=list)

    @property
    def id(self) -> int:
        """Its id in Tryton."""
        return int(self.row["id"])

    @property
    def ref(self) -> OrderId:
        """The web id."""
        return OrderId(self.row["web_id"])

    def live(self) -> list[Row]:
        """Moves that were not cancelled."""
        return [move for move in self.moves if move["state"] != "cancelled"]

    def open(self) -> list[Row]:
        """Moves still to be done."""
        return [move for move in self.moves if move["state"] not in ("cancelled", "done")]

    def status(self) -> DocumentStatus:
        """Where it stands: judged by its goods first, then by the sale's own state."""
        if self.row["state"] == "cancelled":
            return DocumentStatus.CANCELLED
        if self.open():
            return DocumentStatus.OPEN
        if self.live() or not self.lines:
            return DocumentStatus.SHIPPED
        return DocumentStatus.CANCELLED if self.moves else DocumentStatus.OPEN


class Documents:
    """Looks sales up by web id or by their own id."""

    def __init__(self, rpc: Rpc, places: Places, shop: int) -> None:
        self._rpc = rpc
        self._places = places
        self._shop = shop
        self._together = Together(self._many, most=MANY)

    async def by_refs(self, refs: Collection[OrderId]) -> Mapping[OrderId, Document]:
        """Finished documents by external reference."""
        return await self._together.ask(frozenset(refs)) if refs else {}

    async def _many(self, asked: Sequence[frozenset[OrderId]]) -> Sequence[Mapping[OrderId, Document]]:
        atlas = await self._places.atlas()
        files = await self.files(frozenset().union(*asked))
        found = {
            ref: document(file, atlas) for ref, file in files.items() if file.row["state"] not in UNFINISHED
        }
        return [{ref: found[ref] for ref in refs if ref in found} for refs in asked]

    async def files(self, refs: Collection[OrderId], *, new: bool = False) -> dict[OrderId, SaleFile]:
        """Sales with these references, finished or not; nothing can have come back of `new` ones."""
        found: dict[OrderId, SaleFile] = {}
        wanted = sorted(set(refs))
        for start in range(0, len(wanted), CHUNK):
            part = wanted[start : start + CHUNK]
            domain: Domain = [["web_shop", "=", self._shop], ["web_id", "in", part]]
            found |= {file.ref: file for file in await self._files(domain, returns=not new)}
        return found

    async def copies(self, refs: Collection[OrderId]) -> Mapping[OrderId, tuple[DocumentId, ...]]:
        """Finished sales of each web id that are not cancelled; Tryton keeps a web id to one sale of a web shop."""
        found: dict[OrderId, tuple[DocumentId, ...]] = {}
        wanted = sorted(set(refs))
        for start in range(0, len(wanted), CHUNK):
            domain: Domain = [["web_shop", "=", self._shop], ["web_id", "in", wanted[start : start + CHUNK]]]
            for file in sorted(await self._files(domain, returns=False), key=lambda one: one.id):
                if file.row["state"] not in UNFINISHED and file.status() is not DocumentStatus.CANCELLED:
                    found[file.ref] = (*found.get(file.ref, ()), DocumentId(str(file.id)))
        return found

    async def by_ids(self, numbers: Collection[DocumentId]) -> dict[DocumentId, SaleFile]:
        """The sales with these ids, as far as they are ours."""
        wanted = sorted(int(number) for number in set(numbers) if number.isdecimal())
        found: dict[DocumentId, SaleFile] = {}
        for start in range(0, len(wanted), CHUNK):
            part = wanted[start : start + CHUNK]
            for file in await self._files([["web_shop", "=", self._shop], ["id", "in", part]]):
                found[DocumentId(str(file.id))] = file
        return found

    async def by_id(self, number: DocumentId) -> SaleFile | None:
        """The sale with this id, if it is ours."""
        return (await self.by_ids([number])).get(number)

    async def _files(self, domain: Domain, *, returns: bool = True) -> list[SaleFile]:
        atlas = await self._places.atlas()
        files = [_filed(row, atlas) for row in await self._rpc.rows("sale.sale", domain, FILE)]
        by_marker = {return_marker(file.ref): file for file in files if file.lines}
        if by_marker and returns:
            marked = await self._rpc.rows(
                "stock.shipment.out.return",
                [["reference", "in", sorted(by_marker)], ["state", "!=", "cancelled"]],
                ["reference", "state", "incoming_moves", "warehouse"],
            )
            moved = [move for row in marked for move in row["incoming_moves"]]
            moves = (
                {row["id"]: row for row in await self._rpc.read("stock.move", moved, MOVE)} if moved else {}
            )
            for row in marked:
                row["moves"] = [moves[number] for number in row["incoming_moves"]]
                by_marker[row["reference"]].returns.append(row)
        return files


def _filed(row: Row, atlas: Atlas) -> SaleFile:
    lines = [line for line in row["line_lines."] if line["product."] and line["product."]["type"] == "goods"]
    moves = [move for line in lines for move in line["moves."] if move["to_location"] in atlas.customers]
    return SaleFile(row, sorted(lines, key=lambda one: one["id"]), sorted(moves, key=lambda one: one["id"]))


def return_marker(ref: OrderId) -> str:
    """The reference that our return shipments of an order carry."""
    return f"{ref} returned"


def units(
    rows: Sequence[Row], atlas: Atlas, side: str = "from_location"
) -> dict[tuple[Sku, WarehouseId], int]:
    """Units by SKU and warehouse of these moves."""
    counted: dict[tuple[Sku, WarehouseId], int] = defaultdict(int)
    for row in rows:
        warehouse = atlas.inside.get(row[side])
        if warehouse is not None:
            counted[sku_of(row), warehouse] += round(row["internal_quantity"])
    return counted


def sku_of(row: Row) -> Sku:
    """The SKU of a move or line."""
    return Sku((row["product."]["code"] or "").strip())


def document(file: SaleFile, atlas: Atlas) -> Document:
    """The document as the port wants it."""
    status = file.status()
    counted = file.moves if status is DocumentStatus.CANCELLED and not file.live() else file.live()
    ordered = units(counted, atlas)
    if not counted:
        home = atlas.inside.get(file.row["warehouse"])
        for line in file.lines:
            if home is not None and line["quantity"]:
                key = (sku_of(line), home)
                ordered[key] = ordered.get(key, 0) + round(line["quantity"])
    done = [move for move in file.moves if move["state"] == "done"]
    shipped = units(done, atlas)
    left: dict[tuple[Sku, WarehouseId], datetime] = {}
    for move in done:
        if move["from_location"] in atlas.inside:
            key = (sku_of(move), atlas.inside[move["from_location"]])
            at = move["write_date"] or move["create_date"]
            left[key] = max(left.get(key, at), at)
    back = units(
        [m for row in file.returns for m in row["moves"] if m["state"] == "done"], atlas, side="to_location"
    )
    return Document(
        DocumentId(str(file.id)),
        file.ref,
        status,
        file.row["total_amount"],
        tuple(
            DocumentLine(
                key[0], key[1], ordered.get(key, 0), shipped.get(key, 0), left.get(key), back.get(key, 0)
            )
            for key in sorted({*ordered, *shipped, *back})
        ),
    )

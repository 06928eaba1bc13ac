"""Bookings inside one write transaction: totals are read first, so saying something twice changes nothing."""

from collections.abc import Callable, Collection, Mapping, Sequence
from decimal import Decimal

from sqlalchemy import Connection, RowMapping

from adapters.amending import Promise, goods, promised
from adapters.sql import wire
from adapters.sql.statements import POSTING, Statements
from engine.model.entry import Entry
from engine.model.failure import Refused
from engine.model.ids import DocumentId, OrderId, Sku, WarehouseId
from engine.model.sale import Document, DocumentLine, DocumentStatus, SalesDocument

Shelf = tuple[Sku, WarehouseId]


class Booking:
    """What is written to the back office in one transaction."""

    def __init__(
        self,
        tx: Connection,
        statements: Statements,
        by_ref: Callable[[Collection[OrderId]], dict[OrderId, Document]],
    ) -> None:
        self._tx = tx
        self._statements = statements
        self._by_ref = by_ref

    def create(self, sale: SalesDocument) -> Document:
        """Insert head, lines and payments, or find the document that is already there."""
        there = self._by_ref([sale.ref]).get(sale.ref)
        if there is not None:
            return there
        self._run("create_order", wire.order_values(sale))
        head = self._tx.execute(self._statements["documents"], {"refs": [sale.ref]}).mappings().first()
        if head is None:
            raise wire.wrong("documents", "does not find the document that create_order just made")
        identity = str(head["id"])
        for position, line in enumerate(sale.lines, 1):
            self._run("create_line", wire.line_values(sale, line, position, identity))
        for values in wire.payment_values(sale, identity):
            self._run("create_payment", values)
        if self._statements.has("confirm_order"):
            self._run("confirm_order", {"document": identity})
        return self._by_ref([sale.ref])[sale.ref]

    def amend(self, document: DocumentId, sale: SalesDocument) -> Document:
        """Enter the lines anew, take out those that are gone, promise what changed, and read it back."""
        held = {
            (line.sku, line.warehouse): Promise(line.quantity, line.shipped)
            for line in self._read(document).lines
        }
        before = self._tx.execute(self._statements["order_lines"], {"document": document}).mappings().all()
        lines = [line for line in sale.lines if line.quantity]
        for row in before:
            if str(row["key"]) not in {line.key for line in lines}:
                self._run("drop_line", {"document": document, "key": row["key"]})
        for position, line in enumerate(lines, 1):
            self._run("amend_line", wire.line_values(sale, line, position, document))
        for (sku, warehouse), units in promised(held, _known(goods(sale), before, held)).items():
            more = units - held.get((sku, warehouse), Promise(0)).units
            self._run("allot_line", _booked(document, sku, warehouse, more, units))
        values = {name: value for name, value in wire.order_values(sale).items() if name != "ref"}
        self._run("amend_order", values | {"document": document})
        after = self._read(document)
        if after.total != sale.total:
            raise _ignored("amend", document)
        return after

    def post(self, document: DocumentId, entry: Entry) -> Mapping[str, Decimal]:
        """Make an entry unless its key is there, and read all of its kind back."""
        self._read(document)
        reads, writes = POSTING[entry.kind]
        if entry.key not in self._entries(document, reads):
            if self._statements.has("create_credit_line"):
                for values in wire.credit_lines(entry, document):
                    self._run("create_credit_line", values)
            self._run(writes, wire.entry_values(entry, document))
        there = self._entries(document, reads)
        if entry.key not in there:
            raise _ignored("enter anything for", document)
        return there

    def _entries(self, document: DocumentId, reads: str) -> dict[str, Decimal]:
        rows = self._tx.execute(self._statements[reads], {"document": document}).mappings()
        return {wire.word(row, "key", reads): wire.money(row, "amount", reads) for row in rows}

    def cancel(self, document: DocumentId) -> None:
        """Cancel, unless that is done already."""
        if self._read(document).status is not DocumentStatus.CANCELLED:
            self._run("cancel_order", {"document": document})
            if self._read(document).status is not DocumentStatus.CANCELLED:
                raise _ignored("cancel", document)

    def reroute(self, document: DocumentId, moves: Mapping[Sku, WarehouseId]) -> None:
        """Move what has not shipped of each SKU to its new warehouse."""
        for line in self._read(document).lines:
            target = moves.get(line.sku, line.warehouse)
            self._move(document, line, target, line.quantity - line.shipped)

    def ship(self, document: DocumentId, units: Mapping[Shelf, int]) -> None:
        """Book what is missing to the totals; units allotted elsewhere move first."""
        for (sku, warehouse), total in sorted(units.items()):
            lines = [line for line in self._read(document).lines if line.sku == sku]
            here = next((line for line in lines if line.warehouse == warehouse), None)
            shipped, allotted = (here.shipped, here.quantity) if here else (0, 0)
            if total <= shipped:
                continue
            short = total - allotted
            for line in lines:
                free = min(short, _spare(line, units))
                if line.warehouse != warehouse and free > 0:
                    self._move(document, line, warehouse, free)
                    short -= free
            self._run("ship_line", _booked(document, sku, warehouse, total - shipped, total))
        left = {(line.sku, line.warehouse): line.shipped for line in self._read(document).lines}
        if any(left.get(shelf, 0) < total for shelf, total in units.items()):
            raise _ignored("ship", document)

    def take_back(self, document: DocumentId, units: Mapping[Shelf, int], key: str) -> None:
        """Book what is missing to the totals."""
        returned = {(line.sku, line.warehouse): line.returned for line in self._read(document).lines}
        for (sku, warehouse), total in sorted(units.items()):
            missing = total - returned.get((sku, warehouse), 0)
            if missing > 0:
                self._run("return_line", _booked(document, sku, warehouse, missing, total) | {"key": key})
        returned = {(line.sku, line.warehouse): line.returned for line in self._read(document).lines}
        if any(returned.get(shelf, 0) < total for shelf, total in units.items()):
            raise _ignored("take back", document)

    def _move(self, document: DocumentId, line: DocumentLine, target: WarehouseId, units: int) -> None:
        if units > 0 and target != line.warehouse:
            values = _booked(document, line.sku, target, units, units) | {"origin": line.warehouse}
            self._run("reroute_line", values)

    def _read(self, document: DocumentId) -> Document:
        head = self._tx.execute(self._statements["document"], {"document": document}).mappings().first()
        if head is None:
            raise Refused(
                f"The back office has no document {document}.",
                "Look the order up in the back office; retry creates it again if it is gone.",
                code="sql.no_document",
            )
        rows = self._tx.execute(self._statements["document_lines"], {"documents": [head["id"]]}).mappings()
        return wire.document(head, [wire.document_line(row) for row in rows], "document")

    def _run(self, name: str, values: Mapping[str, object]) -> None:
        self._tx.execute(self._statements[name], values).close()


def _known(
    wanted: Mapping[Shelf, int], before: Sequence[RowMapping], held: Mapping[Shelf, Promise]
) -> Mapping[Shelf, int]:
    """The sale's goods; not those that the document held before under other names, as a kit by its components."""
    named = {sku for sku, _ in held}
    entered = {str(row["sku"]) for row in before if row["sku"] is not None and row["quantity"]}
    return {shelf: units for shelf, units in wanted.items() if shelf[0] in named or shelf[0] not in entered}


def _spare(line: DocumentLine, units: Mapping[Shelf, int]) -> int:
    """Unshipped units of a line that no total of this booking claims where they are."""
    return line.quantity - max(line.shipped, min(line.quantity, units.get((line.sku, line.warehouse), 0)))


def _booked(
    document: DocumentId, sku: Sku, warehouse: WarehouseId, units: int, total: int
) -> dict[str, object]:
    return {"document": document, "sku": sku, "warehouse": warehouse, "units": units, "total": total}


def _ignored(what: str, document: DocumentId) -> Refused:
    return Refused(
        f"The back office did not {what} document {document}, and gave no reason.",
        "Look at the document in the back office; retry once it allows this.",
        code="sql.ignored",
    )

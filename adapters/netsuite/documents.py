"""Sales orders of NetSuite as documents: what each line promises, what was fulfilled from where, what came back."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal

from adapters.external_ids import ExternalIds
from adapters.netsuite.client import NetSuiteClient, Row, text, texts
from adapters.netsuite.names import Names
from engine.model.failure import Refused
from engine.model.ids import DocumentId, OrderId, Sku, WarehouseId
from engine.model.sale import Document, DocumentLine, DocumentStatus, Parcel

CHUNK = 60
"""Orders a question asks for, so that their lines fit one page of 1,000 rows."""
STAMP = "YYYY-MM-DD HH24:MI:SS"
CANCELLED, CLOSED = "C", "H"
Shelf = tuple[Sku, WarehouseId]
HEADS = "SELECT id, externalid, status, foreigntotal FROM transaction WHERE type = 'SalesOrd' AND "
LINES = (
    "SELECT transaction, linesequencenumber AS line, item, location, -quantity AS units, "
    "NVL(quantityshiprecv, 0) AS shipped, isclosed, rate FROM transactionline "
    "WHERE transaction IN {orders} AND mainline = 'F' AND taxline = 'F' ORDER BY transaction, linesequencenumber"
)
SENT = (
    "SELECT l.previousdoc AS sale, MAX(TO_CHAR(f.lastmodifieddate, 'YYYY-MM-DD HH24:MI:SS')) AS at "
    "FROM PreviousTransactionLineLink l JOIN transaction f ON f.id = l.nextdoc "
    "WHERE l.previousdoc IN {orders} AND f.type = 'ItemShip' GROUP BY l.previousdoc"
)
TRACKED = (
    "SELECT l.previousdoc AS sale, n.trackingnumber AS number FROM PreviousTransactionLineLink l "
    "JOIN TrackingNumberMap m ON m.transaction = l.nextdoc JOIN TrackingNumber n ON n.id = m.trackingnumber "
    "WHERE l.previousdoc IN {orders} GROUP BY l.previousdoc, n.trackingnumber ORDER BY n.trackingnumber"
)
BACK = (
    "SELECT l.previousdoc AS sale, rl.item, rl.location, SUM(ABS(NVL(rl.quantityshiprecv, 0))) AS units "
    "FROM PreviousTransactionLineLink l JOIN transaction r ON r.id = l.nextdoc "
    "JOIN transactionline rl ON rl.transaction = r.id "
    "WHERE l.previousdoc IN {orders} AND r.type = 'RtnAuth' AND rl.mainline = 'F' AND rl.taxline = 'F' "
    "GROUP BY l.previousdoc, rl.item, rl.location"
)


@dataclass(frozen=True, slots=True)
class OrderLine:
    """One line of a sales order."""

    number: int
    item: str
    location: WarehouseId | None
    units: int
    shipped: int
    closed: bool


@dataclass(slots=True)
class Held:
    """A sales order with its lines and what moved."""

    id: str
    external_id: str
    status: str
    total: Decimal
    lines: list[OrderLine] = field(default_factory=list)
    """Stocked lines."""
    others: list[int] = field(default_factory=list)
    """Numbers of the lines that never ship."""
    sent_at: datetime | None = None
    """When the last of its fulfilments was changed."""
    back: dict[Shelf, int] = field(default_factory=dict)
    tracked: list[str] = field(default_factory=list)
    """Numbers of its fulfilments' packages."""
    skus: Mapping[str, Sku] = field(default_factory=dict)

    @property
    def cancelled(self) -> bool:
        """Called off: cancelled, or every line closed and nothing gone."""
        if self.status == CANCELLED:
            return True
        return self.status == CLOSED and not any(line.shipped for line in self.lines)

    @property
    def sent(self) -> Mapping[Shelf, int]:
        """Units that left, by the location of their line: NetSuite fulfils a line from where it stands."""
        found: dict[Shelf, int] = {}
        for line in self.lines:
            if line.shipped and line.location is not None:
                shelf = (self.skus[line.item], line.location)
                found[shelf] = found.get(shelf, 0) + line.shipped
        return found

    def open_lines(self, sku: Sku) -> list[OrderLine]:
        """Lines of a SKU with units that have not left, closed ones too."""
        return [line for line in self.lines if self.skus[line.item] == sku and line.units > line.shipped]


class Documents:
    """Reads them."""

    def __init__(self, client: NetSuiteClient, names: Names, ids: ExternalIds) -> None:
        self._client, self._names, self._ids = client, names, ids

    async def by_refs(self, refs: Collection[OrderId]) -> Mapping[OrderId, Document]:
        """Our documents by external id."""
        wanted = {self._ids.of(ref): ref for ref in refs}
        found: dict[OrderId, Document] = {}
        keys = sorted(wanted)
        for start in range(0, len(keys), CHUNK):
            for held in await self._held(f"externalid IN {texts(keys[start : start + CHUNK])}"):
                ref = wanted[held.external_id]
                found[ref] = document(held, ref)
        return found

    async def copies(self, refs: Collection[OrderId]) -> Mapping[OrderId, tuple[DocumentId, ...]]:
        """Orders that are not called off, by external id; NetSuite keeps an external id to one record of a type."""
        wanted = {self._ids.of(ref): ref for ref in refs}
        found: dict[OrderId, tuple[DocumentId, ...]] = {}
        keys = sorted(wanted)
        for start in range(0, len(keys), CHUNK):
            for held in await self._held(f"externalid IN {texts(keys[start : start + CHUNK])}"):
                if not held.cancelled:
                    ref = wanted[held.external_id]
                    found[ref] = (*found.get(ref, ()), DocumentId(held.id))
        return found

    async def by_id(self, number: str) -> Held:
        """One order; Refused when NetSuite does not know it."""
        held = await self._held(f"id = {text(number)}") if number.isdigit() else []
        if not held:
            raise Refused(
                f"NetSuite has no sales order {number}.",
                "If it was deleted there, resolve this record.",
                code="document_unknown",
            )
        return held[0]

    async def by_external_id(self, external_id: str) -> Held | None:
        """One order by its external id."""
        held = await self._held(f"externalid = {text(external_id)}")
        return held[0] if held else None

    async def _held(self, condition: str) -> list[Held]:
        heads = await self._client.query(HEADS + condition + " ORDER BY id")
        if not heads:
            return []
        orders = texts(row["id"] for row in heads)
        lines = await self._client.query(LINES.format(orders=orders))
        sent = await self._client.query(SENT.format(orders=orders))
        back = await self._client.query(BACK.format(orders=orders)) if sent else []
        tracked = await self._client.query(TRACKED.format(orders=orders)) if sent else []
        skus = await self._names.skus({row["item"] for row in (*lines, *back) if "item" in row})
        stocked = await self._names.stocked_ids(set(skus))
        return [
            _held(
                head,
                lines,
                sent,
                back,
                tracked,
                {number: skus[number] for number in skus if number in stocked},
            )
            for head in heads
        ]


def document(held: Held, ref: OrderId) -> Document:
    """An order as the engine sees it: units where they left from, the rest where they are to leave from."""
    shelves: dict[Shelf, list[int]] = {}
    sent = held.sent
    for line in held.lines:
        if line.location is not None and not (line.closed and not held.cancelled):
            waiting = line.units - line.shipped
            shelves.setdefault((held.skus[line.item], line.location), [0, 0])[0] += waiting
    for shelf, units in sent.items():
        shelves.setdefault(shelf, [0, 0])[1] += units
    for shelf in held.back:
        shelves.setdefault(shelf, [0, 0])
    lines = tuple(
        DocumentLine(
            sku,
            location,
            waiting + shipped,
            shipped,
            held.sent_at if (sku, location) in sent else None,
            held.back.get((sku, location), 0),
        )
        for (sku, location), (waiting, shipped) in sorted(shelves.items())
        if waiting or shipped or held.back.get((sku, location))
    )
    parcels = tuple(Parcel(number) for number in held.tracked)
    return Document(DocumentId(held.id), ref, _status(held), held.total, lines, parcels)


def _status(held: Held) -> DocumentStatus:
    if held.cancelled:
        return DocumentStatus.CANCELLED
    waiting = any(line.units > line.shipped and not line.closed for line in held.lines)
    return DocumentStatus.SHIPPED if held.sent and not waiting else DocumentStatus.OPEN


def _held(
    head: Row,
    lines: list[Row],
    sent: list[Row],
    back: list[Row],
    tracked: list[Row],
    skus: Mapping[str, Sku],
) -> Held:
    held = Held(head["id"], head["externalid"], head["status"], Decimal(head["foreigntotal"]), skus=skus)
    for row in lines:
        if row["transaction"] != head["id"]:
            continue
        if row.get("item") in skus:
            place = WarehouseId(row["location"]) if row.get("location") else None
            units, shipped = int(float(row["units"])), int(float(row["shipped"]))
            held.lines.append(
                OrderLine(int(row["line"]), row["item"], place, units, shipped, row["isclosed"] == "T")
            )
        else:
            held.others.append(int(row["line"]))
    for row in sent:
        if row["sale"] == head["id"]:
            held.sent_at = datetime.strptime(row["at"], "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)
    held.tracked = [row["number"] for row in tracked if row["sale"] == head["id"] and row.get("number")]
    for row in back:
        if row["sale"] == head["id"] and row["item"] in skus:
            held.back[skus[row["item"]], WarehouseId(row["location"])] = int(float(row["units"]))
    return held

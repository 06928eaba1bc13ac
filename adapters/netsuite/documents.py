"""Sales orders of NetSuite as documents: what each line promises, what was fulfilled from where, what came back."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal

from adapters.external_ids import ExternalIds
from adapters.http import silent
from adapters.netsuite.client import NetSuiteClient, Row, text, texts
from adapters.netsuite.names import Names
from adapters.netsuite.trouble import WHO
from engine.model.failure import Refused
from engine.model.ids import DocumentId, OrderId, Sku, WarehouseId
from engine.model.sale import Document, DocumentLine, DocumentStatus, Parcel

CHUNK = 60
"""Orders a question asks for, so that their lines fit one page of 1,000 rows."""
STAMP = "YYYY-MM-DD HH24:MI:SS"
CANCELLED, TO_BILL, BILLED, CLOSED = "C", "F", "G", "H"
"""To bill is what has left in full: what is billed in part cannot be amended to the cent any more."""
Shelf = tuple[Sku, WarehouseId]
SOLD = "FROM transaction t {joined} WHERE t.type = 'SalesOrd' AND {asked} "
WHOLE = " UNION ALL ".join(
    (
        "SELECT 'head' AS kind, t.id AS sale, t.externalid AS ref, t.status, t.foreigntotal AS total, 0 AS line, "
        "0 AS item, 0 AS location, 0 AS units, 0 AS shipped, '' AS isclosed, '' AS itemid, '' AS itemtype, '' AS at "
        + SOLD.replace("{joined}", ""),
        "SELECT 'line', t.id, '', '', 0, tl.linesequencenumber, tl.item, tl.location, -tl.quantity, "
        "NVL(tl.quantityshiprecv, 0), tl.isclosed, i.itemid, i.itemtype, '' "
        + SOLD.replace(
            "{joined}", "JOIN transactionline tl ON tl.transaction = t.id LEFT JOIN item i ON i.id = tl.item"
        )
        + "AND tl.mainline = 'F' AND tl.taxline = 'F'",
        "SELECT 'sent', t.id, '', '', 0, 0, 0, 0, 0, 0, '', '', '', "
        "MAX(TO_CHAR(f.lastmodifieddate, 'YYYY-MM-DD HH24:MI:SS')) "
        + SOLD.replace(
            "{joined}",
            "JOIN PreviousTransactionLineLink l ON l.previousdoc = t.id JOIN transaction f ON f.id = l.nextdoc",
        )
        + "AND f.type = 'ItemShip' GROUP BY t.id",
        "SELECT 'back', t.id, '', '', 0, 0, rl.item, rl.location, SUM(ABS(NVL(rl.quantityshiprecv, 0))), 0, '', "
        "i.itemid, i.itemtype, '' "
        + SOLD.replace(
            "{joined}",
            "JOIN PreviousTransactionLineLink l ON l.previousdoc = t.id JOIN transaction r ON r.id = l.nextdoc "
            "JOIN transactionline rl ON rl.transaction = r.id JOIN item i ON i.id = rl.item",
        )
        + "AND r.type = 'RtnAuth' AND rl.mainline = 'F' AND rl.taxline = 'F' "
        "GROUP BY t.id, rl.item, rl.location, i.itemid, i.itemtype",
        "SELECT 'pack', t.id, n.trackingnumber, '', 0, 0, 0, 0, 0, 0, '', '', '', '' "
        + SOLD.replace(
            "{joined}",
            "JOIN PreviousTransactionLineLink l ON l.previousdoc = t.id "
            "JOIN TrackingNumberMap m ON m.transaction = l.nextdoc "
            "JOIN TrackingNumber n ON n.id = m.trackingnumber",
        )
        + "GROUP BY t.id, n.trackingnumber",
    )
)
"""Orders with their lines, what was sent of them and what came back, as of one moment and in one call.

Every part gives the same columns of the same types, as a union in SuiteQL demands; an empty text is NULL there.
"""


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
    unbilled: bool = False
    """A bill of it is ours to make."""

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

    def __init__(
        self, client: NetSuiteClient, names: Names, ids: ExternalIds, *, bills: bool = False
    ) -> None:
        """`bills`: orders that have left are to be billed by us."""
        self._client, self._names, self._ids, self._bills = client, names, ids, bills

    async def by_refs(self, refs: Collection[OrderId]) -> Mapping[OrderId, Document]:
        """Our documents by external id."""
        wanted = {self._ids.of(ref): ref for ref in refs}
        found: dict[OrderId, Document] = {}
        for held in await self._named(wanted):
            ref = wanted[held.external_id]
            found[ref] = document(held, ref)
        return found

    async def copies(self, refs: Collection[OrderId]) -> Mapping[OrderId, tuple[DocumentId, ...]]:
        """Orders that are not called off, by external id; NetSuite keeps an external id to one record of a type."""
        wanted = {self._ids.of(ref): ref for ref in refs}
        found: dict[OrderId, tuple[DocumentId, ...]] = {}
        for held in await self._named(wanted):
            if not held.cancelled:
                ref = wanted[held.external_id]
                found[ref] = (*found.get(ref, ()), DocumentId(held.id))
        return found

    async def by_id(self, number: str) -> Held:
        """One order; Refused when NetSuite does not know it."""
        held = await self._held(f"t.id = {text(number)}") if number.isdigit() else []
        if not held:
            raise Refused(
                f"NetSuite has no sales order {number}.",
                "If it was deleted there, resolve this record.",
                code="document_unknown",
            )
        return held[0]

    async def by_external_id(self, external_id: str) -> Held | None:
        """One order by its external id."""
        held = await self._held(f"t.externalid = {text(external_id)}")
        return held[0] if held else None

    async def _named(self, external_ids: Collection[str]) -> list[Held]:
        keys, found = sorted(external_ids), list[Held]()
        for start in range(0, len(keys), CHUNK):
            found += await self._part(keys[start : start + CHUNK])
        return found

    async def _part(self, keys: Sequence[str]) -> list[Held]:
        """Some orders; asked for in halves when they are more than a page."""
        asked = f"t.externalid IN {texts(keys)}"
        rows, more = await self._client.page(WHOLE.format(asked=asked))
        if not more:
            return self._read(rows)
        if len(keys) == 1:
            raise silent(WHO, write=False, log="one order has more rows than a page", code="netsuite_page")
        half = len(keys) // 2
        return [*await self._part(keys[:half]), *await self._part(keys[half:])]

    async def _held(self, condition: str) -> list[Held]:
        return self._read(await self._client.query(WHOLE.format(asked=condition)))

    def _read(self, rows: Sequence[Row]) -> list[Held]:
        by_order: dict[str, dict[str, list[Row]]] = {}
        for row in rows:
            by_order.setdefault(row["sale"], {}).setdefault(row["kind"], []).append(row)
            if row.get("itemid", ""):
                self._names.met(row["item"], row["itemid"], row.get("itemtype", ""))
        found = [
            _held(parts, self._names) for _, parts in sorted(by_order.items(), key=lambda each: int(each[0]))
        ]
        for held in found:
            # charges of goods that were all closed before any left are nobody's to pay
            held.unbilled = self._bills and held.status == TO_BILL and bool(held.sent or not held.lines)
        return found


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
    return Document(DocumentId(held.id), ref, _status(held), held.total, lines, parcels, held.unbilled)


def _status(held: Held) -> DocumentStatus:
    if held.cancelled:
        return DocumentStatus.CANCELLED
    waiting = any(line.units > line.shipped and not line.closed for line in held.lines)
    return DocumentStatus.SHIPPED if held.sent and not waiting else DocumentStatus.OPEN


def _held(parts: Mapping[str, Sequence[Row]], names: Names) -> Held:
    """One order of its rows; items that stand on no shelf are lines that never ship."""
    [head] = parts["head"]
    lines = sorted(parts.get("line", ()), key=lambda row: int(row["line"]))
    items = {row["item"] for row in (*lines, *parts.get("back", ())) if row.get("item")}
    skus = names.shelved(items)
    held = Held(head["sale"], head["ref"], head["status"], Decimal(head["total"]), skus=skus)
    for row in lines:
        if row.get("item") in skus:
            place = WarehouseId(row["location"]) if row.get("location") else None
            units, shipped = int(float(row["units"])), int(float(row["shipped"]))
            held.lines.append(
                OrderLine(int(row["line"]), row["item"], place, units, shipped, row["isclosed"] == "T")
            )
        else:
            held.others.append(int(row["line"]))
    for row in parts.get("sent", ()):
        held.sent_at = datetime.strptime(row["at"], "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)
    held.tracked = sorted(row["ref"] for row in parts.get("pack", ()) if row.get("ref"))
    for row in parts.get("back", ()):
        if row["item"] in skus:
            held.back[skus[row["item"]], WarehouseId(row["location"])] = int(float(row["units"]))
    return held

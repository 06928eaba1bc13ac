"""Sales orders of Odoo as documents: found by the customer reference, with what left and came back by warehouse.

Quotations (`draft`, `sent`) promise nothing and are no documents yet.
"""

import asyncio
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from adapters.odoo.client import OdooClient, Row, moment, of
from adapters.odoo.places import Atlas, Places
from adapters.together import Together
from engine.model.failure import Refused
from engine.model.ids import DocumentId, OrderId, Sku, WarehouseId
from engine.model.sale import Document, DocumentLine, DocumentStatus, Parcel

CHUNK = 500
CONFIRMED = ("sale", "done")
ORDER_FIELDS = (
    "client_order_ref", "state", "amount_total", "currency_id", "warehouse_id", "partner_id", "name",
)  # fmt: skip
TOGETHER = 100
"""Questions for documents that are answered at once."""
MOVE_FIELDS = (
    "sale_line_id", "product_id", "product_uom_qty", "quantity", "state", "location_id", "location_dest_id",
    "picking_id", "date",
)  # fmt: skip
Shelf = tuple[Sku, WarehouseId]


@dataclass(slots=True)
class ShelfUnits:
    """Units of one SKU of one order at one warehouse."""

    waiting: int = 0
    shipped: int = 0
    shipped_at: datetime | None = None
    returned: int = 0
    moves: list[Row] = field(default_factory=list)
    """Deliveries that have not left."""
    gone: list[Row] = field(default_factory=list)
    """Deliveries that have."""


@dataclass(frozen=True, slots=True)
class Held:
    """A sales order with its moves."""

    row: Row
    lines: Mapping[Sku, int]
    """Sales line of each stocked SKU; the first, where a SKU stands on several."""
    ordered: Mapping[Shelf, int]
    """What the sales lines say, by the warehouse they were to leave from."""
    shelves: Mapping[Shelf, ShelfUnits]
    parcels: tuple[Parcel, ...] = ()
    """Of deliveries that have left, as far as they have numbers."""

    @property
    def cancelled(self) -> bool:
        """The order was called off."""
        return bool(self.row["state"] == "cancel")


class Documents:
    """Reads them."""

    def __init__(self, client: OdooClient, places: Places) -> None:
        self._client = client
        self._places = places
        self._line_refs: dict[int, OrderId | None] = {}
        self._asked = Together[Collection[OrderId], Mapping[OrderId, Document]](self._answers, most=TOGETHER)

    async def by_refs(self, refs: Collection[OrderId]) -> Mapping[OrderId, Document]:
        """Our documents; a confirmed one counts before a cancelled one of the same reference, the oldest first."""
        return await self._asked.ask(refs)

    async def _answers(self, asked: Sequence[Collection[OrderId]]) -> list[Mapping[OrderId, Document]]:
        found = await self._by_refs({ref for refs in asked for ref in refs})
        return [{ref: found[ref] for ref in refs if ref in found} for refs in asked]

    async def _by_refs(self, refs: Collection[OrderId]) -> Mapping[OrderId, Document]:
        found: dict[OrderId, Document] = {}
        wanted = sorted(set(refs))
        for start in range(0, len(wanted), CHUNK):
            domain = [["client_order_ref", "in", wanted[start : start + CHUNK]]]
            rows = await self._client.rows("sale.order", domain, ORDER_FIELDS)
            best = _best(rows)
            held = await self.held(list(best.values()), parcels=True)
            found |= {ref: document(held[row["id"]]) for ref, row in best.items()}
        return found

    async def copies(self, refs: Collection[OrderId]) -> Mapping[OrderId, tuple[DocumentId, ...]]:
        """Confirmed orders of each reference, the oldest first: Odoo lets any number bear the same one."""
        found: dict[OrderId, tuple[DocumentId, ...]] = {}
        wanted = sorted(set(refs))
        for start in range(0, len(wanted), CHUNK):
            domain = [
                ["client_order_ref", "in", wanted[start : start + CHUNK]],
                ["state", "in", list(CONFIRMED)],
            ]
            rows = await self._client.rows("sale.order", domain, ["client_order_ref"])
            for row in sorted(rows, key=lambda one: one["id"]):
                ref = OrderId(row["client_order_ref"])
                found[ref] = (*found.get(ref, ()), DocumentId(str(row["id"])))
        return found

    async def by_id(self, number: DocumentId) -> Held:
        """One order with its moves; Refused when Odoo does not know it."""
        row = await self.row(number)
        return (await self.held([row]))[row["id"]]

    async def row(self, number: DocumentId) -> Row:
        """The head of one order; Refused when Odoo does not know it."""
        rows: list[Row] = []
        if str(number).isdigit():
            domain = [["id", "=", int(number)]]
            rows = await self._client.rows("sale.order", domain, ORDER_FIELDS)
        if not rows:
            raise Refused(
                f"Odoo has no sales order {number}.",
                "If it was deleted there, resolve this record.",
                code="document_unknown",
            )
        return rows[0]

    async def held(self, rows: list[Row], *, parcels: bool = False) -> Mapping[int, Held]:
        """These orders with their lines and moves; with their parcels where those are asked for."""
        if not rows:
            return {}
        ids = [row["id"] for row in rows]
        lines, moves = await asyncio.gather(
            self._client.rows(
                "sale.order.line",
                [["order_id", "in", ids]],
                ["order_id", "product_id", "product_uom_qty", "route_id"],
            ),
            self._client.rows("stock.move", [["sale_line_id.order_id", "in", ids]], MOVE_FIELDS),
        )
        atlas = await self._places.atlas()
        codes = await self._places.codes({of(each["product_id"]) or 0 for each in (*lines, *moves)})
        stocked = await self._places.stocked(codes)
        order_of = {line["id"]: of(line["order_id"]) for line in lines}
        refs = {row["id"]: row["client_order_ref"] for row in rows}
        for line, order in order_of.items():
            self._line_refs[line] = OrderId(refs[order]) if order and refs.get(order) else None
        tracked = await self._tracked(moves) if parcels else {}
        return {
            row["id"]: Held(
                row,
                *_ordered(row, [line for line in lines if of(line["order_id"]) == row["id"]], stocked, atlas),
                _shelves(
                    [move for move in moves if order_of.get(of(move["sale_line_id"]) or 0) == row["id"]],
                    codes,
                    atlas,
                ),
                tuple(
                    _parcels(
                        [move for move in moves if order_of.get(of(move["sale_line_id"]) or 0) == row["id"]],
                        tracked,
                        codes,
                        atlas,
                    )
                ),
            )
            for row in rows
        }

    async def fresh(self, row: Row) -> Document:
        """An order that was confirmed this moment, by its head and its deliveries: its lines say the same still."""
        moves = await self._client.rows(
            "stock.move", [["sale_line_id.order_id", "=", row["id"]]], MOVE_FIELDS
        )
        ref = OrderId(row["client_order_ref"])
        self._line_refs |= dict.fromkeys((of(move["sale_line_id"]) or 0 for move in moves), ref)
        codes = await self._places.codes({of(move["product_id"]) or 0 for move in moves})
        shelves = _shelves(moves, codes, await self._places.atlas())
        ordered = {shelf: units.waiting + units.shipped for shelf, units in shelves.items()}
        return document(Held(row, {}, ordered, shelves))

    async def _tracked(self, moves: list[Row]) -> Mapping[int, tuple[str, str]]:
        """(number, carrier) of deliveries that have left, by picking; carriers need the module delivery."""
        gone = sorted({of(move["picking_id"]) or 0 for move in moves if move["state"] == "done"} - {0})
        if not gone:
            return {}
        known = await self._client.fields("stock.picking")
        fields = [name for name in ("carrier_tracking_ref", "carrier_id") if name in known]
        if "carrier_tracking_ref" not in fields:
            return {}
        rows = await self._client.rows(
            "stock.picking", [["id", "in", gone], ["carrier_tracking_ref", "!=", False]], fields
        )
        return {
            row["id"]: (str(row["carrier_tracking_ref"]), str((row.get("carrier_id") or [0, ""])[1]))
            for row in rows
        }

    async def refs_of_lines(self, lines: Collection[int]) -> Mapping[int, OrderId]:
        """External references by sales line; lines of other orders are left out."""
        missing = [line for line in set(lines) if line not in self._line_refs]
        for start in range(0, len(missing), 500):
            part = missing[start : start + 500]
            rows = await self._client.rows("sale.order.line", [["id", "in", part]], ["order_id"])
            orders = {of(row["order_id"]) for row in rows}
            heads = await self._client.rows(
                "sale.order", [["id", "in", sorted(filter(None, orders))]], ["client_order_ref"]
            )
            refs = {head["id"]: head["client_order_ref"] for head in heads}
            for row in rows:
                ref = refs.get(of(row["order_id"]) or 0)
                self._line_refs[row["id"]] = OrderId(ref) if ref else None
        return {line: ref for line in lines if (ref := self._line_refs.get(line)) is not None}


def document(held: Held) -> Document:
    """An order as the engine sees it."""
    row = held.row
    lines = tuple(
        DocumentLine(
            sku,
            warehouse,
            units.waiting + units.shipped,
            units.shipped,
            units.shipped_at,
            units.returned,
        )
        for (sku, warehouse), units in sorted(held.shelves.items())
        if units.waiting or units.shipped or units.returned
    )
    if held.cancelled and not lines:
        lines = tuple(
            DocumentLine(sku, warehouse, units, 0, None)
            for (sku, warehouse), units in sorted(held.ordered.items())
        )
    return Document(
        DocumentId(str(row["id"])),
        OrderId(row["client_order_ref"]),
        _status(held),
        Decimal(str(row["amount_total"])),
        lines,
        held.parcels,
    )


def _parcels(
    moves: list[Row], tracked: Mapping[int, tuple[str, str]], codes: Mapping[int, Sku], atlas: Atlas
) -> Iterator[Parcel]:
    """One reference may name several numbers."""
    for picking, (numbers, carrier) in tracked.items():
        mine = [
            move
            for move in moves
            if of(move["picking_id"]) == picking
            and move["state"] == "done"
            and of(move["location_dest_id"]) == atlas.customers
        ]
        skus = frozenset(sku for move in mine if (sku := codes.get(of(move["product_id"]) or 0)))
        places = {atlas.inside.get(of(move["location_id"]) or 0) for move in mine} - {None}
        place = next(iter(places)) if len(places) == 1 else None
        for number in numbers.replace(",", " ").split() if mine else ():
            yield Parcel(number, carrier, "", place, skus)


def _status(held: Held) -> DocumentStatus:
    if held.cancelled:
        return DocumentStatus.CANCELLED
    units = held.shelves.values()
    if held.ordered and not any(each.waiting for each in units) and any(each.shipped for each in units):
        return DocumentStatus.SHIPPED
    return DocumentStatus.OPEN


def _best(rows: list[Row]) -> dict[OrderId, Row]:
    best: dict[OrderId, Row] = {}
    for row in rows:
        ref = OrderId(row["client_order_ref"])
        if row["state"] in CONFIRMED and (ref not in best or best[ref]["state"] == "cancel"):
            best[ref] = row
        elif row["state"] == "cancel":
            best.setdefault(ref, row)
    return best


def _ordered(
    row: Row, lines: list[Row], stocked: Mapping[int, Sku], atlas: Atlas
) -> tuple[Mapping[Sku, int], Mapping[Shelf, int]]:
    by_route = {each.route: each.code for each in atlas.warehouses.values() if each.route is not None}
    by_id = {each.id: each.code for each in atlas.warehouses.values()}
    home = by_id.get(of(row["warehouse_id"]) or 0)
    first: dict[Sku, int] = {}
    ordered: dict[Shelf, int] = {}
    for line in lines:
        sku = stocked.get(of(line["product_id"]) or 0)
        route = of(line["route_id"])
        place = home if route is None else by_route.get(route, home)
        if sku is not None and place is not None:
            first.setdefault(sku, line["id"])
            ordered[sku, place] = ordered.get((sku, place), 0) + int(line["product_uom_qty"])
    return first, ordered


def _shelves(moves: list[Row], codes: Mapping[int, Sku], atlas: Atlas) -> Mapping[Shelf, ShelfUnits]:
    shelves: dict[Shelf, ShelfUnits] = {}
    for move in moves:
        sku = codes.get(of(move["product_id"]) or 0)
        origin = atlas.inside.get(of(move["location_id"]) or 0)
        target = atlas.inside.get(of(move["location_dest_id"]) or 0)
        if sku is None or move["state"] in ("cancel", "draft"):
            continue
        if origin is not None and of(move["location_dest_id"]) == atlas.customers:
            units = shelves.setdefault((sku, origin), ShelfUnits())
            if move["state"] == "done":
                units.shipped += int(move["quantity"])
                left = moment(move["date"])
                units.shipped_at = max(units.shipped_at or left, left)
                units.gone.append(move)
            elif move["product_uom_qty"]:
                units.waiting += int(move["product_uom_qty"])
                units.moves.append(move)
        elif target is not None and of(move["location_id"]) == atlas.customers and move["state"] == "done":
            shelves.setdefault((sku, target), ShelfUnits()).returned += int(move["quantity"])
    return shelves

"""Sales orders of Odoo as documents: found by the customer reference, with what left and came back by warehouse.

Quotations (`draft`, `sent`) promise nothing and are no documents yet.
"""

import asyncio
from collections.abc import Collection, Mapping, Sequence

from adapters.odoo.client import OdooClient, Row, of
from adapters.odoo.places import Places
from adapters.odoo.wire import CONFIRMED, Held, best_of, document, ordered_of, parcels_of, shelves_of
from adapters.together import Together
from engine.model.failure import Refused
from engine.model.ids import DocumentId, OrderId
from engine.model.sale import Document

CHUNK = 500
ORDER_FIELDS = (
    "client_order_ref", "state", "amount_total", "currency_id", "warehouse_id", "partner_id", "name",
)  # fmt: skip
TOGETHER = 100
"""Questions for documents that are answered at once."""
MOVE_FIELDS = (
    "sale_line_id", "product_id", "product_uom_qty", "quantity", "state", "location_id", "location_dest_id",
    "picking_id", "date",
)  # fmt: skip


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
            best = best_of(rows)
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
                *ordered_of(
                    row, [line for line in lines if of(line["order_id"]) == row["id"]], stocked, atlas
                ),
                shelves_of(
                    [move for move in moves if order_of.get(of(move["sale_line_id"]) or 0) == row["id"]],
                    codes,
                    atlas,
                ),
                tuple(
                    parcels_of(
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
        shelves = shelves_of(moves, codes, await self._places.atlas())
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

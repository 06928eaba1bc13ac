"""Amending a confirmed order: one write of its lines; Odoo lets its open deliveries follow.

On a confirmed order Odoo makes a delivery more for what a line gains and lowers the open deliveries from the line's
warehouse for what it loses; a line cannot be removed, its quantity becomes 0; less than was delivered is declined.
Units that were sent elsewhere by hand are not found there, so they are planned at the line's warehouse for the time
of the write, and moved back after it: dying in between errs on the side of Shopify's own plan.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from adapters.amending import Promise, planned, proven
from adapters.odoo.client import OdooClient, of
from adapters.odoo.documents import Documents
from adapters.odoo.moving import Moving
from adapters.odoo.places import Places
from adapters.odoo.selling import Selling
from adapters.odoo.wire import Held, document
from adapters.rewriting import Entered, pieces, rewritten
from engine.model.failure import Refused
from engine.model.ids import DocumentId, Sku, WarehouseId
from engine.model.sale import Document, SalesDocument

LINE_FIELDS = ("product_id", "product_uom_qty", "qty_delivered", "price_unit", "name")


class Amending:
    """Changes orders that hold their goods."""

    def __init__(
        self, client: OdooClient, places: Places, documents: Documents, selling: Selling, moving: Moving
    ) -> None:
        self._client = client
        self._places = places
        self._documents = documents
        self._selling = selling
        self._moving = moving

    async def amend(self, number: DocumentId, sale: SalesDocument) -> Document:
        """Let the order have the sale's lines, and read it back."""
        held = await self._documents.by_id(number)
        if held.cancelled:
            raise Refused(
                f"Order {number} of Odoo is cancelled.",
                "Set it to quotation and confirm it again there, or cancel the order in Shopify too, and retry.",
                code="odoo_cancelled",
            )
        made, products = await self._selling.sold(sale)
        # a line's own warehouse is where the sale first planned it, so lines are told by what they sell alone
        wanted = [
            replace(each, place=None) for each in pieces([(str(products[name]), row) for name, row in made])
        ]
        change = rewritten(await self._entered(held), wanted)
        plan = _plan(held, sale)
        if change.changed or change.gone or change.added:
            await self._home(held, set(plan))
            commands: list[list[object]] = [
                [
                    1,
                    line,
                    {"product_uom_qty": each.units, "price_unit": float(each.price), "name": each.text},
                ]
                for line, each in sorted(change.changed.items())
            ]
            commands += ([1, line, {"product_uom_qty": 0}] for line in change.gone)
            lines = await self._selling.lines(
                [
                    (each.item, each.row, each.units, each.price)
                    for each in change.added
                    if each.row is not None
                ],
                held.row,
            )
            commands += ([0, 0, line] for line in lines)
            await self._client.write("sale.order", [held.row["id"]], {"order_line": commands})
            held = await self._documents.by_id(number)
        for sku, waiting in plan.items():
            await self._moving.place(held, sku, waiting)
        return proven(document(await self._documents.by_id(number)), sale, "Odoo")

    async def _entered(self, held: Held) -> Sequence[Entered]:
        rows = await self._client.rows("sale.order.line", [["order_id", "=", held.row["id"]]], LINE_FIELDS)
        return [
            Entered(
                row["id"], str(of(row["product_id"])), None, int(row["product_uom_qty"]),
                Decimal(str(row["price_unit"])), int(row["qty_delivered"]), row["name"] or "",
            )
            for row in rows
            if row["product_uom_qty"]
        ]  # fmt: skip

    async def _home(self, held: Held, skus: set[Sku]) -> None:
        """Plan the open units of these SKUs where their lines say, for Odoo lowers them only there."""
        for sku in sorted(skus):
            homes = {place: units for (name, place), units in held.ordered.items() if name == sku and units}
            shelves = {place: each for (name, place), each in held.shelves.items() if name == sku}
            waiting = sum(each.waiting for each in shelves.values())
            if not homes or not waiting:
                continue
            at: dict[WarehouseId, int] = {}
            for place, units in sorted(homes.items()):
                gone = shelves[place].shipped if place in shelves else 0
                at[place] = min(waiting, max(0, units - gone))
                waiting -= at[place]
            first = min(homes)
            at[first] += waiting
            await self._moving.place(held, sku, at)


def _plan(held: Held, sale: SalesDocument) -> Mapping[Sku, Mapping[WarehouseId, int]]:
    """Units that are to wait at each warehouse, for each stocked SKU that the sale names."""
    now = {
        shelf: Promise(units.waiting + units.shipped, units.shipped) for shelf, units in held.shelves.items()
    }
    found: dict[Sku, dict[WarehouseId, int]] = defaultdict(dict)
    for (sku, place), units in planned(now, sale).items():
        found[sku][place] = units - now.get((sku, place), Promise(0)).shipped
    return found

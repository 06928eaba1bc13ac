"""Enters sales and cancels them. Every step can be repeated: a sale begun by a crashed call is found and finished."""

import asyncio
from collections import defaultdict
from weakref import WeakValueDictionary

from adapters.tryton.amounts import SaleRow, allotted, rows
from adapters.tryton.buyers import Buyers
from adapters.tryton.documents import UNFINISHED, Documents, SaleFile, document
from adapters.tryton.parcels import Parcels
from adapters.tryton.places import Atlas, Places
from adapters.tryton.rpc import Row, Rpc
from adapters.tryton.trouble import is_duplicate
from engine.model.failure import OutcomeUnknown, Refused, TryLater, Unmapped
from engine.model.ids import DocumentId, OrderId
from engine.model.sale import Document, DocumentStatus, SalesDocument

STEPS = {"draft": "quote", "quotation": "confirm", "confirmed": "process"}
"""What takes a sale on from each state; confirming also processes it where Tryton runs no workers."""


class Selling:
    """Creates and cancels sales of one web shop."""

    def __init__(self, rpc: Rpc, places: Places, documents: Documents, shop: int) -> None:
        self._rpc = rpc
        self._places = places
        self._documents = documents
        self._buyers = Buyers(rpc)
        self._parcels = Parcels(rpc)
        self._shop = shop
        self._entering: WeakValueDictionary[OrderId, asyncio.Lock] = WeakValueDictionary()
        self._fields: frozenset[str] | None = None
        self._currencies: dict[str, int] = {}

    async def enter(self, sale: SalesDocument) -> Document:
        """Create the sale or finish the one that is there, and read it back; one at a time for one reference."""
        async with self._entering.setdefault(sale.ref, asyncio.Lock()):
            return await self._enter(sale)

    async def _enter(self, sale: SalesDocument) -> Document:
        made = rows(sale)
        file = await self._documents.by_ref(sale.ref)
        new = False
        if file is None:
            try:
                await self._draft(sale, made)
                new = True
            except Refused as refused:
                if not is_duplicate(refused):
                    raise
            file = await self._documents.by_ref(sale.ref, new=new)
        if file is None:
            raise TryLater(
                "Tryton does not show the sale it has just taken", "TrueUp looks again", code="tryton_hidden"
            )
        atlas = await self._places.atlas()
        if file.row["state"] in STEPS:
            await self._finish(file, made, sale, atlas)
            file = await self._documents.by_ref(sale.ref, new=new)
            if file is None or file.row["state"] in UNFINISHED:
                raise OutcomeUnknown(
                    "Tryton did not confirm the sale it holds",
                    "TrueUp looks at the sale and goes on with it",
                    code="tryton_unfinished",
                )
        return document(file, atlas)

    async def cancel(self, number: DocumentId) -> None:
        """Cancel what has not left; done already is success."""
        file = await self._documents.by_id(number)
        if file is None:
            raise Refused(
                f"Tryton has no sale {number} of this shop",
                "Look for the order in Tryton and cancel it there",
                code="tryton_no_sale",
            )
        states = {move["state"] for move in file.moves}
        if "done" in states:
            if "cancelled" in states and not file.open():
                return  # cancelled before; what had left all the same is booked as shipped
            raise Refused(
                "The sale has left the warehouse, in whole or in part",
                "Take the goods back in Tryton instead of cancelling",
                code="tryton_shipped",
            )
        state = file.row["state"]
        if state in ("draft", "quotation", "confirmed"):
            if state == "confirmed":
                await self._rpc.model("sale.sale", "draft", [file.id])
            await self._rpc.model("sale.sale", "cancel", [file.id])
        shipments = sorted({int(m["shipment"].partition(",")[2]) for m in file.open() if m["shipment"]})
        if shipments:
            await self._rpc.press("stock.shipment.out", "cancel", shipments)
        if file.status() is not DocumentStatus.CANCELLED:
            await self._let_go(file)

    async def _let_go(self, file: SaleFile) -> None:
        """Tell the sale that its cancelled moves and invoices are meant to stay so, or it asks a person for ever."""
        gone: dict[int, list[int]] = defaultdict(list)
        for move in await self._rpc.rows(
            "stock.move", [["sale", "=", file.id], ["state", "=", "cancelled"]], ["origin"]
        ):
            gone[int(move["origin"].partition(",")[2])].append(move["id"])
        if gone:
            pairs: list[object] = []
            for line, moves in gone.items():
                pairs += [[line], {"moves_ignored": [["add", moves]]}]
            await self._rpc.model("sale.line", "write", *pairs)
        invoices = (await self._rpc.read("sale.sale", [file.id], ["invoices"]))[0]["invoices"]
        if invoices:
            states = await self._rpc.read("account.invoice", invoices, ["state"])
            drafts = [row["id"] for row in states if row["state"] in ("draft", "validated")]
            if drafts:
                await self._rpc.press("account.invoice", "cancel", drafts)
                change = {"invoices_ignored": [["add", drafts]]}
                await self._rpc.model("sale.sale", "write", [file.id], change)
        if gone or invoices:
            await self._rpc.model("sale.sale", "process", [file.id])

    async def _draft(self, sale: SalesDocument, made: tuple[SaleRow, ...]) -> None:
        products = await self._products({row.code for row in made})
        currency = await self._currency(sale.currency)
        buyer = await self._buyers.of(sale)
        home = await self._home(made)
        optional = await self._optional()
        lines = []
        for position, row in enumerate(made, start=1):
            values = {
                "type": "line",
                "sequence": position * 10,
                "product": products[row.code]["id"],
                "unit": products[row.code]["default_uom"],
                "quantity": float(row.quantity),
                "unit_price": row.unit_price,
                "description": row.text,
            }
            if "base_price" in optional:
                values["base_price"] = row.base_price
            lines.append(values)
        by_module = {"shipment_cost_method": None} if "shipment_cost_method" in optional else {}
        await self._rpc.create(
            "sale.sale",
            [
                {
                    "web_shop": self._shop,
                    "web_id": sale.ref,
                    "reference": sale.name,
                    "company": self._rpc.company,
                    "currency": currency,
                    "party": buyer.party,
                    "invoice_address": buyer.address,
                    "shipment_address": buyer.address,
                    "sale_date": sale.placed_at.date(),
                    "warehouse": home,
                    "comment": _comment(sale),
                    **by_module,
                    "lines": [["create", lines]],
                }
            ],
        )

    async def _finish(
        self, file: SaleFile, made: tuple[SaleRow, ...], sale: SalesDocument, atlas: Atlas
    ) -> None:
        if file.row["total_amount"] != sale.total:
            raise Refused(
                f"Tryton makes {file.row['total_amount']} of the order, the shop {sale.total} {sale.currency}",
                "Cancel the draft sale in Tryton, or correct it, then retry",
                code="total_mismatch",
            )
        plan = allotted(made)
        if len(plan) > 1 and not file.moves:
            await self._parcels.make(file, plan, atlas)
        state = file.row["state"]
        if state == "draft":
            await self._rpc.press("sale.sale", STEPS[state], [file.id])
            state = "quotation"
        for _ in STEPS:
            if state in STEPS:
                await self._rpc.press("sale.sale", STEPS[state], [file.id])
                state = (await self._rpc.read("sale.sale", [file.id], ["state"]))[0]["state"]

    async def _products(self, codes: set[str]) -> dict[str, Row]:
        found = {
            row["code"].strip(): row
            for row in await self._rpc.rows(
                "product.product", [["code", "in", sorted(codes)]], ["code", "default_uom", "type"]
            )
        }
        missing = sorted(codes - set(found))
        if missing:
            raise Unmapped(
                f"Tryton has no active product with the code {', '.join(missing)}",
                "Create the product in Tryton or correct its code, then retry",
                code="tryton_product",
            )
        return found

    async def _currency(self, code: str) -> int:
        if code in self._currencies:
            return self._currencies[code]
        found = await self._rpc.rows("currency.currency", [["code", "=", code]], ["code"])
        if not found:
            raise Unmapped(
                f"Tryton has no currency {code}", "Create it in Tryton, then retry", code="tryton_currency"
            )
        self._currencies[code] = int(found[0]["id"])
        return self._currencies[code]

    async def _home(self, made: tuple[SaleRow, ...]) -> int | None:
        """The warehouse from which most units leave; Tryton sends backorders from there."""
        plan = allotted(made)
        atlas = await self._places.atlas()
        if plan:
            return atlas.named(max(plan, key=lambda name: (sum(plan[name].values()), name))).id
        return next((warehouse.id for warehouse in atlas.warehouses if warehouse.active), None)

    async def _optional(self) -> frozenset[str]:
        """Fields that only some modules bring. A shipping charge of the shop is a line, not Tryton's own cost."""
        if self._fields is None:
            lines = await self._rpc.model("sale.line", "fields_get", None)
            sales = await self._rpc.model("sale.sale", "fields_get", None)
            self._fields = frozenset(lines.keys() & {"base_price"}) | (
                sales.keys() & {"shipment_cost_method"}
            )
        return self._fields


def _comment(sale: SalesDocument) -> str:
    """What Tryton has no field for, for people to read."""
    lines = [f"Shopify order {sale.name}"]
    if sale.presentment_currency != sale.currency:
        lines.append(f"Buyer saw {sale.presentment_total} {sale.presentment_currency}")
    lines += [f"{pay.kind} {pay.amount} {sale.currency} by {pay.gateway}" for pay in sale.payments]
    return "\n".join([*lines, sale.note] if sale.note else lines)

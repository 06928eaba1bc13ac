"""Entering sales orders: draft, compare to the cent, then confirm by id.

Odoo has no unique key for a customer reference, so an order is made in two steps (tier T1.5): a quotation promises
nothing, and of several quotations with one reference the oldest is kept and the others are deleted before one is
confirmed. Should two have been confirmed at the same moment, the younger is cancelled again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from html import escape

from adapters.amounts import CHARGES, RowKind, charges, rows, sold_as
from adapters.amounts import Row as SaleRow
from adapters.odoo.buyers import Buyers
from adapters.odoo.client import OdooClient, Row, of, stamp
from adapters.odoo.documents import ORDER_FIELDS, Documents
from adapters.odoo.places import Atlas, Places
from adapters.odoo.trouble import no_product
from adapters.odoo.wire import CONFIRMED, document
from adapters.remarks import remarks
from engine.model.failure import Refused, Unmapped
from engine.model.sale import Document, SalesDocument

DRAFT = ("draft", "sent")


@dataclass(frozen=True, slots=True)
class Terms:
    """How this connection sells: which service products, and which pricelist for which currency."""

    products: Mapping[RowKind, str] = field(default_factory=lambda: CHARGES)
    pricelists: Mapping[str, int] = field(default_factory=dict)
    """Pricelist id by currency; without one Odoo takes the partner's."""
    journal: str = ""
    """Code of the journal for payments and refunds; empty when a person enters them."""


def terms(products: Mapping[str, str], pricelists: Mapping[str, int], journal: str = "") -> Terms:
    """Our defaults with what a connection sets otherwise; Misset for a kind of line nobody knows."""
    return Terms(charges(products, "Odoo", "products"), pricelists, journal)


class Selling:
    """Makes and cancels sales orders."""

    def __init__(self, client: OdooClient, places: Places, documents: Documents, terms: Terms) -> None:
        self._client = client
        self._places = places
        self._documents = documents
        self._terms = terms
        self._buyers = Buyers(client)

    async def enter(self, sale: SalesDocument) -> Document:
        """The confirmed order for this sale, made unless it is there."""
        known = await self._with_ref(sale)
        if not any(row["state"] in (*CONFIRMED, *DRAFT) for row in known):
            values = await self._values(sale)
            await self._client.create("sale.order", values)
            known = await self._with_ref(sale)
        confirmed = [row for row in known if row["state"] in CONFIRMED]
        drafts = [row for row in known if row["state"] in DRAFT]
        chosen = confirmed[0] if confirmed else drafts[0]
        spare = [row["id"] for row in drafts if row is not chosen]
        if spare:
            await self._client.call("sale.order", "unlink", spare)
        if not confirmed:
            await self._prove(sale, chosen)
            await self._confirm(chosen["id"])
        row = await self._only_one(sale)
        if not confirmed:
            return await self._documents.fresh(row)
        return document((await self._documents.held([row]))[row["id"]])

    async def cancel(self, held_id: int) -> None:
        """Call an order off; the context keeps Odoo from asking in a window."""
        await self._client.call(
            "sale.order", "action_cancel", [held_id], context={"disable_cancel_warning": True}
        )

    async def _confirm(self, order: int) -> None:
        try:
            await self._client.call("sale.order", "action_confirm", [order])
        except Refused:
            rows = await self._client.rows("sale.order", [["id", "=", order]], ["state"])
            if not rows or rows[0]["state"] not in CONFIRMED:
                raise

    async def _only_one(self, sale: SalesDocument) -> Row:
        confirmed = [row for row in await self._with_ref(sale) if row["state"] in CONFIRMED]
        if not confirmed:
            raise Refused(
                f"The order for {sale.name} was taken out of Odoo while it was being entered.",
                "Look into Odoo who deletes or cancels it, then retry.",
                code="odoo_order_gone",
            )
        for row in confirmed[1:]:
            await self.cancel(row["id"])
        return confirmed[0]

    async def _with_ref(self, sale: SalesDocument) -> list[Row]:
        return await self._client.rows("sale.order", [["client_order_ref", "=", sale.ref]], ORDER_FIELDS)

    async def _prove(self, sale: SalesDocument, draft: Row) -> None:
        """The quotation must say what the shop says, in the shop's currency; else it is deleted."""
        made = Decimal(str(draft["amount_total"]))
        currency = draft["currency_id"][1] if draft["currency_id"] else ""
        if currency == sale.currency and made == sale.total:
            return
        await self._client.call("sale.order", "unlink", [draft["id"]])
        if currency != sale.currency:
            raise Unmapped(
                f"Odoo would enter order {sale.name} in {currency}, it was charged in {sale.currency}.",
                f"Name a pricelist for {sale.currency} in the pricelists table of this connection, and retry.",
                code="currency_unmapped",
            )
        raise Refused(
            f"Odoo makes {made} of order {sale.name}, the shop charged {sale.total} {sale.currency}.",
            "Set the decimal accuracy of product prices to the currency's or finer, take default taxes off "
            "the service products, and retry.",
            code="total_differs",
        )

    async def sold(self, sale: SalesDocument) -> tuple[list[tuple[str, SaleRow]], Mapping[str, int]]:
        """The rows of a sale by the code of what they are sold as, and the products' ids; Unmapped for a stranger."""
        made = rows(sale)
        products = await self._places.product_ids({self._code(row) for row in made})
        for row in made:
            if self._code(row) not in products:
                raise no_product(self._code(row), row.text)
        return [(self._code(row), row) for row in made], products

    async def lines(self, wanted: Sequence[tuple[str, SaleRow, int, Decimal]], order: Row) -> list[Row]:
        """Lines more for an order: (product, row, units, price)."""
        atlas, home = await self._places.atlas(), of(order["warehouse_id"])
        taxes = "tax_ids" if "tax_ids" in await self._client.fields("sale.order.line") else "tax_id"
        return [
            self._line(replace(row, quantity=units, unit_price=price), int(product), taxes, atlas, home)
            for product, row, units, price in wanted
        ]

    async def _values(self, sale: SalesDocument) -> Row:
        atlas = await self._places.atlas()
        named, products = await self.sold(sale)
        made = [row for _, row in named]
        homes = [row.warehouse for row in made if row.kind is RowKind.GOODS and row.warehouse]
        home = atlas.warehouse(homes[0]) if homes else None
        taxes = "tax_ids" if "tax_ids" in await self._client.fields("sale.order.line") else "tax_id"
        values: Row = {
            "partner_id": await self._buyers.of(sale),
            "client_order_ref": sale.ref,
            "origin": sale.name,
            "date_order": stamp(sale.placed_at),
            "note": _note(sale),
            "order_line": [
                [0, 0, self._line(row, products[self._code(row)], taxes, atlas, home.id if home else None)]
                for row in made
            ],
        }
        if home is not None:
            values["warehouse_id"] = home.id
        if sale.currency in self._terms.pricelists:
            values["pricelist_id"] = self._terms.pricelists[sale.currency]
        return values

    def _code(self, row: SaleRow) -> str:
        return sold_as(row, self._terms.products)

    def _line(self, row: SaleRow, product: int, taxes: str, atlas: Atlas, home: int | None) -> Row:
        line: Row = {
            "product_id": product,
            "product_uom_qty": row.quantity,
            "price_unit": float(row.unit_price),
            "discount": 0,
            "name": row.text,
            taxes: [[6, 0, []]],
        }
        if row.kind is RowKind.GOODS and row.warehouse:
            place = atlas.warehouse(row.warehouse)
            if place.id != home:
                line["route_id"] = place.route
        return line


def _note(sale: SalesDocument) -> str:
    """The note of an order is HTML; what buyers wrote stays text."""
    lines = [escape(row) for text in remarks(sale, address=True) for row in text.splitlines()]
    return "<br/>".join(lines)

"""Entering and closing sales orders. An order is an upsert by external id, so entering it twice enters it once (T0)."""

import asyncio
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256

from adapters.amounts import CHARGES, RowKind, charges, rows, sold_as
from adapters.amounts import Row as SaleRow
from adapters.external_ids import ExternalIds
from adapters.netsuite.client import Json, NetSuiteClient
from adapters.netsuite.documents import Documents, Held, document
from adapters.netsuite.names import Names
from adapters.netsuite.taxing import Levy, Taxing, levies, references
from adapters.remarks import remarks
from engine.model.failure import Misset, Refused, Unmapped
from engine.model.ids import OrderId
from engine.model.money import exact
from engine.model.sale import Document, SalesDocument

PENDING_FULFILMENT = {"id": "B"}
MEMO = 999
"""Characters that the memo of an order holds."""
CUSTOM_PRICE = {"id": "-1"}
"""Price level for a price of one's own; not confirmed with a live account."""


@dataclass(frozen=True, slots=True)
class Terms:
    """How this connection sells."""

    subsidiary: str | None = None
    """Internal id; None for an account without subsidiaries."""
    customer: str | None = None
    """Internal id of one customer for all orders; None to make a customer per buyer."""
    items: Mapping[RowKind, str] = field(default_factory=lambda: CHARGES)
    account: str = ""
    """Internal id of the account that payments and refunds go through; empty when a person enters what moves later."""
    invoices: bool = False
    """What has left is invoiced by us; otherwise by NetSuite's own people."""
    tax_code: str = ""
    """Internal id of the sales tax item for taxes that the configuration does not name; given, taxes are tax details."""
    tax_codes: frozenset[str] = frozenset()
    """Internal ids of all the sales tax items that the configuration names."""

    @property
    def details(self) -> bool:
        """Whether taxes are entered as tax details of an account with SuiteTax, and not as lines of an item."""
        return bool(self.tax_code)

    @property
    def charges(self) -> Mapping[RowKind, str]:
        """Names of the charge items that are used."""
        return {kind: name for kind, name in self.items.items() if not (self.details and kind is RowKind.TAX)}


def terms(
    subsidiary: str | None,
    customer: str | None,
    items: Mapping[str, str],
    account: str = "",
    *,
    invoices: bool = False,
    taxes_as: str = "items",
    tax_code: str = "",
    taxes: Collection[str] = (),
) -> Terms:
    """The terms of a connection; Misset for a kind of line nobody knows, and for tax details without a tax code.

    `taxes` are the values of [connections.taxes].
    """
    known = Terms(subsidiary, customer, charges(items, "NetSuite", "items"), account, invoices)
    if taxes_as == "items":
        return known
    if not tax_code:
        raise Misset(
            "This connection enters taxes as tax details and names no tax_code.",
            "Give tax_code, the internal id of the sales tax item for taxes that [connections.taxes] does not name.",
            code="netsuite_tax_code",
        )
    return replace(known, tax_code=tax_code, tax_codes=frozenset((tax_code, *taxes)))


class Selling:
    """Makes and closes sales orders."""

    def __init__(
        self,
        client: NetSuiteClient,
        names: Names,
        documents: Documents,
        ids: ExternalIds,
        terms: Terms,
        taxing: Taxing,
    ) -> None:
        self._client, self._names, self._documents, self._ids = client, names, documents, ids
        self._terms, self._taxing = terms, taxing
        self._turns: dict[OrderId, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def enter(self, sale: SalesDocument) -> Document:
        """The order for this sale, made unless it is there. One at a time per order: what NetSuite does with two
        first upserts of one id at the same moment is not confirmed."""
        external = self._ids.of(sale.ref)
        async with self._turns[sale.ref]:
            held = await self._documents.by_external_id(external)
            if held is None:
                body = await self._body(sale)
                await self._client.write("PUT", f"salesOrder/eid:{external}?replace={self.lists}", body)
                held = await self._documents.by_external_id(external)
        self._turns.pop(sale.ref, None)
        return self._proven(sale, held)

    def _proven(self, sale: SalesDocument, held: Held | None) -> Document:
        if held is None:
            raise Refused(
                f"NetSuite took order {sale.name} and does not show it.",
                "Check that the role of TrueUp may see sales orders of all locations and subsidiaries, and retry.",
                code="netsuite_not_shown",
            )
        made = document(held, sale.ref)
        if made.total != sale.total:
            why = (
                "Look why the tax details of it are others"
                if self._terms.details
                else "Set the charge items to no tax"
            )
            raise Refused(
                f"NetSuite makes {exact(made.total, sale.currency)} of order {sale.name}, the shop charged "
                f"{sale.total} {sale.currency}.",
                f"{why}, close sales order {held.id} there, and retry.",
                code="total_differs",
            )
        return made

    @property
    def lists(self) -> str:
        """The sublists of an order that are ours to replace."""
        return "item,taxDetails" if self._terms.details else "item"

    async def close(self, held: Held) -> None:
        """Call an order off: close every line."""
        numbers = sorted([*(line.number for line in held.lines), *held.others])
        lines = [{"line": number, "isClosed": True} for number in numbers]
        await self._client.write("PATCH", f"salesOrder/{held.id}", {"item": {"items": lines}})

    def taxes(self, sale: SalesDocument) -> tuple[Levy, ...]:
        """Its taxes as far as they are tax details; none where they are lines."""
        return levies(rows(sale), self._terms.tax_code) if self._terms.details else ()

    async def sold(self, sale: SalesDocument) -> tuple[list[tuple[str, SaleRow]], Mapping[str, str]]:
        """What is a line of its own, by the name of what it is sold as, and the ids of these; Unmapped for a stranger."""
        made = [row for row in rows(sale) if not (self._terms.details and row.kind is RowKind.TAX)]
        items = await self._names.items({self._name(row) for row in made})
        for row in made:
            if self._name(row) not in items:
                raise Unmapped(
                    f"NetSuite has no item {self._name(row)} ({row.text}).",
                    "Create it there, or correct its name or the items table of this connection, and retry.",
                    code="product_unknown",
                )
            if row.kind is RowKind.GOODS and not await self._names.is_open(str(row.warehouse)):
                raise Unmapped(
                    f"NetSuite has no location with internal id {row.warehouse}.",
                    "Correct [connections.locations] in the configuration or open the location, and retry.",
                    code="warehouse_unknown",
                )
        return [(self._name(row), row) for row in made], items

    async def _body(self, sale: SalesDocument) -> Json:
        named, items = await self.sold(sale)
        made = [row for _, row in named]
        homes = [row.warehouse for row in made if row.kind is RowKind.GOODS]
        lines = [self._line(row, items) for row in made]
        body: Json = {
            "entity": {"id": await self._customer(sale)},
            "tranDate": sale.placed_at.date().isoformat(),
            "otherRefNum": sale.name,
            "memo": "\n".join(remarks(sale, address=True))[:MEMO],
            "currency": {"id": await self._names.currency(sale.currency)},
            "orderStatus": PENDING_FULFILMENT,
            "item": {"items": lines},
        }
        if self._terms.details:
            body |= await self._taxed(sale, made, lines)
        if homes:
            body["location"] = {"id": homes[0]}
        if subsidiary := sale.subsidiary or self._terms.subsidiary:
            body["subsidiary"] = {"id": subsidiary}
        return body

    async def _taxed(self, sale: SalesDocument, made: Sequence[SaleRow], lines: Sequence[Json]) -> Json:
        """The taxes of a sale as a part of its body; the first line made of each of the shop's bears its taxes."""
        taxes, free = self.taxes(sale), references()
        taxed = {levy.line for levy in taxes}
        bearing: dict[str, str] = {}
        for row, line in zip(made, lines, strict=True):
            if row.line in taxed and row.line not in bearing:
                bearing[row.line] = line["taxDetailsReference"] = next(free)
        return await self._taxing.part((bearing[levy.line], levy) for levy in taxes)

    def _name(self, row: SaleRow) -> str:
        return sold_as(row, self._terms.items)

    def _line(self, row: SaleRow, items: Mapping[str, str]) -> Json:
        line: Json = {
            "item": {"id": items[self._name(row)]},
            "quantity": row.quantity,
            "price": CUSTOM_PRICE,
            "rate": float(row.unit_price),
            "amount": float(row.amount),
            "description": row.text[:999],
        }
        if row.kind is RowKind.GOODS:
            line["location"] = {"id": row.warehouse}
        return line

    async def _customer(self, sale: SalesDocument) -> str:
        if self._terms.customer:
            return self._terms.customer
        name = sale.customer.strip() or sale.email.strip() or "Shopify buyer"
        key = sha256((sale.email.strip().lower() or name).encode()).hexdigest()[:16]
        external = f"{self._ids.prefix}buyer-{key}"
        body: Json = {"companyName": f"{name} {key[:4]}"[:83], "isPerson": False}
        if sale.email.strip():
            body["email"] = sale.email.strip()
        if subsidiary := sale.subsidiary or self._terms.subsidiary:
            body["subsidiary"] = {"id": subsidiary}
        made = await self._client.write("PUT", f"customer/eid:{external}", body)
        return made or str((await self._client.read(f"customer/eid:{external}"))["id"])

"""Entering and closing sales orders. An order is an upsert by external id, so entering it twice enters it once (T0)."""

import asyncio
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256

from adapters.amounts import CHARGES, RowKind, charges, rows, sold_as
from adapters.amounts import Row as SaleRow
from adapters.external_ids import ExternalIds
from adapters.netsuite.client import Json, NetSuiteClient
from adapters.netsuite.documents import Documents, Held, document
from adapters.netsuite.names import Names
from adapters.remarks import remarks
from engine.model.failure import Refused, Unmapped
from engine.model.ids import OrderId
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


def terms(subsidiary: str | None, customer: str | None, items: Mapping[str, str], account: str = "") -> Terms:
    """The terms of a connection; Misset for a kind of line nobody knows."""
    return Terms(subsidiary, customer, charges(items, "NetSuite", "items"), account)


class Selling:
    """Makes and closes sales orders."""

    def __init__(
        self, client: NetSuiteClient, names: Names, documents: Documents, ids: ExternalIds, terms: Terms
    ) -> None:
        self._client, self._names, self._documents, self._ids, self._terms = (
            client,
            names,
            documents,
            ids,
            terms,
        )
        self._turns: dict[OrderId, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def enter(self, sale: SalesDocument) -> Document:
        """The order for this sale, made unless it is there. One at a time per order: what NetSuite does with two
        first upserts of one id at the same moment is not confirmed."""
        external = self._ids.of(sale.ref)
        async with self._turns[sale.ref]:
            held = await self._documents.by_external_id(external)
            if held is None:
                body = await self._body(sale)
                await self._client.write("PUT", f"salesOrder/eid:{external}?replace=item", body)
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
            raise Refused(
                f"NetSuite makes {made.total} of order {sale.name}, the shop charged {sale.total} {sale.currency}.",
                f"Set the charge items to no tax, close sales order {held.id} there, and retry.",
                code="total_differs",
            )
        return made

    async def close(self, held: Held) -> None:
        """Call an order off: close every line."""
        numbers = sorted([*(line.number for line in held.lines), *held.others])
        lines = [{"line": number, "isClosed": True} for number in numbers]
        await self._client.write("PATCH", f"salesOrder/{held.id}", {"item": {"items": lines}})

    async def sold(self, sale: SalesDocument) -> tuple[list[tuple[str, SaleRow]], Mapping[str, str]]:
        """The rows of a sale by the name of what they are sold as, and the ids of these; Unmapped for a stranger."""
        made = rows(sale)
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
        body: Json = {
            "entity": {"id": await self._customer(sale)},
            "tranDate": sale.placed_at.date().isoformat(),
            "otherRefNum": sale.name,
            "memo": "\n".join(remarks(sale, address=True))[:MEMO],
            "currency": {"id": await self._names.currency(sale.currency)},
            "orderStatus": PENDING_FULFILMENT,
            "item": {"items": [self._line(row, items) for row in made]},
        }
        if homes:
            body["location"] = {"id": homes[0]}
        if subsidiary := sale.subsidiary or self._terms.subsidiary:
            body["subsidiary"] = {"id": subsidiary}
        return body

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

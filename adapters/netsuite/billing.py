"""Invoices of sales orders, made by transform once all of an order has left: NetSuite bills what it can by default.

A part that has left waits for the rest: charges stand on the first invoice, and a line that was billed cannot follow
what the buyer takes out afterwards.
NetSuite pays an invoice from the deposits of its order by itself. The order's form has to be one that is invoiced
(Oracle, "Creating Invoices or Cash Sales from Your Sales Order"); a form for cash sales is refused, and NetSuite's
refusal is told. The invoice is dated by NetSuite: a day in a closed period is never asked for. Where taxes are tax
details the invoice states those of the order again.
"""

from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

from adapters.netsuite.client import NetSuiteClient, text
from adapters.netsuite.documents import BILLED, Documents, Held
from adapters.netsuite.selling import Terms
from adapters.netsuite.taxing import carried
from adapters.netsuite.transforming import key_of, transformed
from engine.model.failure import Refused
from engine.model.ids import DocumentId
from engine.model.money import exact

BILLS = (
    "SELECT f.id, f.type, f.status, f.foreigntotal FROM transaction f WHERE f.id = {order} "
    "OR (f.type IN ('CustInvc', 'CashSale') AND f.id IN "
    "(SELECT l.nextdoc FROM PreviousTransactionLineLink l WHERE l.previousdoc = {order})) ORDER BY f.id"
)
"""An order and what it was billed by."""


class Billing:
    """Makes invoices, and knows those of an order."""

    def __init__(self, client: NetSuiteClient, documents: Documents, terms: Terms) -> None:
        self._client, self._documents, self._terms = client, documents, terms

    async def bill(self, number: DocumentId) -> None:
        """Invoice what has left; an invoice that arrived although its answer did not is proven, and not made twice."""
        held = await self._documents.by_id(number)
        if held.unbilled:
            path, taxes = f"salesOrder/{held.id}", dict[str, Any]()
            if self._terms.details:
                await self._whole(held)
                taxes = carried(await self._client.read(path))
            # what is put in after all was billed is billed too: the key is of the worth as well
            key = key_of(held, f"inv-{held.total.normalize():f}", held.sent)
            await transformed(self._client, f"{path}/!transform/invoice", taxes, key)
        if held.unbilled or held.status == BILLED:
            await self._proven(held)

    async def open_amounts(self, order: str) -> AsyncIterator[tuple[str, Decimal]]:
        """(internal id, what is open of it) of each invoice of an order."""
        for row in await self._client.query(BILLS.format(order=text(order))):
            if row["type"] == "CustInvc":
                invoice = await self._client.read(f"invoice/{row['id']}")
                if open_ := Decimal(str(invoice["amountRemaining"])):
                    yield row["id"], open_

    async def _whole(self, held: Held) -> None:
        """Refused when a part is billed: the details of the order are those of all of it."""
        if len(await self._client.query(BILLS.format(order=text(held.id)))) > 1:
            raise Refused(
                f"A part of sales order {held.id} is invoiced, and TrueUp cannot tell which of its tax details are left.",
                "Invoice the rest in NetSuite, then retry this record.",
                code="netsuite_part_billed",
            )

    async def _proven(self, held: Held) -> None:
        """What had left is billed now, and once all is billed, the bills add up to the order."""
        rows = await self._client.query(BILLS.format(order=text(held.id)))
        [order] = (row for row in rows if row["id"] == held.id)
        if (
            held.unbilled
            and order["status"] == held.status
            and (await self._documents.by_id(held.id)).sent == held.sent
        ):
            raise Refused(
                f"NetSuite took an invoice of sales order {held.id} and does not show it as billed.",
                "Compare the order with its invoices there, bill the rest, and retry.",
                code="netsuite_not_billed",
            )
        billed = sum((abs(Decimal(row["foreigntotal"])) for row in rows if row is not order), Decimal(0))
        if order["status"] == BILLED and billed != held.total:
            raise Refused(
                f"NetSuite billed {exact(billed, '')} of sales order {held.id}, which is worth {exact(held.total, '')}.",
                "Compare the order with its invoices there (taxes computed anew, lines closed), correct them, "
                "then resolve this record.",
                code="bill_differs",
            )

"""Credit notes of money in Unleashed: free credit notes that return nothing to stock.

Their GUID is made of the order and the entry, so none is made twice, and one that a crash left parked is completed.
They stand on the products for charges, goods and each tax apart. Unleashed keeps no payments of sales orders in its
API, so payments and refunds are left to a person.
"""

from collections.abc import Mapping
from decimal import Decimal

from adapters.amounts import RowKind
from adapters.parted import Parts, worth
from adapters.posting import credit_rows, fits, key_of, not_posted, positive, short
from adapters.unleashed.client import Row
from adapters.unleashed.credit_notes import CreditNotes
from adapters.unleashed.documents import Documents
from adapters.unleashed.orders import Orders
from adapters.unleashed.places import Places
from adapters.unleashed.selling import Selling, Terms
from adapters.unleashed.trouble import WHO, no_product
from adapters.unleashed.wire import guid_of
from engine.model.entry import Entry, EntryKind
from engine.model.ids import DocumentId, OrderId

POSTED = frozenset({EntryKind.CREDIT})
MARK = "shopify-"
"""What the comments of these credit notes begin with; Shopify's number follows."""
LINE_COMMENTS = 256


class Posting:
    """Enters them."""

    def __init__(
        self,
        places: Places,
        orders: Orders,
        credits: CreditNotes,
        documents: Documents,
        selling: Selling,
        terms: Terms,
    ) -> None:
        self._places, self._orders, self._credits, self._documents = places, orders, credits, documents
        self._selling, self._terms = selling, terms

    async def post(self, number: DocumentId, entry: Entry) -> Mapping[str, Decimal]:
        """Enter it unless it is there; amounts of all credit notes of money, by key."""
        if entry.kind not in POSTED:
            raise not_posted(WHO)
        ref, _ = await self._documents.by_id(number)
        async with self._selling.turns[ref]:
            _, parts = await self._documents.by_id(number)
            there = await self._there(ref)
            if entry.key in there:
                return there
            fits(entry, there, worth(parts) or parts[0].total, WHO)
            await self._enter(ref, parts, entry)
            return await self._there(ref)

    async def _there(self, ref: OrderId) -> dict[str, Decimal]:
        """Credit notes of money, once every one that was left open is completed."""
        rows = await self._credits.settled(ref, MARK)
        money = [row for row in rows if str(row.get("Comments") or "").startswith(MARK)]
        return {_key(row): Decimal(str(row["Total"])) for row in money}

    async def _enter(self, ref: OrderId, parts: Parts, entry: Entry) -> None:
        products = self._terms.products
        rows = [
            (products.get(row.kind, products[RowKind.OTHER]), row) for row in positive(credit_rows(entry))
        ]
        known = await self._places.products({code for code, _ in rows})
        for code, row in rows:
            if code not in known:
                raise no_product(code, row.text)
        order = self._orders.row(parts[0].id)
        await self._credits.enter(
            ref,
            guid_of(parts[0].id, f"money {entry.key}"),
            order=order,
            warehouse=order["Warehouse"],
            at=entry.at,
            comments=f"{MARK}{short(entry)} {entry.name} {entry.note}".strip(),
            lines=[
                {
                    "Product": {"ProductCode": code},
                    "CreditQuantity": 1,
                    "CreditPrice": row.amount,
                    "LineTotal": row.amount,
                    "LineTax": 0,
                    "ReturnToStock": False,
                    "Comments": row.text[:LINE_COMMENTS],
                }
                for code, row in rows
            ],
            total=entry.amount,
        )


def _key(row: Row) -> str:
    mark = str(row["Comments"]).partition(" ")[0]
    return key_of(EntryKind.CREDIT, mark.removeprefix(MARK))

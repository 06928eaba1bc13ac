"""Money of orders in Cin7 Omni: payments of sales orders, and credit notes without goods.

Nothing keeps a payment unique, so it is looked up by its transactionRef before it is sent, and again when its answer was
lost (tier T2); a credit note's reference is unique. Refunds are left to a person: which sign a payment of a credit note
bears is not confirmed, and the wrong one would double what is owed (fields of v1/Payments and v1/CreditNotes as Omni's
API help lists them).
"""

from collections.abc import Mapping
from decimal import Decimal

from adapters.amounts import RowKind
from adapters.cin7_omni.client import OmniClient, Row, all_written, stamp
from adapters.cin7_omni.credit_notes import CreditNotes
from adapters.cin7_omni.orders import Orders
from adapters.cin7_omni.places import Places
from adapters.cin7_omni.selling import LINE, Selling, Terms
from adapters.cin7_omni.trouble import WHO, no_product
from adapters.cin7_omni.wire import MONEY, credited
from adapters.parted import Part, living, worth
from adapters.parted_documents import PartedDocuments
from adapters.posting import by_hand, credit_rows, fits, key_of, not_posted, positive, short
from engine.model.entry import Entry, EntryKind
from engine.model.ids import DocumentId, OrderId

MARK = "shopify-"
"""What the transactionRef of our payments begins with; Shopify's number follows."""
POSTED = frozenset({EntryKind.PAYMENT, EntryKind.CREDIT})
COMMENTS = 250


class Posting:
    """Enters them."""

    def __init__(
        self,
        client: OmniClient,
        places: Places,
        orders: Orders,
        credits: CreditNotes,
        documents: PartedDocuments,
        selling: Selling,
        terms: Terms,
    ) -> None:
        self._client, self._places, self._orders, self._credits = client, places, orders, credits
        self._documents, self._selling, self._terms = documents, selling, terms

    async def post(self, number: DocumentId, entry: Entry) -> Mapping[str, Decimal]:
        """Enter it unless it is there; amounts of all of its kind, by key."""
        if entry.kind not in POSTED:
            raise not_posted(WHO)
        ref, _ = await self._documents.by_id(number)
        async with self._selling.turns[ref]:
            _, parts = await self._documents.by_id(number)
            there = await self._there(ref, parts, entry.kind)
            if entry.key in there:
                return there
            fits(entry, there, worth(parts) or parts[0].total, WHO)
            alive = living(parts)
            if len(alive) != 1:
                raise by_hand(entry, WHO, f"it stands on {len(alive)} orders there")
            if entry.kind is EntryKind.PAYMENT:
                await self._pay(alive[0], entry)
            else:
                await self._credit(alive[0], entry)
            return await self._there(ref, parts, entry.kind)

    async def _there(self, ref: OrderId, parts: tuple[Part, ...], kind: EntryKind) -> dict[str, Decimal]:
        if kind is EntryKind.CREDIT:
            rows = await self._credits.settled(ref, MONEY)
            notes = [row for row in rows if str(row["reference"]).startswith(MONEY)]
            return {key_of(kind, str(row["reference"]).removeprefix(MONEY)): credited(row) for row in notes}
        found: dict[str, Decimal] = {}
        for part in parts:
            rows, _ = await self._client.rows("Payments", lambda row: row["id"], where=f"orderId={part.id}")
            for row in rows:
                mark = str(row.get("transactionRef") or "")
                if mark.startswith(MARK):
                    key = key_of(kind, mark.removeprefix(MARK))
                    found[key] = found.get(key, Decimal(0)) + Decimal(str(row["amount"]))
        return found

    async def _pay(self, part: Part, entry: Entry) -> None:
        payment: Row = {
            "orderId": int(part.id),
            "amount": entry.amount,
            "method": entry.account or self._terms.payment_method,
            "paymentDate": stamp(entry.at),
            "isAuthorized": True,
            "transactionRef": f"{MARK}{short(entry)}",
            "comments": f"{entry.name} {entry.gateway}"[:COMMENTS],
        }
        all_written(await self._client.post("Payments", [payment]))

    async def _credit(self, part: Part, entry: Entry) -> None:
        products = self._terms.products
        rows = [
            (products.get(row.kind, products[RowKind.OTHER]), row) for row in positive(credit_rows(entry))
        ]
        known = await self._places.options({code for code, _ in rows})
        for code, row in rows:
            if code not in known:
                raise no_product(code, row.text)
        await self._credits.draft(
            self._orders.row(part.id),
            f"{MONEY}{short(entry)}",
            comments=f"{entry.name} {entry.key} {entry.note}".strip(),
            lines=[
                {"code": code, "qty": -1, "unitPrice": row.amount, "lineComments": row.text[:LINE]}
                for code, row in rows
            ],
        )

"""Money of orders in Cin7 Core: prepayments and payments, credit notes without goods, and refunds of credit notes.

Nothing keeps these unique there, so an entry is looked up by its mark before it is sent, and again when its answer was
lost: the mark is the reference of a payment and the first word of a credit note's memo. A credit note stands on
charges, for goods that come back are booked by credit notes of their own, without a price. A payment is a prepayment
until the sale is invoiced; a refund is of one credit note, that of the same refund of the shop before the others
(fields of sale/payment and sale/creditnote: Cin7 Core API v2).
"""

from collections.abc import Mapping
from decimal import Decimal

from adapters.amounts import RowKind
from adapters.cin7_core.client import NOTHING, Cin7CoreClient, Row, stamp
from adapters.cin7_core.documents import Documents, living
from adapters.cin7_core.invoicing import invoiced
from adapters.cin7_core.places import Places
from adapters.cin7_core.selling import COMMENT, Selling, Terms
from adapters.cin7_core.trouble import WHO, no_product
from adapters.cin7_core.wire import AUTHORISED, VOIDED, Sale
from adapters.posting import by_hand, credit_rows, fits, key_of, positive, short
from engine.model.clock import Clock
from engine.model.entry import Entry, EntryKind
from engine.model.ids import DocumentId

MARK = "shopify-"
"""What our references begin with; Shopify's number follows."""
MEMO = 256
PAID = ("Prepayment", "Payment")


class Posting:
    """Enters them."""

    def __init__(
        self,
        client: Cin7CoreClient,
        places: Places,
        documents: Documents,
        selling: Selling,
        terms: Terms,
        clock: Clock,
    ) -> None:
        self._client, self._places, self._documents = client, places, documents
        self._selling, self._terms, self._clock = selling, terms, clock

    async def post(self, number: DocumentId, entry: Entry) -> Mapping[str, Decimal]:
        """Enter it unless it is there; amounts of all of its kind, by key."""
        ref, _ = await self._documents.by_id(number)
        async with self._selling.turns[ref]:
            _, parts = await self._documents.by_id(number)
            sales = living(parts) or parts
            there = await self._there(sales, entry.kind)
            if entry.key in there:
                return there
            fits(entry, there, sum((sale.total for sale in sales), Decimal(0)), WHO)
            if len(sales) > 1:
                raise by_hand(entry, WHO, f"the order stands on {len(sales)} sales there")
            [sale] = sales
            if sale.voided:
                raise by_hand(entry, WHO, "its sale is voided")
            match entry.kind:
                case EntryKind.PAYMENT:
                    await self._pay(sale, entry)
                case EntryKind.CREDIT:
                    await self._credit(sale, entry)
                case EntryKind.REFUND:
                    await self._refund(sale, entry)
            return await self._there(sales, entry.kind)

    async def _there(self, sales: tuple[Sale, ...], kind: EntryKind) -> dict[str, Decimal]:
        found: dict[str, Decimal] = {}
        for sale in sales:
            if kind is EntryKind.CREDIT:
                rows = [
                    (str(row.get("Memo") or "").partition(" ")[0], row["Total"])
                    for row in await self._notes(sale)
                ]
            else:
                types = PAID if kind is EntryKind.PAYMENT else ("Refund",)
                paid = await self._payments(sale)
                rows = [
                    (str(row.get("Reference") or ""), row["Amount"]) for row in paid if row["Type"] in types
                ]
            for mark, amount in rows:
                if mark.startswith(MARK):
                    key = key_of(kind, mark.removeprefix(MARK))
                    found[key] = found.get(key, Decimal(0)) + Decimal(str(amount))
        return found

    async def _payments(self, sale: Sale) -> list[Row]:
        return list(await self._client.get("sale/payment", SaleID=sale.id))

    async def _notes(self, sale: Sale) -> list[Row]:
        body = await self._client.get("sale", ID=sale.id)
        return [row for row in body.get("CreditNotes") or () if row.get("Status") != VOIDED]

    async def _pay(self, sale: Sale, entry: Entry) -> None:
        body = await self._client.get("sale", ID=sale.id)
        invoices = [row for row in body.get("Invoices") or () if row.get("Status") in (AUTHORISED, "PAID")]
        kind, task = ("Payment", str(invoices[0]["TaskID"])) if invoices else ("Prepayment", sale.id)
        await self._move(kind, task, entry, body)

    async def _refund(self, sale: Sale, entry: Entry) -> None:
        """Of the credit note that holds it, the same refund's first."""
        body = await self._client.get("sale", ID=sale.id)
        back: dict[str, Decimal] = {}
        for row in await self._payments(sale):
            if row["Type"] == "Refund":
                back[row["TaskID"]] = back.get(row["TaskID"], Decimal(0)) + Decimal(str(row["Amount"]))
        own = f"{MARK}{entry.refund.rpartition('/')[2]}"
        notes = [row for row in body.get("CreditNotes") or () if row.get("Status") != VOIDED]
        notes.sort(key=lambda row: str(row.get("Memo") or "").partition(" ")[0] != own)
        for note in notes:
            open_ = Decimal(str(note["Total"])) - back.get(note["TaskID"], Decimal(0))
            if open_ >= entry.amount:
                await self._move("Refund", str(note["TaskID"]), entry, body)
                return
        raise by_hand(entry, WHO, "no credit note of this order is open for that much")

    async def _move(self, kind: str, task: str, entry: Entry, sale: Row) -> None:
        await self._client.post(
            "sale/payment",
            {
                "TaskID": task,
                "Type": kind,
                "Reference": f"{MARK}{short(entry)}",
                "Amount": entry.amount,
                "DatePaid": stamp(entry.at),
                "Account": entry.account or self._terms.account,
                "CurrencyRate": sale["CurrencyRate"],
            },
        )

    async def _credit(self, sale: Sale, entry: Entry) -> None:
        today = stamp(self._clock.now())
        charges = await self._charges(entry)
        await invoiced(self._client, sale, today)
        total = sum((line["Total"] for line in charges), Decimal(0))
        await self._client.post(
            "sale/creditnote",
            {
                "SaleID": sale.id,
                "TaskID": NOTHING,
                "Status": AUTHORISED,
                "CreditNoteDate": today,
                "Memo": f"{MARK}{short(entry)} {entry.name} {entry.note}".strip()[:MEMO],
                "Lines": [],
                "AdditionalCharges": charges,
                "Restock": [],
                "TotalBeforeTax": total,
                "Tax": Decimal(0),
                "Total": total,
            },
        )

    async def _charges(self, entry: Entry) -> list[Row]:
        products = self._terms.products
        rows = [
            (products.get(row.kind, products[RowKind.OTHER]), row) for row in positive(credit_rows(entry))
        ]
        known = await self._places.named({name for name, _ in rows})
        for name, row in rows:
            if name not in known:
                raise no_product(name, row.text)
        return [
            {
                "Description": name,
                "Quantity": 1,
                "Price": row.amount,
                "Discount": 0,
                "Tax": 0,
                "TaxRule": self._terms.tax_rule,
                "Total": row.amount,
                "Comment": row.text[:COMMENT],
            }
            for name, row in rows
        ]

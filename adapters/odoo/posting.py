"""Payments, credit notes and refunds of orders, in Odoo's Invoicing: a draft first, then posted by its id (tier T1.5).

An entry is told by the text in its memo (a payment) or its reference (a credit note): the order's reference and
Shopify's id of the transaction or the refund. A draft that a crash left behind is found by that text and posted; of
several the oldest. Lines of a credit note are what Shopify gave back, without taxes of Odoo's own.
"""

from collections.abc import Mapping
from decimal import Decimal

from adapters.amounts import RowKind
from adapters.odoo.client import OdooClient, Row, of
from adapters.odoo.documents import Documents
from adapters.odoo.places import Places
from engine.model.entry import CreditLine, Entry, EntryKind
from engine.model.failure import Refused, Unmapped
from engine.model.ids import DocumentId

PAYMENT, MOVE = "account.payment", "account.move"
DEAD = ("cancel", "canceled", "rejected")
DIRECTION = {EntryKind.PAYMENT: "inbound", EntryKind.REFUND: "outbound"}


class Posting:
    """Posts entries of orders."""

    def __init__(
        self,
        client: OdooClient,
        places: Places,
        documents: Documents,
        journal: str,
        products: Mapping[RowKind, str],
    ) -> None:
        self._client, self._places, self._documents = client, places, documents
        self._journal, self._products = journal, products
        self._journals: dict[str, int] = {}
        """Ids by code."""

    async def post(self, document: DocumentId, entry: Entry) -> Mapping[str, Decimal]:
        """Post an entry unless it is there; amounts of all of its kind, by key."""
        order = await self._documents.row(document)
        there = await self._there(order, entry.kind)
        if entry.key not in _amounts(there, order):
            self._fits(order, entry, there)
            draft = next(
                (row for row in there if _key(row, order) == entry.key and row["state"] == "draft"), None
            )
            number = await self._draft(order, entry) if draft is None else int(draft["id"])
            await self._same(entry, number)
            await self._client.call(_model(entry.kind), "action_post", [number])
            there = await self._there(order, entry.kind)
        return _amounts(there, order)

    async def _there(self, order: Row, kind: EntryKind) -> list[Row]:
        text, amount = await self._fields(kind)
        domain = [[text, "ilike", f"{order['client_order_ref']} "], self._kind(kind)]
        rows = await self._client.rows(_model(kind), domain, [text, amount, "state"])
        return [
            {"id": row["id"], "state": row["state"], "text": row[text] or "", "amount": row[amount]}
            for row in rows
            if row["state"] not in DEAD
        ]

    def _kind(self, kind: EntryKind) -> list[str]:
        if kind is EntryKind.CREDIT:
            return ["move_type", "=", "out_refund"]
        return ["payment_type", "=", DIRECTION[kind]]

    async def _fields(self, kind: EntryKind) -> tuple[str, str]:
        """Where its text and its amount stand: a payment's text is called memo since Odoo 18."""
        if kind is EntryKind.CREDIT:
            return "ref", "amount_total"
        return ("memo" if "memo" in await self._client.fields(PAYMENT) else "ref"), "amount"

    async def _draft(self, order: Row, entry: Entry) -> int:
        text, _ = await self._fields(entry.kind)
        values: Row = {
            "partner_id": of(order["partner_id"]),
            "currency_id": of(order["currency_id"]),
            text: f"{order['client_order_ref']} {entry.key}",
        }
        if entry.kind is EntryKind.CREDIT:
            values |= {"move_type": "out_refund", "invoice_date": entry.at.date().isoformat()}
            values |= {"invoice_origin": order["name"], "invoice_line_ids": await self._lines(entry)}
        else:
            values |= {"payment_type": DIRECTION[entry.kind], "partner_type": "customer"}
            values |= {"amount": float(entry.amount), "date": entry.at.date().isoformat()}
            values |= {"journal_id": await self._journal_of(entry)}
        return await self._client.create(_model(entry.kind), values)

    async def _same(self, entry: Entry, number: int) -> None:
        """The draft must say what the entry says; else it is deleted."""
        _, amount = await self._fields(entry.kind)
        [row] = await self._client.rows(_model(entry.kind), [["id", "=", number]], [amount])
        made = Decimal(str(row[amount]))
        if made != entry.amount:
            await self._client.call(_model(entry.kind), "unlink", [number])
            raise Refused(
                f"Odoo makes {made} of {entry.kind.value.replace('_', ' ')} {entry.amount} {entry.currency} of order "
                f"{entry.name}.",
                "Take default taxes off the service products and set the accuracy of prices to the currency's, and retry.",
                code="total_differs",
            )

    def _fits(self, order: Row, entry: Entry, there: list[Row]) -> None:
        """Credit notes never exceed what the order is worth, and none is negative."""
        credited = sum(_amounts(there, order).values(), entry.amount)
        if entry.amount <= 0 or (
            entry.kind is EntryKind.CREDIT and credited > Decimal(str(order["amount_total"]))
        ):
            raise Refused(
                f"Odoo takes no {entry.kind.value.replace('_', ' ')} of {entry.amount} {entry.currency} for order "
                f"{entry.name}, which is worth {order['amount_total']}.",
                "Enter it there by hand, then resolve this record.",
                code="enter_by_hand",
            )

    async def _lines(self, entry: Entry) -> list[object]:
        codes = {self._code(line) for line in entry.lines} | {self._products[RowKind.OTHER]}
        codes.add(self._products[RowKind.TAX])
        known = await self._places.product_ids(codes)
        lines = entry.lines or (CreditLine("", None, "Correction", 1, entry.amount, Decimal(0)),)
        made: list[object] = []
        for line in lines:
            net = line.amount - line.tax if entry.taxes_included else line.amount
            product = known.get(self._code(line), known.get(self._products[RowKind.OTHER]))
            text = f"{line.quantity} × {line.title}" if line.sku else line.title
            for number, words, amount in (
                (product, text, net),
                (known.get(self._products[RowKind.TAX]), f"Tax on {line.title}", line.tax),
            ):
                if amount:
                    values = {"product_id": number, "name": words, "quantity": 1, "price_unit": float(amount)}
                    made.append([0, 0, values | {"tax_ids": [[6, 0, []]]}])
        return made

    def _code(self, line: CreditLine) -> str:
        return str(line.sku) if line.sku else self._products[RowKind.OTHER]

    async def _journal_of(self, entry: Entry) -> int:
        code = entry.account or self._journal
        if code in self._journals:
            return self._journals[code]
        found = await self._client.rows("account.journal", [["code", "=", code]], ["code", "type"])
        if not found:
            raise Unmapped(
                f"Odoo has no journal with the code {code}.",
                "Correct journal of this connection, or the account in [connections.payments], restart, and retry.",
                code="journal_unknown",
            )
        self._journals[code] = int(found[0]["id"])
        return self._journals[code]


def _model(kind: EntryKind) -> str:
    return MOVE if kind is EntryKind.CREDIT else PAYMENT


def _key(row: Row, order: Row) -> str:
    """The key in its text; empty for what only looks alike."""
    head, _, key = str(row["text"]).partition(" ")
    return key if head == order["client_order_ref"] else ""


def _amounts(rows: list[Row], order: Row) -> dict[str, Decimal]:
    """Posted ones, by key."""
    posted = [row for row in rows if row["state"] != "draft" and _key(row, order)]
    return {_key(row, order): Decimal(str(row["amount"])) for row in posted}

"""Invoices, credit notes and payments of sales; nothing keeps a payment or a credit note from being entered twice."""

from collections.abc import Mapping
from decimal import Decimal

from adapters.cin7_core.sandbox.acts import Acts
from adapters.cin7_core.sandbox.ledger import Ledger, place_of
from adapters.cin7_core.sandbox.naming import NOTHING, Wrong, guid, moment, needed, only
from adapters.sandbox.books import BookedOrder, Json, NotPossible

ACCOUNTS = {"855": "Shopify clearing", "856": "PayPal clearing"}
"""Accounts payments may go through, by code."""
PAYMENT = frozenset(["TaskID", "Type", "Reference", "Amount", "DatePaid", "Account", "CurrencyRate"])
NOTE = frozenset(
    ["SaleID", "TaskID", "Status", "CreditNoteDate", "CreditNoteNumber", "Memo", "Lines", "AdditionalCharges",
     "Restock", "Refunds", "TotalBeforeTax", "Tax", "Total"]
)  # fmt: skip


class Billing:
    """Verbs by path."""

    def __init__(self, ledger: Ledger, acts: Acts) -> None:
        self._ledger, self._acts, self._books = ledger, acts, ledger.books

    def invoice(self, body: Json) -> BookedOrder:
        """POST sale/invoice, a new one."""
        one = self._acts.authorised(body)
        needed(body, "TaskID", "InvoiceDate", "Status")
        if body["TaskID"] != NOTHING:
            raise Wrong("Invoice not found", 404)
        moment(body["InvoiceDate"])
        number = guid("invoice", f"{one.id}.{len(one.facts['invoices'])}")
        one.facts["invoices"].append({**body, "TaskID": number})
        self._ledger.touch(one)
        return one

    def credit(self, body: Json) -> BookedOrder:
        """POST sale/creditnote: only what was invoiced, and no more back than went out."""
        one = self._acts.authorised(body)
        only(body, NOTE, "Credit Note")
        needed(body, "TaskID", "CreditNoteDate", "Status")
        if body["TaskID"] != NOTHING:
            raise Wrong("Credit note not found", 404)
        if len(str(body.get("Memo") or "")) > 256:
            raise Wrong("Memo is longer than 256 characters")
        if not any(each["Status"] == "AUTHORISED" for each in one.facts["invoices"]):
            raise Wrong("Credit note can be created only when invoice is AUTHORISED or PAID")
        if not body.get("Lines") and not body.get("AdditionalCharges"):
            raise Wrong("Credit note has no lines")
        if self._acts.priced(body) < 0:
            raise Wrong("Total cannot be negative")
        back = [(line["SKU"], place_of(line["Location"], self._books), int(line["Quantity"]))
                for line in body.get("Restock") or ()]  # fmt: skip
        try:
            with self._ledger.acting():
                for sku, place, units in back:
                    self._books.take_back(one, sku, place, units)
        except NotPossible as no:
            raise Wrong(str(no)) from no
        number = guid("credit note", f"{one.id}.{len(one.facts['credits'])}")
        one.facts["credits"].append({**body, "TaskID": number})
        self._ledger.touch(one)
        return one

    def payments(self, asked: Mapping[str, str]) -> list[Json]:
        """GET sale/payment: all of one sale, a bare list."""
        return list(self._ledger.sale(asked.get("SaleID")).facts.get("payments", []))

    def pay(self, body: Json) -> Json:
        """POST sale/payment: before the invoice, for it, or back to the buyer for a credit note."""
        only(body, PAYMENT, "Payment")
        needed(body, "TaskID", "Type", "Amount", "DatePaid", "Account", "CurrencyRate")
        moment(body["DatePaid"])
        if body["Account"] not in ACCOUNTS:
            raise Wrong(f"Account with code '{body['Account']}' not found")
        one, most = self._payable(str(body["Type"]), str(body["TaskID"]))
        amount = Decimal(str(body["Amount"]))
        if amount <= 0 or amount != round(amount, 2):
            raise Wrong("Amount must be greater than zero and have at most 2 decimal places")
        if Decimal(str(body["CurrencyRate"])) != Decimal(str(one.facts["head"]["CurrencyRate"])):
            raise Wrong("CurrencyRate differs from that of the sale")
        if amount > most:
            raise Wrong(f"Amount cannot be more than {most}")
        rows = one.facts.setdefault("payments", [])
        made: Json = {"ID": guid("payment", f"{one.id}.{len(rows)}"), "SaleID": guid("sale", one.id), **body}
        rows.append(made)
        self._ledger.touch(one)
        return made

    def _payable(self, kind: str, task: str) -> tuple[BookedOrder, Decimal]:
        """The sale of a task, and how much may still be paid for it."""
        for one in self._ledger.all():
            facts = one.facts
            if not facts.get("head") or one.status not in ("open", "shipped"):
                continue
            paid = sum(
                (_amount(row) for row in facts.get("payments", ()) if row["Type"] != "Refund"), Decimal(0)
            )
            if kind == "Prepayment" and task == guid("sale", one.id):
                if facts["invoices"]:
                    raise Wrong("Prepayment can be added only before the invoice is AUTHORISED")
                return one, Decimal(str(one.total)) - paid
            if kind == "Payment" and any(row["TaskID"] == task for row in facts["invoices"]):
                return one, Decimal(str(one.total)) - paid
            if kind == "Refund":
                for note in facts["credits"]:
                    if note["TaskID"] == task:
                        back = [row for row in facts.get("payments", ()) if row["TaskID"] == task]
                        return one, Decimal(str(note["Total"])) - sum(map(_amount, back), Decimal(0))
        raise Wrong(f"{kind} is not possible: task {task} not found", 404)


def money(ledger: Ledger) -> Json:
    """What was entered for sales with a reference, by kind."""
    found: dict[str, list[Json]] = {"payments": [], "credits": [], "refunds": []}
    for one in ledger.all():
        if not one.facts.get("head"):
            continue
        head = {"document": guid("sale", one.id)}
        for row in one.facts.get("payments", ()):
            name = "refunds" if row["Type"] == "Refund" else "payments"
            found[name].append(head | {"text": row["Reference"], "amount": str(row["Amount"])})
        for note in one.facts["credits"]:
            found["credits"].append(head | {"text": note.get("Memo"), "amount": str(note["Total"])})
    return dict(found)


def _amount(row: Json) -> Decimal:
    return Decimal(str(row["Amount"]))

"""Invoices and what pays them: made from orders by transform, paid by the deposits of the order and by payments."""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

from adapters.netsuite.sandbox.asked import Wrong, id_of, known
from adapters.netsuite.sandbox.ledger import PENDING_BILLING, Ledger, Line, Transaction
from adapters.netsuite.sandbox.taxing import Taxes
from adapters.sandbox.books import Json

INVOICE = frozenset(
    ["externalId", "tranDate", "dueDate", "memo", "otherRefNum", "terms", "location", "department", "item"]
)
INVOICE_LINE = frozenset(["orderLine", "quantity", "rate", "amount", "description", "location"])


class Bills:
    """Invoices of the ledger's orders."""

    def __init__(self, ledger: Ledger, taxes: Taxes) -> None:
        self._ledger, self._taxes = ledger, taxes

    def invoice(self, sale: Transaction, body: Json) -> Transaction:
        """Bill an order: with no lines named, all that was fulfilled and what is never fulfilled."""
        known(body, INVOICE | self._taxes.body, "")
        if self._ledger.status_of(sale) not in PENDING_BILLING:
            raise Wrong(
                "USER_ERROR", "You have attempted an invalid transformation: nothing is to be billed."
            )
        billed = list(_chosen(sale, body))
        if not billed:
            raise Wrong("USER_ERROR", "You must enter at least one line item for this transaction.")
        lines = [
            replace(line, number=at, quantity=units, amount=line.rate * units, closed=False, done=0, billed=0)
            for at, (line, units) in enumerate(billed, 1)
        ]
        # that taxes are overridden is not taken over from the order: it is said again, or the engine taxes anew
        override, taxes = self._taxes.read(body, lines)
        made = self._ledger.add("CustInvc", "A", body.get("externalId"), sale.id)
        made.lines, made.override, made.taxes = lines, override, taxes
        made.facts = {"total": made.worth, "entity": sale.facts.get("entity")}
        for line, units in billed:
            line.billed += units
        self._take_deposits(sale, made)
        self._ledger.touch(made)
        self._ledger.touch(sale)
        return made

    def row(self, invoice: Transaction) -> Json:
        """An invoice as the record service gives it."""
        open_, total = self._ledger.open_of(invoice), self._ledger.amount(invoice)
        return {
            "id": str(invoice.id),
            "externalId": invoice.external_id,
            "createdFrom": {"id": str(invoice.previous)},
            "status": {"id": "A" if open_ else "B"},
            "total": float(total),
            "amountRemaining": float(open_),
            "amountPaid": float(total - open_),
        }

    def pay(self, body: Json, customer: str) -> tuple[Decimal, dict[int, Decimal]]:
        """The amount of a payment, and which invoices it pays how much of."""
        amount = Decimal(str(body["payment"]))
        if amount <= 0:
            raise Wrong("USER_ERROR", "The payment amount must be greater than zero.", "payment")
        used: dict[int, Decimal] = {}
        for at, asked in enumerate((body.get("apply") or {}).get("items", [])):
            path = f"apply.items[{at}]"
            known(asked, frozenset(["doc", "apply", "amount", "line"]), path)
            number = id_of(asked.get("doc", {}))
            invoice = self._ledger.transactions.get(int(number)) if number.isdigit() else None
            if invoice is None or invoice.type != "CustInvc" or invoice.facts.get("entity") != customer:
                raise Wrong("INVALID_CONTENT", "Invalid Field Value for the following field: doc", path)
            worth = Decimal(str(asked["amount"]))
            if not asked.get("apply") or not 0 < worth <= self._ledger.open_of(invoice):
                raise Wrong("USER_ERROR", "You cannot apply more than the amount remaining.", path)
            used[invoice.id] = worth
        if sum(used.values(), Decimal(0)) > amount:
            raise Wrong("USER_ERROR", "You cannot apply more than the payment.", "apply")
        return amount, used

    def _take_deposits(self, sale: Transaction, invoice: Transaction) -> None:
        """Deposits of the order pay its invoice, as far as they are open."""
        for deposit in [
            one
            for one in self._ledger.transactions.values()
            if one.type == "CustDep" and one.previous == sale.id
        ]:
            take = min(self._ledger.open_of(deposit), self._ledger.open_of(invoice))
            if take > 0:
                applied = self._ledger.add("DepAppl", "A", None, deposit.id)
                applied.facts = {"total": take, "entity": invoice.facts["entity"], "used": {invoice.id: take}}


def _chosen(sale: Transaction, body: Json) -> Iterator[tuple[Line, int]]:
    """(line, units) to bill; a line that is not named is billed as far as it can be."""
    asked: dict[Any, Json] = {}
    for at, each in enumerate((body.get("item") or {}).get("items", [])):
        known(each, INVOICE_LINE, f"item.items[{at}]")
        if sale.line(each.get("orderLine", 0)) is None:
            raise Wrong("INVALID_CONTENT", "Invalid orderLine", f"item.items[{at}].orderLine")
        asked[each["orderLine"]] = each
    for line in sale.lines:
        units = int(asked.get(line.number, {}).get("quantity", line.to_bill))
        if not 0 <= units <= line.to_bill:
            raise Wrong("USER_ERROR", f"Line {line.number} has only {line.to_bill} left to bill.")
        if units:
            yield line, units

"""Deposits, payments, credit memos and customer refunds: upserts by external id, open amounts that go down as they are used."""

import re
from collections.abc import Callable
from decimal import Decimal

from adapters.netsuite.sandbox.asked import Wrong, id_of, known
from adapters.netsuite.sandbox.billing import Bills
from adapters.netsuite.sandbox.ledger import Ledger, Line, worth
from adapters.netsuite.sandbox.taxing import Taxes
from adapters.sandbox.books import Books, Json

MONEY = {
    "customerDeposit": "CustDep",
    "customerPayment": "CustPymt",
    "creditMemo": "CustCred",
    "customerRefund": "CustRfnd",
}
ACCOUNTS = {"220": "Shopify clearing", "221": "PayPal clearing", "119": "Undeposited Funds"}
"""Accounts money can go through, by internal id."""
DEPOSIT = frozenset(
    ["customer", "salesOrder", "payment", "account", "undepFunds", "currency", "tranDate", "externalId",
     "paymentOption", "memo", "subsidiary"]
)  # fmt: skip
PAYMENT = frozenset(
    ["customer", "payment", "account", "undepFunds", "currency", "tranDate", "externalId", "paymentOption", "memo",
     "subsidiary", "apply", "autoApply"]
)  # fmt: skip
MEMO = frozenset(
    ["entity", "externalId", "tranDate", "otherRefNum", "memo", "location", "subsidiary", "currency", "item"]
)
MEMO_LINE = frozenset(["item", "quantity", "price", "rate", "amount", "location", "description"])
REFUND = frozenset(
    ["customer", "account", "currency", "tranDate", "externalId", "memo", "paymentOption", "apply", "deposit",
     "subsidiary"]
)  # fmt: skip
APPLIED = frozenset(["doc", "apply", "amount", "line"])
FIELDS = {
    "customerDeposit": DEPOSIT,
    "customerPayment": PAYMENT,
    "creditMemo": MEMO,
    "customerRefund": REFUND,
}
SHOWN = {
    "CustDep": "payments",
    "CustPymt": "payments",
    "CustCred": "credits",
    "CustRfnd": "refunds",
    "CustInvc": "bills",
}
WANTED = {"customerDeposit": "payment", "customerPayment": "payment", "creditMemo": "item"}


class MoneyRecords:
    """What the record service does with them."""

    def __init__(self, books: Books, ledger: Ledger, line: Callable[[int, Json], Line], taxes: Taxes) -> None:
        """`line` reads a line of items as of an order."""
        self._books, self._ledger, self._line, self._taxes = books, ledger, line, taxes
        self._bills = Bills(ledger, taxes)

    def put(self, record: str, external_id: str, body: Json, customers: set[str]) -> str:
        """Make one, or change the one with this external id."""
        who = "entity" if record == "creditMemo" else "customer"
        fields = FIELDS[record]
        known(body, fields | self._taxes.body if record == "creditMemo" else fields, "")
        for name in (who, WANTED.get(record, "account")):
            if not body.get(name):
                raise Wrong("USER_ERROR", f"Please enter value(s) for: {name}")
        if id_of(body[who]) not in customers:
            raise Wrong("INVALID_CONTENT", f"Invalid Field Value for the following field: {who}", who)
        if id_of(body.get("currency", {"id": "1"})) != "1":
            raise Wrong(
                "INVALID_CONTENT", "Invalid Field Value for the following field: currency", "currency"
            )
        if "account" in body and id_of(body["account"]) not in ACCOUNTS:
            raise Wrong("INVALID_CONTENT", "Invalid Field Value for the following field: account", "account")
        kept = self._ledger.by_external_id(MONEY[record], external_id)
        if kept is not None:
            raise Wrong("USER_ERROR", "the sandbox's NetSuite changes no deposit, credit memo or refund")
        total, previous, facts, lines = getattr(self, f"_{record}")(body, id_of(body[who]))
        made = self._ledger.add(MONEY[record], "A", external_id, previous)
        made.taxes, made.override = facts.pop("taxes", []), facts.pop("override", False)
        made.lines, made.facts = lines, {**facts, "total": total, "entity": id_of(body[who])}
        self._ledger.touch(made)
        return str(made.id)

    def find(self, record: str, number: str) -> Json | None:
        """One with what is open of it; None when there is none."""
        one = self._ledger.by_external_id(MONEY[record], number.removeprefix("eid:"))
        one = one or (self._ledger.transactions.get(int(number)) if number.isdigit() else None)
        if one is None or one.type != MONEY[record]:
            return None
        total, open_ = self._ledger.amount(one), self._ledger.open_of(one)
        row: Json = {"id": str(one.id), "externalId": one.external_id, "total": float(total)}
        if record == "customerDeposit":
            return row | {"payment": float(total), "refundedAmountTotalBox": float(self._ledger.taken(one))}
        if record == "creditMemo":
            return row | {"amountRemaining": float(open_), "applied": float(total - open_)}
        return row

    def _customerDeposit(self, body: Json, customer: str) -> tuple[Decimal, int | None, Json, list[Line]]:
        amount = Decimal(str(body["payment"]))
        if amount <= 0:
            raise Wrong("USER_ERROR", "The payment amount must be greater than zero.", "payment")
        if "account" in body and id_of(body.get("undepFunds", {"id": "T"})) != "F":
            raise Wrong(
                "USER_ERROR", "An account cannot be chosen while the deposit goes to undeposited funds."
            )
        number = id_of(body["salesOrder"]) if body.get("salesOrder") else ""
        sale = self._ledger.transactions.get(int(number)) if number.isdigit() else None
        if number and (
            sale is None
            or sale.type != "SalesOrd"
            or sale.facts.get("entity") != customer
            or self._ledger.status_of(sale) == "G"  # no choice any more once it is billed in full
        ):
            raise Wrong(
                "INVALID_CONTENT", "Invalid Field Value for the following field: salesOrder", "salesOrder"
            )
        if sale is not None and id_of(body.get("subsidiary", "")) != sale.facts.get("subsidiary", ""):
            raise Wrong("USER_ERROR", "The subsidiary of the deposit is not that of the sales order.")
        return amount, sale.id if sale else None, {}, []

    def _customerPayment(self, body: Json, customer: str) -> tuple[Decimal, int | None, Json, list[Line]]:
        amount, used = self._bills.pay(body, customer)
        return amount, None, {"used": used}, []

    def _creditMemo(self, body: Json, _customer: str) -> tuple[Decimal, int | None, Json, list[Line]]:
        for at, line in enumerate(body["item"]["items"]):
            known(line, MEMO_LINE | self._taxes.line, f"item.items[{at}]")
        lines = [self._line(at, each) for at, each in enumerate(body["item"]["items"], 1)]
        override, taxes = self._taxes.read(body, lines)
        total = worth(lines, taxes)
        if not lines or total < 0:
            raise Wrong(
                "USER_ERROR", "You must enter at least one line item, and the total cannot be negative."
            )
        for line in lines:
            if line.location is not None:
                # a stocked item on a credit memo of its own goes back on the shelf
                self._books.enter(line.item, line.location, "return", line.quantity)
        return total, None, {"taxes": taxes, "override": override}, lines

    def _customerRefund(self, body: Json, customer: str) -> tuple[Decimal, int | None, Json, list[Line]]:
        used: dict[int, Decimal] = {}
        for name, kind in (("apply", "CustCred"), ("deposit", "CustDep")):
            for at, asked in enumerate((body.get(name) or {}).get("items", [])):
                path = f"{name}.items[{at}]"
                known(asked, APPLIED, path)
                number = id_of(asked.get("doc", {}))
                one = self._ledger.transactions.get(int(number)) if number.isdigit() else None
                if one is None or one.type != kind or one.facts.get("entity") != customer:
                    raise Wrong("INVALID_CONTENT", "Invalid Field Value for the following field: doc", path)
                amount = Decimal(str(asked["amount"]))
                if not asked.get("apply") or not 0 < amount <= self._ledger.open_of(one):
                    raise Wrong("USER_ERROR", "You cannot apply more than the amount remaining.", path)
                used[one.id] = used.get(one.id, Decimal(0)) + amount
        if not used:
            raise Wrong("USER_ERROR", "You must apply the refund to at least one credit or deposit.")
        return sum(used.values(), Decimal(0)), None, {"used": used}, []


def money(ledger: Ledger) -> Json:
    """Deposits, payments, credit memos and refunds with the order their external id names, and what orders were billed."""
    orders = {one.external_id: one for one in ledger.transactions.values() if one.type == "SalesOrd"}
    found: dict[str, list[Json]] = {"payments": [], "credits": [], "refunds": [], "bills": []}
    for one in ledger.transactions.values():
        name = SHOWN.get(one.type)
        order = orders.get(re.split("-(?:dep|crd|ref|inv)-", str(one.external_id))[0])
        if one.type == "CustInvc":
            order = ledger.transactions.get(one.previous or 0)
        if name is not None and order is not None:
            row = {"document": str(order.id), "text": one.external_id, "amount": str(ledger.amount(one))}
            found[name].append(row | {"ref": order.order.ref if order.order else None})
    return dict(found)

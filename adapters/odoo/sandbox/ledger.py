"""Odoo's Invoicing, as far as orders need it: payments and credit notes, drafts until they are posted."""

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from adapters.odoo.sandbox.acts import Acts, UserError, ValidationError
from adapters.odoo.sandbox.records import Record, Records

CENT = Decimal("0.01")


class Entries:
    """Methods of account.payment and account.move; each is one transaction."""

    def __init__(self, records: Records, acts: Acts) -> None:
        self._records, self._acts = records, acts

    def create_payment(self, vals: Record) -> int:
        """A draft payment."""
        self._acts.checked("account.payment", vals)
        amount = Decimal(str(vals.get("amount", 0))).quantize(CENT, ROUND_HALF_UP)
        if amount < 0:
            raise ValidationError("The payment amount cannot be negative.")
        if vals["payment_type"] not in ("inbound", "outbound"):
            raise ValueError(f"Wrong value for account.payment.payment_type: {vals['payment_type']!r}")
        journal = self._records.one("account.journal", int(vals["journal_id"])) or {}
        if journal.get("type") not in ("bank", "cash"):
            raise UserError("Payments are made in a journal of type bank or cash.")
        return self._add("account.payment", {**vals, "amount": float(amount)})

    def create_move(self, vals: Record) -> int:
        """A draft credit note."""
        lines = [command[2] for command in vals.get("invoice_line_ids", [])]
        head = {name: value for name, value in vals.items() if name != "invoice_line_ids"}
        self._acts.checked("account.move", head)
        if vals["move_type"] != "out_refund":
            raise ValueError("the sandbox's Odoo makes credit notes only")
        total = Decimal(0)
        for line in lines:
            self._acts.checked("account.move.line", line)
            if any(command[-1] for command in line.get("tax_ids", [])):
                raise ValueError("the sandbox's Odoo knows no taxes of its own")
            price = Decimal(str(line["price_unit"])).quantize(CENT, ROUND_HALF_UP)
            total += price * Decimal(str(line.get("quantity", 1)))
        return self._add("account.move", {**head, "amount_total": float(total), "lines": lines})

    def post(self, model: str, ids: list[int]) -> bool:
        """Drafts become entries; nothing else does."""
        for number in ids:
            row = self._one(model, number)
            if row["state"] != "draft":
                raise UserError("Only draft entries can be posted.")
            if model == "account.move" and not row["lines"]:
                raise UserError("You need to add a line before posting.")
            if model == "account.move" and row["amount_total"] < 0:
                raise UserError(
                    "You cannot validate an invoice with a negative total amount. You should create a credit note instead."
                )
        for number in ids:
            payment = model == "account.payment" and self._records.version >= 18
            self._one(model, number)["state"] = "in_process" if payment else "posted"
        return True

    def unlink(self, model: str, ids: list[int]) -> bool:
        """Drafts only."""
        for number in ids:
            if self._one(model, number)["state"] != "draft":
                raise UserError("You cannot delete an entry which has been posted once.")
        for number in ids:
            del self._records.entries[model][number]
        return True

    def _add(self, model: str, vals: Record) -> int:
        self._acts.linked(model, vals)
        number = self._records.entered = self._records.entered + 1
        blank = dict.fromkeys(self._acts.fields[model], False)
        self._records.entries[model][number] = {**blank, **vals, "id": number, "state": "draft"}
        return number

    def _one(self, model: str, number: int) -> dict[str, Any]:
        found = self._records.entries[model].get(number)
        if found is None:
            raise ValidationError(f"Record does not exist or has been deleted: {model}({number},)")
        return found


def money(records: Records) -> dict[str, list[Record]]:
    """Posted payments, credit notes and refunds, by the order their text names."""
    documents = {one.ref: str(one.id) for one in records.orders()}
    found: dict[str, list[Record]] = {"payments": [], "credits": [], "refunds": []}
    for row in records.entries["account.payment"].values():
        text, kind = (
            row.get("memo") or row.get("ref"),
            "payments" if row["payment_type"] == "inbound" else "refunds",
        )
        found[kind].append({"text": text, "amount": str(row["amount"]), "state": row["state"]})
    for row in records.entries["account.move"].values():
        found["credits"].append(
            {"text": row["ref"], "amount": str(row["amount_total"]), "state": row["state"]}
        )
    return {
        kind: [
            row | {"document": documents.get(str(row["text"]).partition(" ")[0])}
            for row in rows
            if row["state"] != "draft"
        ]
        for kind, rows in found.items()
    }

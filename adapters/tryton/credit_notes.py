"""Credit notes of sales: customer invoices of Tryton with negative lines and no taxes of Tryton's own.

One is told by its reference: Shopify's numbers of the order and the refund. Its lines do not name the lines of the sale
as their origin, or Tryton would invoice again what they give back. It counts in the books on the day of the refund,
and bears the date on which it is posted, for Tryton numbers invoices in the order of their dates.
"""

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal

from adapters.amounts import CHARGES, RowKind, spread
from adapters.posting import CreditRow, credit_rows, key_of, short
from adapters.tryton.entered import Account, Entered, naming, number_of, told
from adapters.tryton.looks import Looks
from adapters.tryton.payments import open_period, receivable
from adapters.tryton.rpc import Row, Rpc
from engine.model.entry import Entry, EntryKind
from engine.model.failure import Unmapped
from engine.model.ids import OrderId
from engine.model.money import exponent

POSTED = ("posted", "paid")
TEXT = re.compile(r"^Shopify (\d+)/([0-9-]+)$")


class CreditNotes:
    """Customer invoices that give back, of one company."""

    model = "account.invoice"

    def __init__(self, rpc: Rpc) -> None:
        self._rpc = rpc

    async def there(self, refs: Sequence[OrderId], kind: EntryKind) -> Mapping[OrderId, list[Entered]]:
        """Credit notes of each order, drafts too."""
        domain = [
            naming("reference", refs),
            *(["type", "=", "out"], ["state", "!=", "cancelled"], ["company", "=", self._rpc.company]),
        ]
        rows = await self._rpc.rows(self.model, domain, ["reference", "state", "total_amount"])
        found: dict[OrderId, list[Entered]] = {ref: [] for ref in refs}
        for row, ref, said in told(rows, "reference", TEXT, refs):
            posted = row["state"] in POSTED
            found[ref].append(Entered(row["id"], key_of(kind, said[2]), posted, -row["total_amount"]))
        return found

    async def values(self, looks: Looks, account: Account, entry: Entry) -> Row:
        """The draft, which Tryton adds up itself."""
        day = entry.at.date()
        books = await receivable(looks, account, day)
        await open_period(looks, entry, day, books["journal"])
        return {
            "type": "out",
            "company": looks.company,
            "party": account.party,
            "invoice_address": account.address,
            "currency": account.currency,
            "journal": books["journal"],
            "account": books["account"],
            "accounting_date": day,
            "reference": f"Shopify {number_of(account.ref)}/{short(entry)}",
            "description": f"Refund of {entry.name}",
            "comment": entry.note,
            "lines": [["create", await _lines(looks, account, entry)]],
        }


async def _lines(looks: Looks, account: Account, entry: Entry) -> list[Row]:
    rows = credit_rows(entry)
    codes = {_code(row) for row in rows} | {CHARGES[RowKind.OTHER]}
    domain = [["code", "in", sorted(codes)]]
    found = await looks.rows("product.product", domain, ["code", "default_uom"])
    known = {row["code"].strip(): row for row in found}
    step = Decimal(1).scaleb(-exponent(entry.currency))
    made = []
    for row in rows:
        product = known.get(_code(row)) or known.get(CHARGES[RowKind.OTHER])
        if product is None:
            raise Unmapped(
                f"Tryton has no active product with the code {_code(row)}",
                "Create the product in Tryton or correct its code, then retry",
                code="tryton_product",
            )
        revenue = await _revenue(looks, account, product)
        for units, price in spread(row.amount, row.units, step):
            line = {"type": "line", "product": product["id"], "unit": product["default_uom"]}
            line |= {"account": revenue, "currency": account.currency, "company": looks.company}
            text = row.text.removeprefix(f"{row.units} × ")
            made.append(line | {"quantity": -float(units), "unit_price": price, "description": text})
    return made


async def _revenue(looks: Looks, account: Account, product: Row) -> int:
    """The account that a customer invoice books this product on, as Tryton itself chooses it."""
    asked = {
        "type": "line",
        "invoice_type": "out",
        "product": product["id"],
        "party": account.party,
        "company": looks.company,
        "currency": account.currency,
    }
    made = await looks.model("account.invoice.line", "on_change_product", asked)
    if not made.get("account"):
        raise Unmapped(
            f"Tryton knows no revenue account for the product {product['code']}",
            "Give its account category a revenue account in Tryton, then retry",
            code="tryton_no_revenue_account",
        )
    return int(made["account"])


def _code(row: CreditRow) -> str:
    return str(row.sku) if row.kind is RowKind.GOODS else CHARGES[row.kind]

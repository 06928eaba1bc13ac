"""Payments and refunds of sales as account moves: the receivable of the buyer against the account of a payment method.

They are what Tryton's own wizard for paying an invoice makes, but need no invoice: an order may be paid long before
one is posted. A move is told by its description: Shopify's numbers of the order and the transaction, and what it is.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from adapters.posting import by_hand, key_of, short
from adapters.tryton.entered import Account, Entered, naming, number_of, told
from adapters.tryton.looks import Looks
from adapters.tryton.rpc import Row, Rpc
from engine.model.entry import Entry, EntryKind
from engine.model.failure import Refused, Unmapped
from engine.model.ids import OrderId

METHOD = "account.invoice.payment.method"
TEXT = re.compile(r"^Shopify (\d+)/([0-9-]+) (payment|refund) ")


class Payments:
    """Account moves of the orders of one company."""

    model = "account.move"

    def __init__(self, rpc: Rpc, method: str) -> None:
        self._rpc, self._method = rpc, method

    async def there(self, refs: Sequence[OrderId], kind: EntryKind) -> Mapping[OrderId, list[Entered]]:
        """Moves of each order; those by which Tryton takes a move back name that move as their origin."""
        domain = [
            naming("description", refs),
            *(["journal.type", "=", "cash"], ["origin", "=", None]),
            ["company", "=", self._rpc.company],
        ]
        lines = [f"lines.{name}" for name in ("debit", "credit", "amount_second_currency")]
        rows = await self._rpc.rows(self.model, domain, ["description", "state", *lines])
        found: dict[OrderId, list[Entered]] = {ref: [] for ref in refs}
        for row, ref, said in told(rows, "description", TEXT, refs):
            if said[3] == kind.value and row["lines."]:
                posted = row["state"] == "posted"
                found[ref].append(
                    Entered(row["id"], key_of(kind, said[2]), posted, _amount(row["lines."][0]))
                )
        return found

    async def values(self, looks: Looks, account: Account, entry: Entry) -> Row:
        """The move, which counts for nothing until it is posted."""
        method, day = await self._chosen(looks, entry), entry.at.date()
        period = await open_period(looks, entry, day, method["journal"])
        books = await receivable(looks, account, day)
        home = await _in_books(looks, account, entry, day)
        party = {"party": account.party}
        incoming = entry.kind is EntryKind.PAYMENT
        theirs = {"account": books["account"], **party}
        side = "debit_account" if incoming else "credit_account"
        ours = {"account": method[side], **(party if method[f"{side}."]["party_required"] else {})}
        sides = (ours, theirs) if incoming else (theirs, ours)
        words = " by ".join(part for part in (entry.name, entry.gateway) if part)
        lines = [
            {
                **line,
                "debit": home if sign > 0 else Decimal(0),
                "credit": home if sign < 0 else Decimal(0),
                "description": words,
                **account.second(sign * entry.amount),
            }
            for sign, line in zip((1, -1), sides, strict=True)
        ]
        text = f"Shopify {number_of(account.ref)}/{short(entry)} {entry.kind.value} of {words}"
        return {
            "company": looks.company,
            "journal": method["journal"],
            "period": period,
            "date": day,
            "description": text,
            "lines": [["create", lines]],
        }

    async def _chosen(self, looks: Looks, entry: Entry) -> Row:
        """The payment method of this gateway, else of the connection."""
        name = entry.account or self._method
        found = await methods(looks, [name])
        if len(found) != 1:
            raise Unmapped(
                f"Tryton has {'no' if not found else 'more than one'} invoice payment method named {name}",
                "Correct payment_method of this connection, or the account in [connections.payments], restart, and retry",
                code="tryton_payment_method",
            )
        return found[0]


async def _in_books(looks: Looks, account: Account, entry: Entry, day: date) -> Decimal:
    """The amount in the company's own currency, at the rate of that day."""
    if account.currency == account.home:
        return entry.amount
    try:
        made: Decimal = await looks.model(
            "currency.currency", "compute", account.currency, entry.amount, account.home, date=day
        )
    except Refused as no:
        raise Refused(
            no.cause,
            f"Enter a rate of {entry.currency} for {day} in Tryton (Currencies), then retry",
            code="tryton_rate",
        ) from no
    return made


async def methods(rpc: Rpc | Looks, names: Sequence[str]) -> list[Row]:
    """Payment methods in use of the company by name, with whether their accounts ask for a party."""
    sides = ["debit_account", "credit_account"]
    domain = [["name", "in", list(names)], ["company", "=", rpc.company]]
    return await rpc.rows(
        METHOD, domain, ["name", "journal", *sides, *(f"{side}.party_required" for side in sides)]
    )


async def open_period(rpc: Looks, entry: Entry, day: date, journal: int) -> int:
    """The period a day belongs to; where it or the journal is closed for it, a person decides what becomes of the entry."""
    domain = [
        *(["company", "=", rpc.company], ["type", "=", "standard"]),
        *(["start_date", "<=", day], ["end_date", ">=", day]),
    ]
    found = await rpc.rows("account.period", domain, ["name", "state"])
    if not found:
        raise by_hand(
            entry, "Tryton", f"it has no period for {day}; once there is one, the record can be retried"
        )
    period = next((row for row in found if row["state"] == "open"), None)
    if period is None:
        raise by_hand(
            entry, "Tryton", f"its period {found[0]['name']} is closed; reopened, the record can be retried"
        )
    shut = [["journal", "=", journal], ["period", "=", period["id"]], ["state", "=", "closed"]]
    for row in await rpc.rows("account.journal.period", shut, ["journal.name"]):
        said = f"its journal {row['journal.']['name']} is closed for period {period['name']}"
        raise by_hand(entry, "Tryton", f"{said}; reopened, the record can be retried")
    return int(period["id"])


async def receivable(rpc: Looks, account: Account, day: date) -> Row:
    """What an invoice to this party would have: `account` and `journal`, as Tryton itself chooses them."""
    asked = {"party": account.party, "type": "out", "company": rpc.company, "accounting_date": day}
    made: Row = await rpc.model("account.invoice", "on_change", asked, ["party", "type"])
    for field, what in (("account", "account receivable"), ("journal", "journal of type revenue")):
        if not made.get(field):
            raise Unmapped(
                f"Tryton knows no {what} for the buyer of sale {account.sale}",
                "Set the default account receivable in Tryton's accounting configuration and keep a revenue journal, "
                "then retry",
                code="tryton_no_receivable",
            )
    return made


def _amount(line: Row) -> Decimal:
    """What one side of a move of two lines says, in the currency of the order."""
    if line["amount_second_currency"] is not None:
        return abs(Decimal(line["amount_second_currency"]))
    return Decimal(line["debit"] or line["credit"])

"""Entries for booked documents, as every back office needs them: their rows, their keys, and who enters what it cannot take."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from adapters.amounts import RowKind
from engine.model.entry import CreditLine, Entry, EntryKind
from engine.model.failure import Refused
from engine.model.ids import Sku
from engine.model.sale import LineKind

CHARGES: Mapping[LineKind, RowKind] = {
    LineKind.GIFT_CARD: RowKind.GIFT_CARD,
    LineKind.SHIPPING: RowKind.SHIPPING,
    LineKind.DUTY: RowKind.DUTY,
}


@dataclass(frozen=True, slots=True)
class CreditRow:
    """One row of a credit memo."""

    kind: RowKind
    """GOODS for what has a SKU."""
    sku: Sku | None
    text: str
    amount: Decimal
    """Without tax, which has rows of its own."""
    units: int = 1
    """Of goods, that the amount is for."""
    line: int = 0
    """Which of the lines given back it is of, counted from 0; its tax has the same."""


def credit_rows(entry: Entry) -> tuple[CreditRow, ...]:
    """What was given back, line by line, and its taxes as they were charged; the rows add up to the entry's amount."""
    lines = entry.lines or (CreditLine("", None, "Correction", 1, entry.amount, Decimal(0)),)
    made: list[CreditRow] = []
    for at, line in enumerate(lines):
        net = line.amount - line.tax if entry.taxes_included else line.amount
        text = f"{line.quantity} × {line.title}" if line.sku else line.title
        rest, units = (RowKind.GOODS, max(1, line.quantity)) if line.sku else (RowKind.OTHER, 1)
        made.append(CreditRow(CHARGES.get(line.kind, rest), line.sku, text, net, units, at))
        made.append(CreditRow(RowKind.TAX, None, f"Tax on {line.title}", line.tax, line=at))
    return tuple(row for row in made if row.amount)


def positive(rows: Sequence[CreditRow]) -> tuple[CreditRow, ...]:
    """The same worth in rows that are all positive: what lessens a credit memo, a restocking fee for one, is taken off others."""
    less = -sum((row.amount for row in rows if row.amount < 0), Decimal(0))
    why = ", ".join(row.text for row in rows if row.amount < 0)
    made: list[CreditRow] = []
    for row in sorted(
        (row for row in rows if row.amount > 0), key=lambda row: (row.kind is RowKind.TAX, -row.amount)
    ):
        take = min(less, row.amount)
        less -= take
        made.append(
            replace(row, amount=row.amount - take, text=f"{row.text}, {why} -{take}") if take else row
        )
    return tuple(row for row in made if row.amount)


def short(entry: Entry) -> str:
    """Its key as a vendor's text field takes it: Shopify's number, with what was found later behind a hyphen."""
    return entry.key.rpartition("/")[2].replace("#", "-")


def key_of(kind: EntryKind, text: str) -> str:
    """The key behind a short one."""
    owner = "Refund" if kind is EntryKind.CREDIT else "OrderTransaction"
    return f"gid://shopify/{owner}/{text.replace('-', '#')}"


def fits(entry: Entry, there: Mapping[str, Decimal], worth: Decimal, name: str) -> None:
    """Refused for what no back office takes: nothing, less than nothing, or credit for more than the document is worth."""
    credited = sum(there.values(), entry.amount)
    if entry.amount <= 0 or (entry.kind is EntryKind.CREDIT and credited > worth):
        raise by_hand(entry, name, f"the document is worth {worth} {entry.currency}")


def by_hand(entry: Entry, name: str, because: str) -> Refused:
    """The answer for an entry that is left to a person."""
    return Refused(
        f"{name} takes no {entry.kind.value.replace('_', ' ')} of {entry.amount} {entry.currency} for order "
        f"{entry.name}: {because}.",
        "Enter it there by hand, then resolve this record.",
        code="enter_by_hand",
    )


def not_billed() -> Refused:
    """The answer of a back office whose capabilities say that it bills by itself."""
    return Refused(
        "TrueUp makes no invoices in this back office.",
        "Bill the document there, then resolve this record.",
        code="bill_by_hand",
    )


def not_posted(name: str) -> Refused:
    """The answer of a back office whose capabilities say that it does not take such entries."""
    return Refused(
        f"Payments, credit memos and refunds of this kind cannot be entered over the interface of {name}.",
        "Enter it there by hand, then resolve this record.",
        code="enter_by_hand",
    )

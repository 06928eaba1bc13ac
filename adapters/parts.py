"""A sale over several warehouses, for back offices whose documents have one warehouse each.

A sale is split into parts, one per warehouse; what has no warehouse (shipping, gift cards, taxes on them) goes with
the first. All parts bear the sale's external reference, and `(reference, warehouse)` is what makes a part unique.
Read back, the parts are one document again.
"""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from engine.model.ids import DocumentId, WarehouseId
from engine.model.sale import Document, DocumentStatus, Payment, SalesDocument, SalesLine

SEPARATOR = "+"
"""Between the ids of the parts, in the id of the whole."""


def split(sale: SalesDocument) -> tuple[tuple[WarehouseId | None, SalesDocument], ...]:
    """The parts of a sale with the warehouse of each; one part without a warehouse when nothing ships."""
    by_place: dict[WarehouseId | None, list[SalesLine]] = {}
    for line in sale.lines:
        if line.warehouse is not None:
            by_place.setdefault(line.warehouse, []).append(line)
    rest = [line for line in sale.lines if line.warehouse is None]
    first = next(iter(by_place), None)
    by_place.setdefault(first, []).extend(rest)
    owed = list(sale.payments)
    parts: list[tuple[WarehouseId | None, SalesDocument]] = []
    for place, lines in by_place.items():
        total = sum((_total(line, sale.taxes_included) for line in lines), Decimal(0))
        last = len(parts) == len(by_place) - 1
        paid, owed = (tuple(owed), []) if last else _paid(owed, total)
        part = replace(sale, lines=tuple(lines), total=total, payments=paid)
        parts.append((place, part if len(by_place) == 1 else replace(part, presentment_total=total)))
    return tuple(parts)


def join(parts: Sequence[Document]) -> Document:
    """One document out of its parts: open while any is open, cancelled only when all are.

    Cancelled parts beside living ones are what a re-routing left behind, and count for nothing.
    """
    living = [part for part in parts if part.status is not DocumentStatus.CANCELLED] or list(parts)
    states = {part.status for part in living}
    status = next(
        state
        for state in (DocumentStatus.OPEN, DocumentStatus.SHIPPED, DocumentStatus.CANCELLED)
        if state in states
    )
    return Document(
        id=DocumentId(SEPARATOR.join(part.id for part in living)),
        ref=parts[0].ref,
        status=status,
        total=sum((part.total for part in living), Decimal(0)),
        lines=tuple(line for part in living for line in part.lines),
        parcels=tuple(parcel for part in living for parcel in part.parcels),
    )


def part_ids(document: DocumentId) -> tuple[str, ...]:
    """The ids of the parts of a document."""
    return tuple(document.split(SEPARATOR))


def _total(line: SalesLine, included: bool) -> Decimal:
    return line.quantity * line.unit_price - line.discount + (Decimal(0) if included else line.tax)


def _paid(owed: Sequence[Payment], total: Decimal) -> tuple[tuple[Payment, ...], list[Payment]]:
    """Payments that cover a part, and what is left of them for the next."""
    taken: list[Payment] = []
    left = list(owed)
    while left and total > 0:
        payment = left.pop(0)
        share = min(payment.amount, total)
        taken.append(replace(payment, amount=share))
        total -= share
        if payment.amount > share:
            left.insert(0, replace(payment, amount=payment.amount - share))
    return tuple(taken), left

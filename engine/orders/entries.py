"""The entries a document should have: every payment taken, every credit memo, every refund, each with a key of its own.

What is owed is what should be there less what the back office was told before, so an entry made twice, or by an
attempt whose answer was lost, is simply no longer owed.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from engine.model.entry import CreditLine, Entry, EntryKind
from engine.model.failure import Refused
from engine.model.ids import Sku
from engine.model.money import nothing
from engine.model.order import Order, Refund, Transaction
from engine.orders.credits import Credit, credits_of, left_to_owe
from engine.orders.payments import PAID_IN, payments
from engine.orders.values import Kind, Unnamed, ValueMaps, ValueUnmapped, subsidiary

Amounts = Mapping[str, tuple[Decimal, ...]]
"""By Shopify's id of the transaction or the refund, what was entered for it, in order."""


@dataclass(frozen=True, slots=True)
class Told:
    """What the back office, or a person in its place, was told of the money of one order."""

    entered: Mapping[EntryKind, Amounts] = field(default_factory=dict)
    """What the document was created with counts as entered."""
    created: bool = True
    """False when nobody knows what the document was created with."""
    sold_by: str | None = None
    """Which part of the company the document was created for; None when nobody knows."""


def entries_owed(
    order: Order, shipped: Mapping[Sku, int], told: Told, values: ValueMaps | None = None
) -> tuple[Entry, ...]:
    """What is to be entered: payments first, then refund by refund its credit memo before its money.

    Raises Refused when the credit memos would not leave what Shopify says is owed; ValueUnmapped for a gateway without
    an account.
    """
    if order.refunds:
        _proven(order, shipped)
    credits = {each.refund.id: each for each in credits_of(order, shipped)}
    owed, loose = [*_payments(order)], {each.id for each in order.transactions}
    for refund in order.refunds:
        owed.append(_credit(order, refund, credits.get(refund.id)))
        owed += _refunds(order, refund.transactions, refund.id)
        loose.difference_update(refund.transactions)
    owed += _refunds(order, loose, "")
    rest = (_less(entry, told.entered.get(entry.kind, {}).get(entry.subject, ())) for entry in owed)
    # the buyer may have moved to another market since
    sold_by = subsidiary(order.buyer, values or {}) if told.sold_by is None else told.sold_by
    owed = [replace(entry, subsidiary=sold_by) for entry in rest if entry.amount]
    return _in_their_words(order, owed, values or {})


def _less(entry: Entry, before: Sequence[Decimal]) -> Entry:
    """What of an entry is still to be entered, under a key of its own."""
    if not before:
        return entry
    left = entry.amount - sum(before, Decimal(0))
    return replace(entry, key=f"{entry.subject}#{len(before) + 1}", amount=left, lines=())


def _payments(order: Order) -> Iterator[Entry]:
    by_id = {each.id: each for each in order.transactions}
    for paid in payments(order):
        if paid.kind in PAID_IN:
            presentment = paid.amount if paid.presentment is None else paid.presentment
            yield _moved(order, by_id[paid.key], EntryKind.PAYMENT, paid.amount, presentment, "")


def _refunds(order: Order, among: Collection[str], refund: str) -> Iterator[Entry]:
    for paid in order.transactions:
        if paid.id in among and paid.kind == "REFUND" and paid.status == "SUCCESS":
            back = paid.amount if paid.rounding is None else paid.amount + paid.rounding
            yield _moved(order, paid, EntryKind.REFUND, back.shop.amount, back.presentment.amount, refund)


def _moved(
    order: Order, paid: Transaction, kind: EntryKind, amount: Decimal, presentment: Decimal, refund: str
) -> Entry:
    return Entry(
        key=paid.id,
        subject=paid.id,
        kind=kind,
        order=order.id,
        name=order.name,
        amount=amount,
        currency=order.currency,
        presentment=presentment,
        presentment_currency=order.presentment_currency,
        at=paid.processed_at or order.updated_at,
        transaction=paid.kind,
        gateway=paid.gateway,
        refund=refund,
    )


def _credit(order: Order, refund: Refund, credit: Credit | None) -> Entry:
    """The credit memo of a refund; of nothing when it lessens nothing."""
    amount = nothing(order.currency, order.presentment_currency) if credit is None else credit.amount
    return Entry(
        key=refund.id,
        subject=refund.id,
        kind=EntryKind.CREDIT,
        order=order.id,
        name=order.name,
        amount=amount.shop.amount,
        currency=order.currency,
        presentment=amount.presentment.amount,
        presentment_currency=order.presentment_currency,
        at=refund.created_at,
        refund=refund.id,
        taxes_included=order.taxes_included,
        lines=() if credit is None else _lines(credit),
        note=refund.note,
    )


def _lines(credit: Credit) -> tuple[CreditLine, ...]:
    return tuple(
        CreditLine(
            part.line,
            part.sku,
            part.title,
            part.units,
            part.amount.shop.amount,
            part.tax.shop.amount,
            part.kind,
        )
        for part in credit.parts
    )


def _proven(order: Order, shipped: Mapping[Sku, int]) -> None:
    left = left_to_owe(order, shipped)
    if left is not None and left[0] != left[1]:
        raise Refused(
            f"Credit memos would leave {left[0]} {order.currency} of order {order.name} to pay, "
            f"Shopify says {left[1]} {order.currency}.",
            f"Look at it with trueup order proof {order.name}, correct the order in Shopify and retry.",
            code="credit_differs",
        )


def _in_their_words(order: Order, owed: Collection[Entry], values: ValueMaps) -> tuple[Entry, ...]:
    if Kind.PAYMENT not in values:
        return tuple(owed)
    accounts = values[Kind.PAYMENT]
    lacking = dict.fromkeys(each.gateway for each in owed if each.gateway and not accounts.get(each.gateway))
    if lacking:
        raise ValueUnmapped(order.name, tuple(Unnamed(Kind.PAYMENT, name) for name in lacking))
    return tuple(replace(each, account=accounts.get(each.gateway, "")) for each in owed)

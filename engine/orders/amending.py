"""Whether a document still says what its order is, after edits, refunds of unsent units and partial cancellations.

A document is changed only where Shopify changed the order and only from a state that we wrote: what somebody changed
in the back office is theirs, and a person decides. Units that have left are never taken out.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from engine.model.failure import Refused
from engine.model.ids import Sku
from engine.model.order import Order
from engine.model.sale import Document, DocumentStatus, shipped
from engine.orders.standing import standing, taken_out
from engine.ports import Amends


@dataclass(frozen=True, slots=True)
class Sent:
    """What we have told the back office of one order."""

    totals: frozenset[Decimal] = frozenset()
    """Of every document sent for it, whatever became of the call."""
    units: Mapping[Sku, int] = field(default_factory=dict)
    """Goods of the last one."""


def called_off(order: Order) -> bool:
    """Nothing of it is wanted: cancelled, or all of it taken out before it left and nothing to pay."""
    if order.cancelled_at:
        return True
    owed = standing(order)
    return owed is not order and not any(line.quantity for line in owed.lines) and not owed.total.shop.amount


def outdated(order: Order, document: Document, sent: Sent | None = None) -> bool:
    """The document promises units or bears a total that are not the order's any more."""
    if document.status is DocumentStatus.CANCELLED:
        return False
    gone, held = shipped(document), _held(document)
    if order.cancelled_at:
        return document.status is DocumentStatus.OPEN and any(held[sku] > gone.get(sku, 0) for sku in held)
    out, owed = taken_out(order, gone), standing(order, gone)
    wanted = _goods(owed)
    smaller = {line.sku for line in order.lines if line.sku and line.id in out}
    if document.total != owed.total.shop.amount:
        return True
    if any(held[sku] > max(wanted[sku], gone.get(sku, 0)) for sku in smaller):
        return True
    return (
        sent is not None and bool(sent.units) and any(wanted[sku] > sent.units.get(sku, 0) for sku in wanted)
    )


def may_amend(order: Order, document: Document, amends: Amends, sent: Sent) -> None:
    """Refused when a person has to bring the document up to date."""
    gone = shipped(document)
    owed = standing(order, gone).total.shop.amount
    ours = sent.totals or {order.total.shop.amount}
    if document.total not in {owed, *ours}:
        raise Refused(
            f"Order {order.name} is {owed} in Shopify and {document.total} in the back office.",
            "Correct the document in the back office, and retry.",
            code="total_differs",
        )
    wanted, held = _goods(standing(order, gone)), _held(document)
    more = {sku: units - held[sku] for sku, units in wanted.items() if units > held[sku]}
    if amends is Amends.ANY or (amends is Amends.FEWER and not more):
        return
    fewer = {sku: held[sku] - wanted[sku] for sku in held if held[sku] > wanted[sku]}
    changes = [f"{units} more of {sku}" for sku, units in sorted(more.items())]
    changes += [f"{units} fewer of {sku}" for sku, units in sorted(fewer.items())]
    raise Refused(
        f"Order {order.name} was changed after it was booked ({', '.join(changes) or 'its amounts'}), "
        "and this back office lets nobody change a booked document over its interface.",
        f"Change document {document.id} there by hand until its total is {owed}, and retry.",
        code="cannot_amend",
    )


def sent_all_the_same(order: Order, document: Document) -> None:
    """Refused when units have left that were taken out of the order, until they are booked as returned."""
    skus = {line.id: line.sku for line in order.lines if line.sku and line.requires_shipping}
    kept, extra = taken_out(order, shipped(document)), Counter[Sku]()
    for line, out in taken_out(order, {}).items():
        if line in skus:
            extra[skus[line]] += out.units - (kept[line].units if line in kept else 0)
    if not any(extra.values()):
        return
    for refund in order.refunds:
        for given in refund.lines:
            if given.restock == "RETURN" and given.location and given.line in skus:
                extra[skus[given.line]] += given.quantity
    for held in document.lines:
        extra[held.sku] -= held.returned
    for sku, units in sorted((+extra).items()):
        raise Refused(
            f"The back office has sent {units} of {sku} that were taken out of order {order.name}.",
            "Book them as returned there, or put them back into the order in Shopify, and retry.",
            code="sent_though_taken_out",
        )


def _goods(order: Order) -> Counter[Sku]:
    """Units that ship, by SKU."""
    wanted: Counter[Sku] = Counter()
    for line in order.lines:
        if line.sku and line.requires_shipping:
            wanted[line.sku] += line.quantity
    return wanted


def _held(document: Document) -> Counter[Sku]:
    """Units of the document, sent or not."""
    held: Counter[Sku] = Counter()
    for line in document.lines:
        held[line.sku] += line.quantity
    return held

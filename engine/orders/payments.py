"""What was paid, paid back and is still owed, transaction by transaction."""

from collections.abc import Iterator, Mapping

from engine.model.money import MoneyBag
from engine.model.order import Order, Transaction
from engine.model.sale import Payment
from engine.orders.sums import ZERO, Sum, add, pair

PAID_IN = frozenset({"SALE", "CAPTURE"})
AUTHORISED = frozenset({"AUTHORIZATION", "EMV_AUTHORIZATION"})


def moved(order: Order) -> tuple[Sum, Sum]:
    """(received less change, refunded), successful transactions only, cash rounding not counted."""
    home = (order.currency, order.presentment_currency)
    received, refunded = ZERO, ZERO
    for paid in order.transactions:
        if paid.status != "SUCCESS":
            continue
        if paid.kind in PAID_IN:
            received = add(received, pair(paid.amount, home))
        elif paid.kind == "CHANGE":
            received = add(received, pair(paid.amount, home), -1)
        elif paid.kind == "REFUND":
            refunded = add(refunded, pair(paid.amount, home))
    return received, refunded


def payments(order: Order) -> tuple[Payment, ...]:
    """Money taken less the change given, and of what is only authorised the part that is not captured yet."""
    used, voided = _used(order)
    found = []
    for paid in order.transactions:
        if paid.status != "SUCCESS" or paid.kind not in PAID_IN | AUTHORISED or paid.id in voided:
            continue
        amount = paid.amount if paid.rounding is None else paid.amount + paid.rounding
        for part in used.get(paid.id, ()):
            amount = amount - part
        shop, presentment = amount.shop.amount, amount.presentment.amount
        if shop:
            found.append(Payment(paid.id, paid.kind, paid.gateway, shop, presentment, paid.manual))
    return tuple(found)


def _used(order: Order) -> tuple[Mapping[str, list[MoneyBag]], set[str | None]]:
    """What of each transaction was captured or handed back as change, and which were voided.

    A till's change may name no parent; then it is of the payment of the same gateway before it.
    """
    used: dict[str, list[MoneyBag]] = {}
    voided = set[str | None]()
    last: dict[str, str] = {}
    for paid in order.transactions:
        if paid.status != "SUCCESS":
            continue
        match paid.kind:
            case "CAPTURE" if paid.parent:
                used.setdefault(paid.parent, []).append(paid.amount)
            case "CHANGE" if of := paid.parent or last.get(paid.gateway):
                used.setdefault(of, []).append(paid.amount)
            case "VOID":
                voided.add(paid.parent)
            case "SALE":
                last[paid.gateway] = paid.id
    return used, voided


def payment_checks(order: Order) -> Iterator[tuple[str, Sum, Sum]]:
    """(label, ours, stated) for every sum of payments that Shopify states."""
    home, stated = (order.currency, order.presentment_currency), order.stated
    if not order.transactions and stated.net_payment is None:
        return
    received, refunded = moved(order)
    yield from _each(order, home)
    if stated.received is not None:
        yield "payments received", received, pair(stated.received, home)
    if stated.refunded is not None:
        yield "payments refunded", refunded, pair(stated.refunded, home)
    if stated.refund_rounding is not None:
        rounded = ZERO
        for paid in order.transactions:
            if paid.rounding is not None and paid.status == "SUCCESS" and paid.kind == "REFUND":
                rounded = add(rounded, pair(paid.rounding, home))
        yield "cash rounding of refunds", rounded, pair(stated.refund_rounding, home)
    net = add(received, refunded, -1)
    if stated.net_payment is not None:
        yield "payments less refunds", net, pair(stated.net_payment, home)
    if stated.outstanding is not None and stated.current_total is not None:
        owed = pair(stated.current_total, home)
        if stated.discrepancy is not None:
            owed = add(owed, pair(stated.discrepancy, home))
        yield "paid and outstanding", add(net, pair(stated.outstanding, home)), owed


def _each(order: Order, home: tuple[str, str]) -> Iterator[tuple[str, Sum, Sum]]:
    """Transaction by transaction: one currency makes one figure, and an authorisation is used up by its captures.

    Nothing is left to capture of one that was voided, whatever was captured before.
    """
    same = home[0] == home[1]
    voided = {paid.parent for paid in order.transactions if paid.kind == "VOID" and paid.status == "SUCCESS"}
    for paid in order.transactions:
        for amount in (paid.amount, paid.rounding, paid.unsettled) if same else ():
            if amount is not None:
                shop, presentment = pair(amount, home)
                yield f"{paid.kind} {paid.gateway}", (shop, shop), (presentment, presentment)
        if (
            paid.kind in AUTHORISED
            and paid.status == "SUCCESS"
            and paid.unsettled is not None
            and paid.id not in voided
        ):
            used = _captured(order, paid, home)
            yield (
                f"{paid.kind} {paid.gateway} not captured",
                add(pair(paid.amount, home), used, -1),
                pair(paid.unsettled, home),
            )


def _captured(order: Order, authorised: Transaction, home: tuple[str, str]) -> Sum:
    used = ZERO
    for paid in order.transactions:
        if paid.kind == "CAPTURE" and paid.status == "SUCCESS" and paid.parent == authorised.id:
            used = add(used, pair(paid.amount, home))
    return used

"""The sums an order shows: as sold, and as it stands after refunds and edits."""

from decimal import Decimal

from adapters.shopify.sandbox.checkout import subtotal, total_price, total_tax
from adapters.shopify.sandbox.money import NOTHING, Bag, rounded, total
from adapters.shopify.sandbox.things import Line, Order, Shipping, Tax, Transaction

PAID_IN = ("SALE", "CAPTURE")


def shipping_price(order: Order) -> Bag:
    """All shipping charges."""
    return total([charge.price for charge in order.shipping])


def current_shipping(order: Order) -> Bag:
    """Shipping charges that were not paid back."""
    return shipping_price(order) - total([each.price for each in shipping_given_back(order)])


def shipping_given_back(order: Order) -> list[Shipping]:
    """Shipping charges that refunds took out."""
    return [charge for refund in order.refunds for charge in refund.shipping]


def discounts(order: Order, *, only_across: bool = False) -> Bag:
    """All discounts, or those given across the order."""
    return total(
        [s.amount for line in order.lines for s in line.shares if s.discount.across or not only_across]
    )


def removed_part(order: Order, line: Line, whole: Bag) -> Bag:
    """The share of an amount that belongs to removed units, rounded as refunds are."""
    ratio = Decimal(line.removed) / line.quantity
    return Bag(
        rounded(whole.shop * ratio, order.currency), rounded(whole.presentment * ratio, order.presentment)
    )


def current_subtotal(order: Order) -> Bag:
    """Lines after discounts without removed units."""
    return subtotal(order) - total([removed_part(order, line, line.discounted) for line in order.lines])


def current_tax(order: Order) -> Bag:
    """Tax without that of removed units."""
    gone = [removed_part(order, line, total([tax.amount for tax in line.taxes])) for line in order.lines]
    gone += [tax.amount for charge in shipping_given_back(order) for tax in charge.taxes]
    return total_tax(order) - total(gone)


def current_total(order: Order) -> Bag:
    """What the order is worth now."""
    found = current_subtotal(order) + current_shipping(order)
    return found if order.taxes_included else found + current_tax(order)


def standing_total(order: Order) -> Bag:
    """What is to be delivered is worth: without what was taken out before it left; returns count as delivered."""
    found = total_price(order)
    for refund in order.refunds:
        for each in refund.lines:
            if each.never_left:
                found -= each.subtotal if order.taxes_included else each.subtotal + each.tax
        if refund.lines and all(each.never_left for each in refund.lines):
            for charge in refund.shipping:
                taxes = total([tax.amount for tax in charge.taxes])
                found -= charge.price if order.taxes_included else charge.price + taxes
    return found


def current_discounts(order: Order, *, only_across: bool = False) -> Bag:
    """Discounts without those of removed units."""
    gone = [
        removed_part(
            order, line, total([s.amount for s in line.shares if s.discount.across or not only_across])
        )
        for line in order.lines
    ]
    return discounts(order, only_across=only_across) - total(gone)


def shipping_left(order: Order, charge: Shipping) -> Bag:
    """What of a charge was not given back."""
    gone = [each.price for each in shipping_given_back(order) if each.number == charge.number]
    return charge.price - total(gone)


def received(order: Order) -> Bag:
    """Paid in."""
    return total([done.amount for done in order.transactions if done.kind in PAID_IN])


def unsettled(order: Order, authorised: Transaction) -> Bag:
    """What of an authorisation may still be captured."""
    mine = [done for done in order.transactions if done.parent is authorised]
    if any(done.kind == "VOID" for done in mine):
        return NOTHING
    return authorised.amount - total([done.amount for done in mine if done.kind == "CAPTURE"])


def discrepancy(order: Order) -> Bag:
    """What refunds pay less than they give back; negative when they pay more."""
    return NOTHING - total([refund.adjustment for refund in order.refunds])


def refunded(order: Order) -> Bag:
    """Paid back."""
    return total([done.amount for done in order.transactions if done.kind == "REFUND"])


def outstanding(order: Order) -> Bag:
    """Still owed by the buyer; negative when the shop owes, as Shopify states it."""
    return current_total(order) + discrepancy(order) - received(order) + refunded(order)


def financial_status(order: Order) -> str:
    """PAID and so on."""
    back, got = refunded(order).shop, received(order).shop
    if back and back >= got:
        return "REFUNDED"
    if back:
        return "PARTIALLY_REFUNDED"
    authorised = [done for done in order.transactions if done.kind == "AUTHORIZATION"]
    if not got and any(unsettled(order, done).shop for done in authorised):
        return "AUTHORIZED"
    if order.cancelled_at:
        return "VOIDED" if not got else "PAID"
    return "PAID" if got >= total_price(order).shop else "PARTIALLY_PAID" if got else "PENDING"


def fulfilment_status(order: Order) -> str:
    """FULFILLED and so on."""
    if not order.fulfilments:
        return "UNFULFILLED"
    return "PARTIALLY_FULFILLED" if any(line.waiting for line in order.lines) else "FULFILLED"


def merged(order: Order) -> list[Tax]:
    """Tax lines of the order: lines and shipping added up by title and rate."""
    found: dict[tuple[str, Decimal], Bag] = {}
    rows = [tax for line in order.lines for tax in line.taxes]
    for tax in [*rows, *(tax for charge in order.shipping for tax in charge.taxes)]:
        key = (tax.title, tax.rate)
        found[key] = found[key] + tax.amount if key in found else tax.amount
    return [Tax(title, rate, amount) for (title, rate), amount in found.items()]

"""Money after the sale: what refunds pay back, what is captured later, what is paid when the order is long placed."""

from decimal import Decimal
from typing import Any

from adapters.shopify.sandbox.checkout import take
from adapters.shopify.sandbox.money import Bag, converted, rounded, total
from adapters.shopify.sandbox.order_totals import (
    PAID_IN,
    outstanding,
    received,
    refunded,
    shipping_left,
    unsettled,
)
from adapters.shopify.sandbox.shop import NotPossible, Shop
from adapters.shopify.sandbox.things import Order, Refund, Shipping, Tax, Transaction


def refund_money(shop: Shop, order: Order, refund: Refund, money: Bag) -> None:
    """Pay back against what was taken, the last first, never more than that."""
    for sale in reversed([done for done in order.transactions if done.kind in PAID_IN]):
        back = total([done.amount for done in order.transactions if done.parent is sale])
        room = sale.amount - back
        part = money if money.shop <= room.shop else room
        if part.shop > 0:
            done = take(shop, order, "REFUND", sale.gateway, part, sale)
            refund.transactions.append(done)
            shop.emit("order_transactions/create", done)
            money = money - part


def suggested(order: Order, refund: Refund) -> Bag:
    """What a refund gives back is worth."""
    parts = [(row.subtotal, row.tax) for row in refund.lines]
    parts += [(charge.price, total([tax.amount for tax in charge.taxes])) for charge in refund.shipping]
    return total([amount if order.taxes_included else amount + tax for amount, tax in parts])


def shipping_back(order: Order, said: Any) -> list[Shipping]:
    """All that is left of the shipping, or so much of the first charge, with its share of the tax."""
    if not order.shipping:
        raise NotPossible("the order has no shipping")
    if said is True:
        left = [(charge, shipping_left(order, charge)) for charge in order.shipping]
    else:
        left = [(order.shipping[0], _bag(order, said))]
    if any(not 0 <= part.shop <= shipping_left(order, charge).shop for charge, part in left):
        raise NotPossible("Refund amount is more than the shipping that is left")
    return [part_of(order, charge, part) for charge, part in left if part.shop]


def part_of(order: Order, charge: Shipping, part: Bag) -> Shipping:
    """So much of a charge, with its share of the tax."""
    ratio = part.shop / charge.price.shop

    def share(tax: Tax) -> Tax:
        mine = Bag(
            rounded(tax.amount.shop * ratio, order.currency),
            rounded(tax.amount.presentment * ratio, order.presentment),
        )
        return Tax(tax.title, tax.rate, mine)

    return Shipping(charge.number, charge.title, part, [share(tax) for tax in charge.taxes])


def amount_back(order: Order, said: Any) -> Bag:
    """An amount of the shop's currency that may still be paid back."""
    amount = _bag(order, said)
    if not 0 < amount.shop <= (received(order) - refunded(order)).shop:
        raise NotPossible("Refund amount is more than was paid")
    return amount


def _bag(order: Order, said: Any) -> Bag:
    amount = Decimal(str(said))
    return Bag(rounded(amount, order.currency), converted(amount, order.currency, order.presentment))


def capture(shop: Shop, asked: dict[str, Any]) -> Transaction:
    """Staff capture an authorisation: all that is left of it, or so much."""
    order = shop.order(asked["order"])
    for authorised in [done for done in order.transactions if done.kind == "AUTHORIZATION"]:
        left = unsettled(order, authorised)
        amount = _bag(order, asked["amount"]) if "amount" in asked else left
        if 0 < amount.shop <= left.shop:
            return _taken(shop, take(shop, order, "CAPTURE", authorised.gateway, amount, authorised))
    raise NotPossible("Capture amount exceeds the authorized amount")


def pay_later(shop: Shop, asked: dict[str, Any]) -> Transaction:
    """What is outstanding is paid, in whole or in part."""
    order = shop.order(asked["order"])
    due = outstanding(order)
    amount = _bag(order, asked["amount"]) if "amount" in asked else due
    if order.cancelled_at is not None or not 0 < amount.shop <= due.shop:
        raise NotPossible("that much is not outstanding")
    return _taken(shop, take(shop, order, "SALE", str(asked.get("gateway", "manual")), amount))


def _taken(shop: Shop, done: Transaction) -> Transaction:
    shop.emit("order_transactions/create", done)
    shop.touch_order(done.order)
    return done


def void_rest(shop: Shop, order: Order) -> None:
    """Nothing more is captured of what was authorised."""
    for authorised in [done for done in order.transactions if done.kind == "AUTHORIZATION"]:
        if unsettled(order, authorised).shop:
            take(shop, order, "VOID", authorised.gateway, unsettled(order, authorised), authorised)

"""Sums over an order's amounts, as plain (shop, presentment) pairs of exact decimals."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from engine.model.money import MoneyBag
from engine.model.order import Allocation, Order, Surcharge, TaxLine
from engine.orders.tips import tip_line

Sum = tuple[Decimal, Decimal]
"""An amount in the shop's and in the buyer's currency."""

ZERO: Sum = (Decimal(0), Decimal(0))


def pair(amount: MoneyBag, home: tuple[str, str]) -> Sum:
    """Both sides of an amount; ValueError when it is in other currencies than its order."""
    shop, presentment = amount.shop, amount.presentment
    if (shop.currency, presentment.currency) != home:
        raise ValueError(
            f"an amount is in {shop.currency} and {presentment.currency}, its order in {home[0]} and {home[1]}"
        )
    return shop.amount, presentment.amount


def add(one: Sum, other: Sum, sign: int = 1) -> Sum:
    """The sum of both, or the difference with `sign` −1."""
    if sign < 0:
        return one[0] - other[0], one[1] - other[1]
    return one[0] + other[0], one[1] + other[1]


def net(gross: Sum, allocations: Iterable[Allocation], home: tuple[str, str]) -> Sum:
    """A price less the discounts that fell on it."""
    for allocation in allocations:
        gross = add(gross, pair(allocation.amount, home), -1)
    return gross


def tax_of(taxes: Iterable[TaxLine], home: tuple[str, str]) -> Sum:
    """All taxes of one line or charge."""
    found = ZERO
    for tax in taxes:
        found = add(found, pair(tax.amount, home))
    return found


@dataclass(frozen=True, slots=True)
class Charged:
    """What an order charges, by kind; returns not counted."""

    lines: Sum
    """After discounts."""
    shipping: Sum
    """After discounts."""
    taxes: Sum
    """Of lines, shipping, duties and fees."""
    duty_lines: Sum
    fee_lines: Sum
    others: Sum
    """Duties, tips not among the lines, fees and cash rounding, as the order states them."""

    def total(self, taxes_included: bool) -> Sum:
        """All of it; taxes inside the prices are not added again."""
        found = add(add(self.lines, self.shipping), self.others)
        return found if taxes_included else add(found, self.taxes)


def charged(order: Order, home: tuple[str, str]) -> Charged:
    """Add up an order by kind."""
    lines, shipping, taxes, duties, fees, others = ZERO, ZERO, ZERO, ZERO, ZERO, ZERO
    for line in order.lines:
        price = pair(line.unit_price, home)
        lines = add(lines, net((price[0] * line.quantity, price[1] * line.quantity), line.allocations, home))
        if line.taxes:
            taxes = add(taxes, tax_of(line.taxes, home))
        if line.duties:
            duties, taxes = _surcharges(line.duties, duties, taxes, home)
    for charge in order.shipping:
        shipping = add(shipping, net(pair(charge.price, home), charge.allocations, home))
        taxes = add(taxes, tax_of(charge.taxes, home))
    fees, taxes = _surcharges(order.fee_lines, fees, taxes, home)
    tips = None if tip_line(order) is not None else order.tips
    for amount in (order.duties, tips, order.fees, order.rounding):
        if amount is not None:
            others = add(others, pair(amount, home))
    return Charged(lines, shipping, taxes, duties, fees, others)


def _surcharges(
    each: Iterable[Surcharge], amounts: Sum, taxes: Sum, home: tuple[str, str]
) -> tuple[Sum, Sum]:
    for one in each:
        amounts = add(amounts, pair(one.amount, home))
        taxes = add(taxes, tax_of(one.taxes, home))
    return amounts, taxes

"""Every amount of an order by itself: what the exact-cent proof adds up, one line each."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from engine.model.money import MoneyBag
from engine.model.order import Allocation, Order, OrderLine, TaxLine
from engine.orders.sums import ZERO, Sum, add, pair
from engine.orders.tips import tip_line


class Part(StrEnum):
    """What a summand belongs to."""

    LINES = "lines"
    SHIPPING = "shipping"
    TAXES = "taxes"
    DUTIES = "duties"
    FEES = "fees"
    TIPS = "tips"
    ROUNDING = "rounding"


@dataclass(frozen=True, slots=True)
class Summand:
    """One amount as charged, with its sign."""

    part: Part
    label: str
    amount: Sum
    counted: bool = True
    """False for what is inside another amount already: taxes and duties within the prices."""


def summands(order: Order) -> tuple[Summand, ...]:
    """All of them; those that count add up to the order's total. ValueError when currencies are mixed."""
    return (*_lines(order), *_shipping(order), *_taxes(order), *_others(order))


def total_of(parts: Iterable[Summand]) -> Sum:
    """What the summands that count make."""
    found = ZERO
    for each in parts:
        if each.counted:
            found = add(found, each.amount)
    return found


def _lines(order: Order) -> Iterator[Summand]:
    home, tip = (order.currency, order.presentment_currency), tip_line(order)
    for line in order.lines:
        part = Part.TIPS if line is tip else Part.LINES
        price = pair(line.unit_price, home)
        gross = (price[0] * line.quantity, price[1] * line.quantity)
        yield Summand(part, f"{line.quantity} × {_named(line)} at {price[0]}", gross)
        yield from _shares(order, part, line.allocations)


def _shipping(order: Order) -> Iterator[Summand]:
    home = (order.currency, order.presentment_currency)
    for charge in order.shipping:
        yield Summand(Part.SHIPPING, charge.title or "shipping", pair(charge.price, home))
        yield from _shares(order, Part.SHIPPING, charge.allocations)


def _shares(order: Order, part: Part, allocations: Iterable[Allocation]) -> Iterator[Summand]:
    home = (order.currency, order.presentment_currency)
    for share in allocations:
        amount = add(ZERO, pair(share.amount, home), -1)
        known = share.application < len(order.discounts)
        applied = order.discounts[share.application] if known else None
        label = f"less {applied.kind} {applied.title}" if applied else "less a discount"
        yield Summand(part, label.rstrip(), amount)


def _taxes(order: Order) -> Iterator[Summand]:
    inside = order.taxes_included
    for line in order.lines:
        yield from _each_tax(order, line.taxes, _named(line), inside)
        for duty in line.duties:
            yield from _each_tax(order, duty.taxes, f"duty of {_named(line)}", inside)
    for charge in order.shipping:
        yield from _each_tax(order, charge.taxes, charge.title or "shipping", inside)
    for fee in order.fee_lines:
        yield from _each_tax(order, fee.taxes, fee.title or "fee", inside)


def _each_tax(order: Order, taxes: Iterable[TaxLine], on: str, inside: bool) -> Iterator[Summand]:
    home = (order.currency, order.presentment_currency)
    for tax in taxes:
        rate = "" if tax.rate is None else f" {tax.rate.normalize() * 100:f} %"
        yield Summand(Part.TAXES, f"{tax.title}{rate} on {on}", pair(tax.amount, home), counted=not inside)


def _others(order: Order) -> Iterator[Summand]:
    home = (order.currency, order.presentment_currency)
    listed = any(line.duties for line in order.lines)
    for line in order.lines:
        for duty in line.duties:
            label = f"{duty.title or 'duty'} on {_named(line)}"
            yield Summand(Part.DUTIES, label, pair(duty.amount, home), counted=False)
    if order.duties is not None:
        label = "duties in all, as the order states them" if listed else "duties"
        yield Summand(Part.DUTIES, label, pair(order.duties, home))
    for fee in order.fee_lines:
        yield Summand(Part.FEES, fee.title or "fee", pair(fee.amount, home), counted=False)
    tips: MoneyBag | None = None if tip_line(order) is not None else order.tips
    for part, text, amount in (
        (Part.FEES, "fees in all, as the order states them" if order.fee_lines else "fees", order.fees),
        (Part.TIPS, "tip", tips),
        (Part.ROUNDING, "cash rounding", order.rounding),
    ):
        if amount is not None:
            yield Summand(part, text, pair(amount, home))


def _named(line: OrderLine) -> str:
    return line.sku or line.title

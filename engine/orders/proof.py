"""The exact-cent proof: an order adds up, in both currencies, or the first figure that differs is named.

    Σ lines − Σ allocations + shipping + tax (unless included) + duties + tips + fees + rounding = total
    Σ received − Σ refunded + outstanding = what the order is worth after edits and returns

Every amount is Shopify's own; each sum that Shopify states is compared with ours, and a sum it does not state is
not. Nothing is recomputed, and nothing is ever added to close a gap.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from engine.model.money import MoneyBag
from engine.model.order import Order, OrderLine
from engine.model.sale import SalesDocument
from engine.orders.payments import payment_checks
from engine.orders.sums import ZERO, Charged, Sum, add, charged, net, pair, tax_of
from engine.orders.tips import tip_line


@dataclass(frozen=True, slots=True)
class Check:
    """One comparison: what our summands make, and what Shopify states; (shop, presentment)."""

    label: str
    ours: Sum
    stated: Sum

    @property
    def exact(self) -> bool:
        """Equal in both currencies."""
        return self.ours == self.stated

    @property
    def left(self) -> Sum:
        """Ours less Shopify's."""
        return self.ours[0] - self.stated[0], self.ours[1] - self.stated[1]


@dataclass(frozen=True, slots=True)
class Proof:
    """All comparisons of one order, in the order in which a person would look at them."""

    checks: tuple[Check, ...]

    @property
    def exact(self) -> bool:
        """Everything that Shopify states is what our summands make."""
        return all(check.exact for check in self.checks)

    @property
    def first(self) -> Check | None:
        """The first comparison that fails."""
        return next((check for check in self.checks if not check.exact), None)


def prove(order: Order) -> Proof:
    """Compare everything; ValueError when amounts of one order are in different currencies."""
    parts = charged(order, (order.currency, order.presentment_currency))
    checks = (
        *_lines(order),
        *_sums(order, parts),
        *_as_it_stands(order, parts),
        *payment_checks(order),
    )
    return Proof(tuple(Check(*each) for each in checks))


Compared = tuple[str, Sum, Sum]


def _lines(order: Order) -> Iterator[Compared]:
    home = (order.currency, order.presentment_currency)
    out = _taken_out_of_lines(order, home)
    for line in order.lines:
        price = pair(line.unit_price, home)
        gross = (price[0] * line.quantity, price[1] * line.quantity)
        if line.gross is not None:
            yield f"{line.quantity} × {_named(line)}", gross, pair(line.gross, home)
        units, amount, tax = out.get(line.id, (0, ZERO, ZERO))
        if line.net is not None and line.quantity - line.current_quantity == units:
            ours = add(net(gross, line.allocations, home), amount, -1)
            if order.taxes_included:
                ours = add(ours, add(tax_of(line.taxes, home), tax, -1), -1)
            yield f"{_named(line)} after discounts", ours, pair(line.net, home)
    for charge in order.shipping:
        if charge.discounted is not None:
            ours = net(pair(charge.price, home), charge.allocations, home)
            yield f"shipping {charge.title} after discounts", ours, pair(charge.discounted, home)


def _sums(order: Order, parts: Charged) -> Iterator[Compared]:
    home, stated = (order.currency, order.presentment_currency), order.stated
    if stated.subtotal is not None:
        tip = tip_line(order)
        lines = parts.lines if tip is None else add(parts.lines, pair(tip.unit_price, home), -1)
        yield "lines after discounts", lines, pair(stated.subtotal, home)
    if stated.tax is not None:
        yield "taxes", parts.taxes, pair(stated.tax, home)
    if any(line.duties for line in order.lines) and stated.duties is not None:
        yield "duties", parts.duty_lines, pair(stated.duties, home)
    if order.fee_lines:
        yield "fees", parts.fee_lines, _given(order.fees, home)
    all_payments = bool(order.transactions) or stated.net_payment is not None
    if all_payments and (order.rounding or any(paid.rounding for paid in order.transactions)):
        rounded = ZERO
        for paid in order.transactions:
            if paid.rounding is not None and paid.status == "SUCCESS" and paid.kind in ("SALE", "CAPTURE"):
                rounded = add(rounded, pair(paid.rounding, home))
        yield "cash rounding", rounded, _given(order.rounding, home)
    yield "total", parts.total(order.taxes_included), pair(order.total, home)


def _as_it_stands(order: Order, parts: Charged) -> Iterator[Compared]:
    """After edits and returns: Shopify's current figures add up, and follow from the units taken out."""
    home, stated = (order.currency, order.presentment_currency), order.stated
    if stated.current_total is None or stated.current_subtotal is None or stated.current_shipping is None:
        return
    tax = _given(stated.current_tax, home)
    back_lines, back_shipping, back_tax, back_duties = _taken_out(order, home)
    if stated.subtotal is not None and _units_taken_out_are_listed(order, home):
        yield (
            "lines after returns",
            add(pair(stated.subtotal, home), back_lines, -1),
            pair(stated.current_subtotal, home),
        )
        if stated.tax is not None:
            yield "taxes after returns", add(pair(stated.tax, home), back_tax, -1), tax
    yield (
        "shipping after returns",
        add(parts.shipping, back_shipping, -1),
        pair(stated.current_shipping, home),
    )
    ours = add(pair(stated.current_subtotal, home), pair(stated.current_shipping, home))
    if not order.taxes_included:
        ours = add(ours, tax)
    left = add(_given(stated.duties, home), back_duties, -1)
    if stated.current_duties is not None:
        yield "duties after returns", left, pair(stated.current_duties, home)
    if not order.duties_included:
        ours = add(ours, left)
    fees = stated.current_fees if stated.current_fees is not None else order.fees
    ours = add(add(ours, _given(fees, home)), _given(order.tips, home))
    yield "total after edits and returns", ours, pair(stated.current_total, home)


def _taken_out(order: Order, home: tuple[str, str]) -> tuple[Sum, Sum, Sum, Sum]:
    """What refunds and edits took out: lines, shipping, tax and duties."""
    lines, shipping, tax, duties = ZERO, ZERO, ZERO, ZERO
    for refund in order.refunds:
        for given in refund.lines:
            lines = add(lines, _given(given.subtotal, home))
            tax = add(tax, _given(given.tax, home))
        for _, amount, its_tax in refund.shipping:
            shipping = add(shipping, pair(amount, home))
            tax = add(tax, pair(its_tax, home))
        for amount in refund.duties:
            duties = add(duties, pair(amount, home))
    return lines, shipping, tax, duties


def _taken_out_of_lines(order: Order, home: tuple[str, str]) -> dict[str, tuple[int, Sum, Sum]]:
    """(units, amount, tax) that refunds and edits took out of each line, where Shopify gives all of them."""
    out: dict[str, tuple[int, Sum, Sum]] = {}
    for refund in order.refunds:
        for given in refund.lines:
            if given.subtotal is not None and given.tax is not None:
                units, amount, tax = out.get(given.line, (0, ZERO, ZERO))
                amount, tax = add(amount, pair(given.subtotal, home)), add(tax, pair(given.tax, home))
                out[given.line] = (units + given.quantity, amount, tax)
    return out


def _units_taken_out_are_listed(order: Order, home: tuple[str, str]) -> bool:
    """Whether the refunds name every unit by which lines have become smaller, with its money."""
    out = _taken_out_of_lines(order, home)
    return all(line.quantity - line.current_quantity == out.get(line.id, (0,))[0] for line in order.lines)


def _given(amount: MoneyBag | None, home: tuple[str, str]) -> Sum:
    return ZERO if amount is None else pair(amount, home)


def _named(line: OrderLine) -> str:
    return line.sku or line.title


def document_total(sale: SalesDocument) -> Decimal:
    """What the lines of a sales document add up to; a back office must arrive at the same figure."""
    return _total(
        line.unit_price * line.quantity - line.discount + (Decimal(0) if sale.taxes_included else line.tax)
        for line in sale.lines
    )


def _total(amounts: Iterable[Decimal]) -> Decimal:
    return sum(amounts, Decimal(0))

"""The exact-cent proof: an order adds up, in both currencies, or the first line that differs is named."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from engine.model.money import MoneyBag, nothing, total
from engine.model.order import Order, OrderLine, ShippingLine
from engine.model.sale import SalesDocument


@dataclass(frozen=True, slots=True)
class ProofLine:
    """One summand of the proof."""

    label: str
    amount: MoneyBag


@dataclass(frozen=True, slots=True)
class Proof:
    """All summands, what they must add up to, and what is left over."""

    lines: tuple[ProofLine, ...]
    expected: MoneyBag
    residual: MoneyBag

    @property
    def exact(self) -> bool:
        """Nothing is left over in either currency."""
        return not self.residual.shop.amount and not self.residual.presentment.amount


def prove(order: Order) -> Proof:
    """Σ lines − Σ allocations + shipping + tax (unless included) + duties + tips + fees + rounding = total."""
    zero = nothing(order.currency, order.presentment_currency)
    lines = tuple(_summands(order, zero))
    return Proof(lines, order.total, total((line.amount for line in lines), zero) - order.total)


def _summands(order: Order, zero: MoneyBag) -> Iterator[ProofLine]:
    for line in order.lines:
        yield ProofLine(f"{line.quantity} × {line.sku or line.title}", line.unit_price.times(line.quantity))
        yield from _rest(line, line.sku or line.title, order.taxes_included, zero)
    for charge in order.shipping:
        yield ProofLine(f"shipping {charge.title}", charge.price)
        yield from _rest(charge, f"shipping {charge.title}", order.taxes_included, zero)
    extras = (
        ("duties", order.duties),
        ("tips", order.tips),
        ("fees", order.fees),
        ("cash rounding", order.rounding),
    )
    for label, amount in extras:
        if amount is not None:
            yield ProofLine(label, amount)


def _rest(part: OrderLine | ShippingLine, name: str, included: bool, zero: MoneyBag) -> Iterator[ProofLine]:
    for allocation in part.allocations:
        yield ProofLine(f"discount on {name}", zero - allocation.amount)
    if not included:
        for tax in part.taxes:
            yield ProofLine(f"{tax.title} on {name}", tax.amount)


def document_total(sale: SalesDocument) -> Decimal:
    """What the lines of a sales document add up to; a back office must arrive at the same figure."""
    return sum(
        (
            line.unit_price * line.quantity
            - line.discount
            + (Decimal(0) if sale.taxes_included else line.tax)
            for line in sale.lines
        ),
        Decimal(0),
    )

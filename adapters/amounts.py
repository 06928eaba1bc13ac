"""Amounts as charged, in a form any back office can hold: rows of `quantity × unit price` that add up exactly.

A back office that rounds each row to the currency's minor unit, or computes taxes again, would arrive at another
total than the shop. So goods stand at what was charged for them without tax, each tax of the shop is a row of its
own, and an amount that one unit price cannot express is spread over two prices one minor unit apart. A back office
that keeps finer unit prices gets each line in one row, and what even those cannot express in a row of its own.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from enum import StrEnum

from engine.model.failure import Misset, Refused
from engine.model.ids import Sku, WarehouseId
from engine.model.money import exponent
from engine.model.sale import LineKind, SalesDocument, SalesLine


class RowKind(StrEnum):
    """What a row stands for, and so which product of the back office it is sold as."""

    GOODS = "goods"
    OTHER = "other"
    """A line that is no stocked product: a service, something without a SKU."""
    GIFT_CARD = "gift_card"
    """A gift card sold: money owed to its holder until it is redeemed, not revenue."""
    SHIPPING = "shipping"
    DUTY = "duty"
    TIP = "tip"
    FEE = "fee"
    ROUNDING = "rounding"
    """Cash rounding that the shop charged, and what unit prices cannot express where they are not spread."""
    TAX = "tax"


CHARGES: Mapping[RowKind, str] = {
    RowKind.OTHER: "OTHER",
    RowKind.GIFT_CARD: "GIFT CARD",
    RowKind.SHIPPING: "SHIPPING",
    RowKind.DUTY: "DUTY",
    RowKind.TIP: "TIP",
    RowKind.FEE: "FEE",
    RowKind.ROUNDING: "ROUNDING",
    RowKind.TAX: "TAX",
}
"""What the back office sells as a row that is no stocked product, where the configuration names nothing else."""


def charges(given: Mapping[str, str], who: str, table: str) -> Mapping[RowKind, str]:
    """Our names with those a connection gives in a table of its own; Misset for a kind of row nobody knows."""
    known = {kind.value for kind in CHARGES}
    for name in sorted(given.keys() - known):
        raise Misset(
            f"{who}'s table of {table} has a line for {name!r}, which is none of ours.",
            f"Name only: {', '.join(sorted(known))}.",
            code=f"{who.lower().replace(' ', '_')}_{table}",
        )
    return {**CHARGES, **{RowKind(name): item for name, item in given.items()}}


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a document; `quantity × unit_price` is a whole number of minor units."""

    key: str
    """Shopify's line id, with a suffix where a line takes several rows."""
    kind: RowKind
    sku: Sku | None
    text: str
    quantity: int
    unit_price: Decimal
    warehouse: WarehouseId | None
    item: str = ""
    """What the row is sold as, where the configuration says so for this tax or shipping method."""
    base_price: Decimal = Decimal(0)
    """Before discounts; given only where unit prices are not spread."""
    line: str = ""
    """Shopify's line id, shared by all rows of the line and the taxes on it."""

    @property
    def amount(self) -> Decimal:
        """What the row adds to the total."""
        return self.quantity * self.unit_price


def sold_as(row: Row, products: Mapping[RowKind, str] = CHARGES) -> str:
    """The name under which the back office sells a row."""
    return str(row.sku) if row.kind is RowKind.GOODS else row.item or products[row.kind]


def spread(amount: Decimal, quantity: int, step: Decimal) -> tuple[tuple[int, Decimal], ...]:
    """(units, unit price) pairs, at most two and one `step` apart, that add up to `amount` exactly.

    ValueError when the amount is no whole number of steps or there is nothing to spread it over.
    """
    steps = amount / step
    if quantity < 1 or steps != steps.to_integral_value():
        raise ValueError(f"{amount} cannot be spread over {quantity} units in steps of {step}")
    low, over = divmod(int(steps), quantity)
    pairs = ((over, (low + 1) * step), (quantity - over, low * step))
    return tuple((units, price) for units, price in pairs if units)


def rows(sale: SalesDocument, price_step: Decimal | None = None) -> tuple[Row, ...]:
    """The rows of a sale, adding up to its total; Refused when they do not, or are finer than a minor unit.

    With a `price_step` unit prices are as fine as that, and the back office rounds each row half to even.
    """
    step = Decimal(1).scaleb(-exponent(sale.currency))
    try:
        made = tuple(row for line in sale.lines for row in _rows(line, sale, step, price_step))
    except ValueError as odd:
        raise Refused(
            f"Order {sale.name} has an amount finer than the smallest unit of {sale.currency}.",
            "Compare the order in Shopify line by line with its proof, correct it there and retry.",
            code="amount_too_fine",
            log=str(odd),
        ) from odd
    if sum((_booked(row, step) if price_step else row.amount for row in made), Decimal(0)) != sale.total:
        raise Refused(
            f"The lines of order {sale.name} do not add up to its total of {sale.total} {sale.currency}.",
            "Compare the order in Shopify line by line with its proof, correct it there and retry.",
            code="order_does_not_add_up",
        )
    return made


def _rows(line: SalesLine, sale: SalesDocument, step: Decimal, fine: Decimal | None) -> Iterator[Row]:
    charged = line.quantity * line.unit_price - line.discount - (line.tax if sale.taxes_included else 0)
    if not line.quantity and not charged:
        return  # removed from the order before it reached us
    kind = RowKind(line.kind) if line.kind is not LineKind.GOODS else _goods(line)
    if fine is not None:
        yield from _whole(line, kind, charged, step, fine)
    for number, (units, price) in enumerate(spread(charged, line.quantity, step) if fine is None else ()):
        key = f"{line.key}~{number}" if number else line.key
        yield Row(key, kind, line.sku, _text(line), units, price, line.warehouse, line.carrier, line=line.key)
    left = line.tax
    for number, (title, amount) in enumerate(line.taxes):
        left -= amount
        if amount:
            code = sale.tax_codes.get(title, "")
            yield Row(
                f"{line.key}#tax{number}", RowKind.TAX, None, title, 1, amount, None, code, amount, line.key
            )
    if left:
        raise ValueError(f"the named taxes of {line.key} leave {left} over")


def _whole(line: SalesLine, kind: RowKind, charged: Decimal, step: Decimal, fine: Decimal) -> Iterator[Row]:
    """A line in one row, and what its unit price cannot express; ValueError as `spread` raises it."""
    spread(charged, line.quantity, step)
    price = (charged / line.quantity).quantize(fine, ROUND_HALF_EVEN)
    before = ((charged + line.discount) / line.quantity).quantize(fine, ROUND_HALF_EVEN)
    whole = Row(
        line.key, kind, line.sku, _text(line), line.quantity, price, line.warehouse, line.carrier, before, line.key
    )  # fmt: skip
    yield whole
    if rest := charged - _booked(whole, step):
        text = "Rounding of unit prices"
        key = f"{line.key}#rounding"
        yield Row(key, RowKind.ROUNDING, None, text, 1, rest, None, base_price=rest, line=line.key)


def _booked(row: Row, step: Decimal) -> Decimal:
    """What a back office makes of a row that rounds half to even."""
    return row.amount.quantize(step, ROUND_HALF_EVEN)


def _goods(line: SalesLine) -> RowKind:
    return RowKind.GOODS if line.sku is not None and line.warehouse is not None else RowKind.OTHER


def _text(line: SalesLine) -> str:
    if not line.discount:
        return line.title
    return f"{line.title} ({line.quantity} × {line.unit_price} less {line.discount})"

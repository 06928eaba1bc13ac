"""A sales document as sale lines whose rounded sum is the shop's total, to the cent.

Tryton would compute taxes again; we carry them as they were charged. Lines have no taxes of Tryton's own: goods
stand net of tax, and each tax of the shop is one line of the service product TAX, named as the shop named it.
A line of Tryton is `round(quantity × unit price)` with four decimals in the price; what that cannot express
(100 units or more) goes to a line of the service product ROUNDING.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal

from engine.model.failure import Refused
from engine.model.ids import Sku, WarehouseId
from engine.model.money import exponent
from engine.model.sale import LineKind, SalesDocument, SalesLine

SERVICES: Mapping[LineKind, str] = {
    LineKind.SHIPPING: "SHIPPING",
    LineKind.DUTY: "DUTY",
    LineKind.TIP: "TIP",
    LineKind.FEE: "FEE",
    LineKind.ROUNDING: "ROUNDING",
    LineKind.GOODS: "OTHER",
    LineKind.GIFT_CARD: "GIFT CARD",
}
"""Codes of the service products for what is no stocked product; OTHER is for lines without a SKU."""
TAX = "TAX"
PRICE_STEP = Decimal("0.0001")


@dataclass(frozen=True, slots=True)
class SaleRow:
    """One line to be created in Tryton."""

    code: str
    """Code of the product, stocked or service."""
    text: str
    quantity: int
    unit_price: Decimal
    base_price: Decimal
    """Before discount."""
    warehouse: WarehouseId | None


def rows(sale: SalesDocument) -> tuple[SaleRow, ...]:
    """All lines of the sale; Refused when the document itself does not add up."""
    step = Decimal(1).scaleb(-exponent(sale.currency))
    made: list[SaleRow] = []
    taxes: dict[str, Decimal] = defaultdict(Decimal)
    rounding = Decimal(0)
    for line in sale.lines:
        net = line.quantity * line.unit_price - line.discount
        if sale.taxes_included:
            net -= line.tax
        row = _row(line, net)
        made.append(row)
        rounding += net - _booked(row, step)
        named = sum((amount for _, amount in line.taxes), Decimal(0))
        for title, amount in line.taxes:
            taxes[title] += amount
        if named != line.tax:
            taxes["Tax"] += line.tax - named
    for title, amount in taxes.items():
        if amount:
            made.append(SaleRow(sale.tax_codes.get(title, TAX), title, 1, amount, amount, None))
    if rounding:
        code = SERVICES[LineKind.ROUNDING]
        made.append(SaleRow(code, "Rounding of unit prices", 1, rounding, rounding, None))
    booked = sum((_booked(row, step) for row in made), Decimal(0))
    if booked != sale.total:
        raise Refused(
            f"The lines add up to {booked} {sale.currency}, the order to {sale.total} {sale.currency}",
            "Report this order with its proof; it is not entered in Tryton with a wrong total",
            code="total_mismatch",
        )
    return tuple(made)


def allotted(made: tuple[SaleRow, ...]) -> dict[WarehouseId, dict[Sku, int]]:
    """Stocked units by warehouse."""
    units: dict[WarehouseId, dict[Sku, int]] = {}
    for row in made:
        if row.warehouse is not None and row.quantity:
            shelf = units.setdefault(row.warehouse, {})
            shelf[Sku(row.code)] = shelf.get(Sku(row.code), 0) + row.quantity
    return units


def _row(line: SalesLine, net: Decimal) -> SaleRow:
    quantity = line.quantity
    code = line.sku if line.kind is LineKind.GOODS and line.sku else line.carrier or SERVICES[line.kind]
    ships = line.kind is LineKind.GOODS and line.sku is not None
    if quantity == 0:
        return SaleRow(code, line.title, 0, Decimal(0), Decimal(0), None)
    price = (net / quantity).quantize(PRICE_STEP, ROUND_HALF_EVEN)
    base = ((net + line.discount) / quantity).quantize(PRICE_STEP, ROUND_HALF_EVEN)
    return SaleRow(code, line.title, quantity, price, base, line.warehouse if ships else None)


def _booked(row: SaleRow, step: Decimal) -> Decimal:
    """What Tryton makes of a row: it rounds half to even."""
    return (row.quantity * row.unit_price).quantize(step, ROUND_HALF_EVEN)

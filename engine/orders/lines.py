"""The lines of a sales document: goods by warehouse, gift cards, shipping, and what else was charged."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from decimal import Decimal

from engine.model.failure import Unmapped
from engine.model.ids import LocationId, Sku, WarehouseId
from engine.model.money import exponent
from engine.model.order import Allocation, Order, OrderLine, ShippingLine, Surcharge, TaxLine
from engine.model.sale import LineKind, SalesLine
from engine.orders.allocate import share_out
from engine.orders.places import Part, parts, places
from engine.orders.tips import tip_line

NOTHING = Decimal(0)


def sales_lines(
    order: Order, warehouses: Mapping[LocationId, WarehouseId], there: Mapping[Sku, WarehouseId]
) -> tuple[SalesLine, ...]:
    """Every line, adding up to the order's total when the order itself adds up.

    Of goods that were taken out altogether, what a document has `there` stays named, with quantity 0.
    """
    at, tip = places(order), tip_line(order)
    lines: list[SalesLine] = []
    for line in order.lines:
        if line is tip:
            lines.append(_line(line, LineKind.TIP))
        elif line.is_gift_card and line.quantity:
            lines.append(_line(line, LineKind.GIFT_CARD))
        elif line.requires_shipping:
            lines += _goods(order, line, at.get(line.id, {}), warehouses, there)
        elif line.quantity:
            lines.append(_line(line, LineKind.GOODS))
    lines += (_shipping(charge) for charge in order.shipping)
    lines += _extras(order, tip_listed=tip is not None)
    return tuple(lines)


def _goods(
    order: Order,
    line: OrderLine,
    at: Mapping[LocationId, int],
    warehouses: Mapping[LocationId, WarehouseId],
    there: Mapping[Sku, WarehouseId],
) -> list[SalesLine]:
    if line.sku is None:
        raise Unmapped(
            f"Order {order.name} sells “{line.title}”, which has no SKU.",
            "Give the variant a SKU in Shopify, or mark it as not shipped, and retry.",
            code="line_without_sku",
        )
    split = parts(order, line, at, warehouses, there)
    if not split and line.sku in there:
        split = (Part(there[line.sku], 0),)
    if len(split) < 2:
        return [_line(line, LineKind.GOODS, part) for part in split]
    return _split(_line(line, LineKind.GOODS), split, Decimal(1).scaleb(-exponent(order.currency)))


def _split(whole: SalesLine, split: tuple[Part, ...], step: Decimal) -> list[SalesLine]:
    """A line that leaves from several warehouses, each with its share of discount and taxes."""
    units = [part.units for part in split]
    discounts = share_out(whole.discount, units, step)
    taxes = [share_out(amount, units, step) for _, amount in whole.taxes]
    channel = share_out(whole.channel_tax, units, step)
    made = []
    for number, part in enumerate(split):
        named = tuple((title, taxes[at][number]) for at, (title, _) in enumerate(whole.taxes))
        piece = replace(
            whole,
            key=f"{whole.key}/{part.warehouse}" if number else whole.key,
            quantity=part.units,
            discount=discounts[number],
            tax=sum((amount for _, amount in named), NOTHING),
            taxes=named,
            channel_tax=channel[number],
            warehouse=part.warehouse,
        )
        made.append(piece)
    return made


def _line(line: OrderLine, kind: LineKind, at: Part | None = None) -> SalesLine:
    """One line as it is; at its place when it has one."""
    return SalesLine(
        key=line.id,
        kind=kind,
        sku=line.sku,
        title=line.title,
        quantity=line.quantity,
        unit_price=line.unit_price.shop.amount,
        discount=_discount(line.allocations),
        tax=_tax(line.taxes),
        taxes=_named(line.taxes),
        warehouse=None if at is None else at.warehouse,
        channel_tax=_channel(line.taxes),
        attributes=line.attributes,
        selling_plan=line.selling_plan,
        bundle=line.bundle,
    )


def _shipping(charge: ShippingLine) -> SalesLine:
    return SalesLine(
        key=charge.id,
        kind=LineKind.SHIPPING,
        sku=None,
        title=charge.title,
        quantity=1,
        unit_price=charge.price.shop.amount,
        discount=_discount(charge.allocations),
        tax=_tax(charge.taxes),
        taxes=_named(charge.taxes),
        warehouse=None,
        channel_tax=_channel(charge.taxes),
    )


def _extras(order: Order, *, tip_listed: bool) -> Iterator[SalesLine]:
    """Duties in one line, each fee in its own, tips and cash rounding; taxes on them with them."""
    duty_taxes = tuple(tax for line in order.lines for duty in line.duties for tax in duty.taxes)
    duties = NOTHING if order.duties is None else order.duties.shop.amount
    if duties or duty_taxes:
        yield _extra(order, LineKind.DUTY, "Duties", duties, duty_taxes)
    if order.tips is not None and not tip_listed:
        yield _extra(order, LineKind.TIP, "Tip", order.tips.shop.amount)
    yield from _fees(order, order.fee_lines)
    if order.rounding is not None and order.rounding.shop.amount:
        yield _extra(order, LineKind.ROUNDING, "Cash rounding", order.rounding.shop.amount)


def _fees(order: Order, listed: tuple[Surcharge, ...]) -> Iterator[SalesLine]:
    for number, fee in enumerate(listed):
        made = _extra(order, LineKind.FEE, fee.title or "Fee", fee.amount.shop.amount, fee.taxes)
        yield replace(made, key=fee.id or f"{made.key}{number}")
    if not listed and order.fees is not None:
        yield _extra(order, LineKind.FEE, "Fees", order.fees.shop.amount)


def _extra(
    order: Order, kind: LineKind, title: str, amount: Decimal, taxes: tuple[TaxLine, ...] = ()
) -> SalesLine:
    return SalesLine(
        key=f"{order.id}#{kind}",
        kind=kind,
        sku=None,
        title=title,
        quantity=1,
        unit_price=amount,
        discount=NOTHING,
        tax=_tax(taxes),
        taxes=_named(taxes),
        warehouse=None,
        channel_tax=_channel(taxes),
    )


def _discount(allocations: Iterable[Allocation]) -> Decimal:
    return sum((allocation.amount.shop.amount for allocation in allocations), NOTHING)


def _tax(taxes: Iterable[TaxLine]) -> Decimal:
    return sum((tax.amount.shop.amount for tax in taxes), NOTHING)


def _channel(taxes: Iterable[TaxLine]) -> Decimal:
    return sum((tax.amount.shop.amount for tax in taxes if tax.channel_liable), NOTHING)


def _named(taxes: Iterable[TaxLine]) -> tuple[tuple[str, Decimal], ...]:
    return tuple((tax.title, tax.amount.shop.amount) for tax in taxes)

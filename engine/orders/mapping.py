"""From a Shopify order to the sales document a back office is asked to hold. No defaults: what has no name is refused."""

from collections.abc import Iterator, Mapping
from decimal import Decimal

from engine.model.failure import Refused, Unmapped
from engine.model.ids import LocationId, WarehouseId
from engine.model.money import MoneyBag
from engine.model.order import Allocation, Order, OrderLine, TaxLine
from engine.model.sale import LineKind, Payment, SalesDocument, SalesLine
from engine.orders.movements import HOLDING
from engine.orders.proof import document_total, prove

TAKEN = frozenset({"SALE", "CAPTURE", "AUTHORIZATION"})


def sales_document(order: Order, warehouses: Mapping[LocationId, WarehouseId]) -> SalesDocument:
    """The document for an order.

    Raises Refused when the order does not add up or ships one line from several places, Unmapped when a location
    has no warehouse or a shippable line no SKU.
    """
    proof = prove(order)
    if not proof.exact:
        left = proof.residual
        raise Refused(
            f"Order {order.name} does not add up: {left.shop.amount} {left.shop.currency} "
            f"({left.presentment.amount} {left.presentment.currency}) are left over.",
            "Compare the order in Shopify line by line with its proof, correct it there and retry.",
            code="order_does_not_add_up",
        )
    places = _places(order)
    lines = (
        *(_goods(order, line, places.get(line.id, set()), warehouses) for line in order.lines),
        *(
            SalesLine(
                key=charge.id, kind=LineKind.SHIPPING, sku=None, title=charge.title, quantity=1,
                unit_price=charge.price.shop.amount, discount=_discount(charge.allocations),
                tax=_tax(charge.taxes), taxes=_taxes(charge.taxes), warehouse=None,
            )
            for charge in order.shipping
        ),
        *_extras(order),
    )  # fmt: skip
    sale = SalesDocument(
        ref=order.id,
        name=order.name,
        placed_at=order.created_at,
        currency=order.currency,
        taxes_included=order.taxes_included,
        lines=lines,
        total=order.total.shop.amount,
        presentment_currency=order.presentment_currency,
        presentment_total=order.total.presentment.amount,
        payments=tuple(
            Payment(paid.id, paid.kind, paid.gateway, paid.amount.shop.amount)
            for paid in order.transactions
            if paid.status == "SUCCESS" and paid.kind in TAKEN
        ),
        customer=order.customer,
        email=order.email,
        address=order.address,
        note=order.note,
    )
    assert document_total(sale) == sale.total, "the mapping lost an amount that the proof has seen"
    return sale


def _places(order: Order) -> Mapping[str, set[LocationId]]:
    """Where each line leaves or left from."""
    places: dict[str, set[LocationId]] = {}
    for group in order.fulfilment_orders:
        if group.status in HOLDING and group.location:
            for line, quantity in group.lines:
                if quantity:
                    places.setdefault(line, set()).add(group.location)
    for fulfilment in order.fulfilments:
        if fulfilment.status == "SUCCESS" and fulfilment.location:
            for line, quantity in fulfilment.lines:
                if quantity:
                    places.setdefault(line, set()).add(fulfilment.location)
    return places


def _goods(
    order: Order, line: OrderLine, places: set[LocationId], warehouses: Mapping[LocationId, WarehouseId]
) -> SalesLine:
    warehouse: WarehouseId | None = None
    if line.requires_shipping and not line.is_gift_card:
        if line.sku is None:
            raise Unmapped(
                f"Order {order.name} sells “{line.title}”, which has no SKU.",
                "Give the variant a SKU in Shopify, or mark it as not shipped, and retry.",
                code="line_without_sku",
            )
        warehouse = _warehouse(order, line, places, warehouses)
    return SalesLine(
        key=line.id,
        kind=LineKind.GOODS,
        sku=line.sku,
        title=line.title,
        quantity=line.quantity,
        unit_price=line.unit_price.shop.amount,
        discount=_discount(line.allocations),
        tax=_tax(line.taxes),
        taxes=_taxes(line.taxes),
        warehouse=warehouse,
    )


def _warehouse(
    order: Order, line: OrderLine, places: set[LocationId], warehouses: Mapping[LocationId, WarehouseId]
) -> WarehouseId:
    if len(places) != 1:
        count = "no location" if not places else f"{len(places)} locations"
        raise Refused(
            f"Line {line.sku} of order {order.name} ships from {count}.",
            "Assign the line to one location in Shopify and retry.",
            code="line_without_one_location",
        )
    (location,) = places
    if location not in warehouses:
        raise Unmapped(
            f"Location {location} of order {order.name} has no warehouse.",
            "Add the location to [connections.locations] in the configuration, restart, and retry.",
            code="location_unmapped",
        )
    return warehouses[location]


def _extras(order: Order) -> Iterator[SalesLine]:
    extras: tuple[tuple[LineKind, str, MoneyBag | None], ...] = (
        (LineKind.DUTY, "Duties", order.duties),
        (LineKind.TIP, "Tip", order.tips),
        (LineKind.FEE, "Fees", order.fees),
        (LineKind.ROUNDING, "Cash rounding", order.rounding),
    )
    for kind, title, amount in extras:
        if amount is not None and amount.shop.amount:
            yield SalesLine(
                key=f"{order.id}#{kind}", kind=kind, sku=None, title=title, quantity=1,
                unit_price=amount.shop.amount, discount=Decimal(0), tax=Decimal(0), taxes=(), warehouse=None,
            )  # fmt: skip


def _discount(allocations: tuple[Allocation, ...]) -> Decimal:
    return sum((allocation.amount.shop.amount for allocation in allocations), Decimal(0))


def _tax(taxes: tuple[TaxLine, ...]) -> Decimal:
    return sum((tax.amount.shop.amount for tax in taxes), Decimal(0))


def _taxes(taxes: tuple[TaxLine, ...]) -> tuple[tuple[str, Decimal], ...]:
    return tuple((tax.title, tax.amount.shop.amount) for tax in taxes)

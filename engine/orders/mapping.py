"""From a Shopify order to the sales document a back office is asked to hold. No defaults: what has no name is refused."""

from collections.abc import Mapping
from decimal import Decimal

from engine.model.failure import Refused
from engine.model.ids import LocationId, WarehouseId
from engine.model.order import Order
from engine.model.sale import Payment, SalesDocument
from engine.orders.lines import sales_lines
from engine.orders.payments import AUTHORISED, PAID_IN
from engine.orders.proof import Check, Proof, document_total, prove


def sales_document(order: Order, warehouses: Mapping[LocationId, WarehouseId]) -> SalesDocument:
    """The document for an order.

    Raises Refused when the order does not add up or units have no place, Unmapped when a location has no warehouse
    or a shippable line no SKU.
    """
    first = _proven(order).first
    if first is not None:
        raise _differs(order, first)
    sale = SalesDocument(
        ref=order.id,
        name=order.name,
        placed_at=order.created_at,
        currency=order.currency,
        taxes_included=order.taxes_included,
        lines=sales_lines(order, warehouses),
        total=order.total.shop.amount,
        presentment_currency=order.presentment_currency,
        presentment_total=order.total.presentment.amount,
        payments=_payments(order),
        customer=order.customer,
        email=order.email,
        address=order.address,
        note=order.note,
        buyer=order.buyer,
        origin=order.origin,
        terms=order.terms,
        attributes=order.attributes,
        tags=order.tags,
        discounts=order.discounts,
    )
    if document_total(sale) != sale.total:
        raise AssertionError("the mapping lost an amount that the proof has seen")
    return sale


def _proven(order: Order) -> Proof:
    try:
        return prove(order)
    except ValueError as mixed:
        raise Refused(
            f"Order {order.name} cannot be added up: {mixed}.",
            "Compare the currencies of the order in Shopify, and retry.",
            code="currencies_mixed",
        ) from mixed


def _differs(order: Order, first: Check) -> Refused:
    return Refused(
        f"Order {order.name} does not add up at “{first.label}”: its parts make "
        f"{first.ours[0]} {order.currency} ({first.ours[1]} {order.presentment_currency}), Shopify states "
        f"{first.stated[0]} {order.currency} ({first.stated[1]} {order.presentment_currency}).",
        f"Look at it with trueup order proof {order.name}, correct the order in Shopify and retry.",
        code="order_does_not_add_up",
    )


def _payments(order: Order) -> tuple[Payment, ...]:
    """Money taken, and of what is only authorised the part that is not captured yet."""
    captured: dict[str, tuple[Decimal, Decimal]] = {}
    voided = set[str]()
    for paid in order.transactions:
        if paid.status == "SUCCESS" and paid.parent and paid.kind == "CAPTURE":
            before = captured.get(paid.parent, (Decimal(0), Decimal(0)))
            captured[paid.parent] = (
                before[0] + paid.amount.shop.amount,
                before[1] + paid.amount.presentment.amount,
            )
        elif paid.status == "SUCCESS" and paid.parent and paid.kind == "VOID":
            voided.add(paid.parent)
    found = []
    for paid in order.transactions:
        if paid.status != "SUCCESS" or paid.kind not in PAID_IN | AUTHORISED or paid.id in voided:
            continue
        shop, presentment = paid.amount.shop.amount, paid.amount.presentment.amount
        if paid.kind in AUTHORISED and paid.id in captured:
            shop, presentment = shop - captured[paid.id][0], presentment - captured[paid.id][1]
        if paid.rounding is not None:
            shop, presentment = (
                shop + paid.rounding.shop.amount,
                presentment + paid.rounding.presentment.amount,
            )
        if shop:
            found.append(Payment(paid.id, paid.kind, paid.gateway, shop, presentment, paid.manual))
    return tuple(found)

"""From a Shopify order to the sales document a back office is asked to hold. No defaults: what has no name is refused."""

from collections.abc import Mapping

from engine.model.currencies import DIGITS
from engine.model.failure import Refused, Unmapped
from engine.model.ids import LocationId, Sku, WarehouseId
from engine.model.order import Order
from engine.model.sale import Document, SalesDocument, shipped
from engine.orders.lines import sales_lines
from engine.orders.payments import payments
from engine.orders.proof import Check, Proof, document_total, prove
from engine.orders.standing import standing
from engine.orders.values import ValueMaps, in_their_words


def sales_document(
    order: Order,
    warehouses: Mapping[LocationId, WarehouseId],
    values: ValueMaps | None = None,
    document: Document | None = None,
) -> SalesDocument:
    """The document for an order as it stands.

    To amend a `document`: what it has shipped stays in, and goods that were taken out are named with quantity 0.

    Raises Refused when the order does not add up or units have no place, Unmapped when a location has no warehouse,
    a shippable line no SKU, a currency is none we know the decimals of, or a value has no name in its table.
    """
    for currency in (order.currency, order.presentment_currency):
        if currency not in DIGITS:
            raise Unmapped(
                f"Order {order.name} is in {currency}, a currency TrueUp does not know.",
                "Report the code, so that its decimals get into the table, and retry with the version that has it.",
                code="currency_unknown",
            )
    first = _proven(order).first
    if first is not None:
        raise _differs(order, first)
    owed = standing(order, shipped(document))
    sale = SalesDocument(
        ref=order.id,
        name=order.name,
        placed_at=order.created_at,
        currency=order.currency,
        taxes_included=order.taxes_included,
        lines=sales_lines(owed, warehouses, _there(document)),
        total=owed.total.shop.amount,
        presentment_currency=order.presentment_currency,
        presentment_total=owed.total.presentment.amount,
        payments=payments(order),
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
    return in_their_words(sale, values or {})


def _there(document: Document | None) -> Mapping[Sku, WarehouseId]:
    """A warehouse of each SKU of a document: the one it has left from, if it has."""
    lines = document.lines if document is not None else ()
    return {line.sku: line.warehouse for line in sorted(lines, key=lambda line: line.shipped)}


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

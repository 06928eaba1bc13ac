"""What becomes of an order's units: fulfilment orders, fulfilments and refunds, field by field."""

from collections.abc import Mapping
from dataclasses import dataclass

from adapters.shopify.sandbox.money import NOTHING, total
from adapters.shopify.sandbox.order_fields import Fields, Money, Within, capped, with_order
from adapters.shopify.sandbox.paging import page
from adapters.shopify.sandbox.things import Refund, gid


@dataclass(frozen=True, slots=True)
class Adjusted:
    """The adjustment of a refund that pays another amount than it gives back."""

    refund: Refund

    @property
    def number(self) -> int:
        """One per refund."""
        return self.refund.number


FULFILMENT_ORDER: Fields = {
    "id": lambda f, info: f.gid,
    "status": lambda f, info: f.status,
    "requestStatus": lambda f, info: "UNSUBMITTED",
    "assignedLocation": lambda f, info: {
        "location": f.location,
        "name": f.location.name,
        "countryCode": "US",
    },
    "createdAt": lambda f, info: f.created_at,
    "updatedAt": lambda f, info: f.updated_at,
    "order": lambda f, info: f.order,
    "orderId": lambda f, info: f.order.gid,
    "orderName": lambda f, info: f.order.name,
    "orderProcessedAt": lambda f, info: f.order.created_at,
    "lineItems": lambda f, info, **args: page(f.lines, args),
    "fulfillments": lambda f, info, **args: page(
        [done for done in f.order.fulfilments if done.location is f.location], args
    ),
    "supportedActions": lambda f, info: (
        [{"action": "CREATE_FULFILLMENT"}, {"action": "MOVE"}, {"action": "HOLD"}] if f.open else []
    ),
}
FULFILMENT_ORDER_LINE: Fields = {
    "id": lambda r, info: gid("FulfillmentOrderLineItem", r.number),
    "lineItem": lambda r, info: Within(r.line, info.context.shop.lines[r.line.number]),
    "inventoryItemId": lambda r, info: r.line.item.gid,
    "sku": lambda r, info: r.line.sku,
    "productTitle": lambda r, info: r.line.item.title,
    "remainingQuantity": lambda r, info: r.remaining,
    "totalQuantity": lambda r, info: r.total,
    "requiresShipping": lambda r, info: True,
    "variant": lambda r, info: ("variant", r.line.item),
}
FULFILMENT: Fields = {
    "id": lambda f, info: gid("Fulfillment", f.number),
    "legacyResourceId": lambda f, info: str(f.number),
    "name": lambda f, info: f.name,
    "status": lambda f, info: "SUCCESS",
    "displayStatus": lambda f, info: "FULFILLED",
    "createdAt": lambda f, info: f.created_at,
    "updatedAt": lambda f, info: f.created_at,
    "location": lambda f, info: f.location,
    "order": lambda f, info: f.order,
    "requiresShipping": lambda f, info: True,
    "totalQuantity": lambda f, info: sum(count for _, _, count in f.lines),
    "trackingInfo": lambda f, info, **args: capped(
        [{"company": company, "number": number, "url": url} for company, number, url in f.tracking],
        args.get("first"),
    ),
    "fulfillmentLineItems": lambda f, info, **args: page(with_order(f.lines, f.order), args),
    "fulfillmentOrders": lambda f, info, **args: page(
        [o for o in f.order.fulfilment_orders if o.location is f.location], args
    ),
}
FULFILMENT_LINE: Fields = {
    "id": lambda w, info: gid("FulfillmentLineItem", w.part[0]),
    "lineItem": lambda w, info: Within(w.part[1], w.order),
    "quantity": lambda w, info: w.part[2],
    "originalTotalSet": lambda w, info: Money(w.part[1].unit_price.times(w.part[2]), w.order),
    "discountedTotalSet": lambda w, info: Money(w.part[1].unit_price.times(w.part[2]), w.order),
}
REFUND: Fields = {
    "id": lambda r, info: gid("Refund", r.number),
    "legacyResourceId": lambda r, info: str(r.number),
    "note": lambda r, info: r.note,
    "order": lambda r, info: r.order,
    "createdAt": lambda r, info: r.created_at,
    "processedAt": lambda r, info: r.created_at,
    "updatedAt": lambda r, info: r.created_at,
    "totalRefundedSet": lambda r, info: Money(total([t.amount for t in r.transactions]), r.order),
    "refundLineItems": lambda r, info, **args: page(with_order(r.lines, r.order), args),
    "refundShippingLines": lambda r, info, **args: page(with_order(r.shipping, r.order), args),
    "transactions": lambda r, info, **args: page(r.transactions, args),
    "orderAdjustments": lambda r, info, **args: page([Adjusted(r)] if r.adjustment != NOTHING else [], args),
}
ADJUSTMENT: Fields = {
    "id": lambda a, info: gid("OrderAdjustment", a.number),
    "amountSet": lambda a, info: Money(NOTHING - a.refund.adjustment, a.refund.order),
    "taxAmountSet": lambda a, info: Money(NOTHING, a.refund.order),
    "reason": lambda a, info: "REFUND_DISCREPANCY",
}
REFUND_SHIPPING: Fields = {
    "id": lambda w, info: gid("RefundShippingLine", w.part.number),
    "shippingLine": lambda w, info: w,
    "subtotalAmountSet": lambda w, info: Money(w.part.price, w.order),
    "taxAmountSet": lambda w, info: Money(total([tax.amount for tax in w.part.taxes]), w.order),
}
REFUND_LINE: Fields = {
    "id": lambda w, info: gid("RefundLineItem", w.part.number),
    "lineItem": lambda w, info: Within(w.part.line, w.order),
    "quantity": lambda w, info: w.part.quantity,
    "restockType": lambda w, info: w.part.restock,
    "restocked": lambda w, info: w.part.restock != "NO_RESTOCK",
    "location": lambda w, info: w.part.location,
    "priceSet": lambda w, info: Money(w.part.line.unit_price, w.order),
    "subtotalSet": lambda w, info: Money(w.part.subtotal, w.order),
    "totalTaxSet": lambda w, info: Money(w.part.tax, w.order),
}

SHIP_FIELDS: Mapping[str, Fields] = {
    "FulfillmentOrder": FULFILMENT_ORDER,
    "FulfillmentOrderLineItem": FULFILMENT_ORDER_LINE,
    "Fulfillment": FULFILMENT,
    "FulfillmentLineItem": FULFILMENT_LINE,
    "Refund": REFUND,
    "OrderAdjustment": ADJUSTMENT,
    "RefundLineItem": REFUND_LINE,
    "RefundShippingLine": REFUND_SHIPPING,
}

"""From Shopify's order to ours, complete: every connection has been read to its end before this runs.

What identifies an order and what it charges must be there; anything else may be missing, because a key may lack the
scope for it and a file given to `trueup order proof` may be short. A sum that is missing is simply not compared.
"""

from adapters.shopify.charges import attributes, discounts_from, fee_from, line_from, shipping_from
from adapters.shopify.people import buyer_from, name_of, origin_from, terms_from
from adapters.shopify.wire import (
    JsonObject,
    bag,
    bag_if_given,
    bag_or_none,
    gid,
    line,
    location_of,
    moment,
    moment_or_none,
    nodes,
    paragraph,
    whole,
)
from engine.model.ids import OrderId
from engine.model.order import Fulfilment, FulfilmentOrder, Order, Refund, RefundLine, Stated, Transaction

_STATED = {
    "subtotal": "subtotalPriceSet",
    "tax": "totalTaxSet",
    "duties": "originalTotalDutiesSet",
    "current_total": "currentTotalPriceSet",
    "current_subtotal": "currentSubtotalPriceSet",
    "current_tax": "currentTotalTaxSet",
    "current_shipping": "currentShippingPriceSet",
    "current_duties": "currentTotalDutiesSet",
    "current_fees": "currentTotalAdditionalFeesSet",
    "received": "totalReceivedSet",
    "refunded": "totalRefundedSet",
    "net_payment": "netPaymentSet",
    "outstanding": "totalOutstandingSet",
    "discrepancy": "refundDiscrepancySet",
}


def order_from(node: JsonObject) -> Order:
    """The canonical order. `nodes` of each connection hold all its members.

    Shopify keeps cash rounding beside its total; ours is what the buyer was charged, so it is added.
    """
    rounded = node.get("totalCashRoundingAdjustment") or {}
    total, rounding = bag(node["totalPriceSet"]), bag_or_none(rounded.get("paymentSet"))
    duties_included = bool(node.get("dutiesIncluded"))
    created = moment(node["createdAt"])
    return Order(
        id=OrderId(line(node["id"])),
        name=line(node["name"]),
        created_at=created,
        updated_at=moment_or_none(node.get("updatedAt")) or created,
        cancelled_at=moment_or_none(node.get("cancelledAt")),
        currency=line(node["currencyCode"]),
        presentment_currency=line(node.get("presentmentCurrencyCode")) or total.presentment.currency,
        taxes_included=bool(node["taxesIncluded"]),
        lines=tuple([line_from(each) for each in node["lineItems"]["nodes"]]),
        total=total if rounding is None else total + rounding,
        shipping=tuple(shipping_from(each, at) for at, each in enumerate(nodes(node, "shippingLines"))),
        discounts=discounts_from(nodes(node, "discountApplications")),
        duties=None if duties_included else bag_or_none(node.get("originalTotalDutiesSet")),
        tips=bag_or_none(node.get("totalTipReceivedSet")),
        fees=bag_or_none(node.get("originalTotalAdditionalFeesSet")),
        rounding=rounding,
        transactions=tuple(_transaction(each) for each in node.get("transactions") or ()),
        fulfilment_orders=tuple(_fulfilment_order(each) for each in nodes(node, "fulfillmentOrders")),
        fulfilments=tuple(_fulfilment(each) for each in node.get("fulfillments") or ()),
        refunds=tuple(_refund(each) for each in node.get("refunds") or ()),
        retail_location=location_of(node.get("retailLocation")),
        customer=name_of(node),
        email=line(node.get("email")),
        address=tuple(line(row) for row in (node.get("shippingAddress") or {}).get("formatted") or ()),
        note=paragraph(node.get("note")),
        tags=tuple(line(tag) for tag in node.get("tags") or ()),
        fee_lines=tuple(fee_from(each) for each in node.get("additionalFees") or ()),
        duties_included=duties_included,
        stated=Stated(
            **{ours: bag_if_given(node.get(theirs)) for ours, theirs in _STATED.items()},
            refund_rounding=bag_if_given(rounded.get("refundSet")),
        ),
        buyer=buyer_from(node),
        origin=origin_from(node),
        terms=terms_from(node.get("paymentTerms")),
        attributes=attributes(node),
    )


def _transaction(node: JsonObject) -> Transaction:
    return Transaction(
        id=line(node["id"]),
        kind=line(node["kind"]),
        status=line(node["status"]),
        gateway=line(node.get("gateway")),
        amount=bag(node["amountSet"]),
        parent=gid(node.get("parentTransaction")),
        rounding=bag_or_none(node.get("amountRoundingSet")),
        unsettled=bag_if_given(node.get("totalUnsettledSet")),
        manual=bool(node.get("manualPaymentGateway")),
        processed_at=moment_or_none(node.get("processedAt")),
        payment=line(node.get("paymentId")),
    )


def _fulfilment_order(node: JsonObject) -> FulfilmentOrder:
    return FulfilmentOrder(
        id=line(node["id"]),
        status=line(node["status"]),
        location=location_of((node.get("assignedLocation") or {}).get("location")),
        lines=tuple(
            (line(gid(member["lineItem"])), whole(member["remainingQuantity"]))
            for member in nodes(node, "lineItems")
        ),
        method=line((node.get("deliveryMethod") or {}).get("methodType")),
    )


def _fulfilment(node: JsonObject) -> Fulfilment:
    return Fulfilment(
        id=line(node["id"]),
        status=line(node["status"]),
        location=location_of(node.get("location")),
        created_at=moment(node["createdAt"]),
        lines=tuple(
            (line(gid(member["lineItem"])), whole(member["quantity"]))
            for member in nodes(node, "fulfillmentLineItems")
        ),
        tracking=tuple(
            (line(each.get("company")), line(each.get("number")), line(each.get("url")))
            for each in node.get("trackingInfo") or ()
        ),
    )


def _refund(node: JsonObject) -> Refund:
    return Refund(
        id=line(node["id"]),
        created_at=moment(node.get("createdAt") or node["processedAt"]),
        lines=tuple(_refund_line(member) for member in nodes(node, "refundLineItems")),
        shipping=tuple(
            (line(gid(each.get("shippingLine"))), bag(each["subtotalAmountSet"]), bag(each["taxAmountSet"]))
            for each in nodes(node, "refundShippingLines")
        ),
        duties=tuple(bag(each["amountSet"]) for each in node.get("duties") or ()),
        transactions=tuple(line(each["id"]) for each in nodes(node, "transactions")),
        note=paragraph(node.get("note")),
    )


def _refund_line(node: JsonObject) -> RefundLine:
    """Units that the shop has not put back yet, or will not, count as not restocked whatever was intended."""
    restock = line(node.get("restockType"))
    return RefundLine(
        line=line(gid(node["lineItem"])),
        quantity=whole(node["quantity"]),
        restock=restock if node.get("restocked") else "NO_RESTOCK",
        location=location_of(node.get("location")),
        subtotal=bag_if_given(node.get("subtotalSet")),
        tax=bag_if_given(node.get("totalTaxSet")),
    )

"""From Shopify's order to ours, complete: every connection has been read to its end before this runs."""

from decimal import Decimal

from adapters.shopify.wire import (
    JsonObject,
    bag,
    bag_or_none,
    gid,
    line,
    location_of,
    moment,
    paragraph,
    sku_of,
    whole,
)
from engine.model.ids import OrderId
from engine.model.order import (
    Allocation,
    DiscountApplication,
    Fulfilment,
    FulfilmentOrder,
    Order,
    OrderLine,
    Refund,
    RefundLine,
    ShippingLine,
    TaxLine,
    Transaction,
)

_KINDS = {
    "DiscountCodeApplication": "code",
    "AutomaticDiscountApplication": "automatic",
    "ManualDiscountApplication": "manual",
    "ScriptDiscountApplication": "script",
}


def order_from(node: JsonObject) -> Order:
    """The canonical order. `nodes` of each connection hold all its members.

    Shopify keeps cash rounding beside its total; ours is what the buyer was charged, so it is added.
    """
    shipping, billing = node.get("shippingAddress"), node.get("billingAddress")
    total, rounding = (
        bag(node["totalPriceSet"]),
        bag_or_none(node["totalCashRoundingAdjustment"]["paymentSet"]),
    )
    return Order(
        id=OrderId(line(node["id"])),
        name=line(node["name"]),
        created_at=moment(node["createdAt"]),
        updated_at=moment(node["updatedAt"]),
        cancelled_at=None if node["cancelledAt"] is None else moment(node["cancelledAt"]),
        currency=line(node["currencyCode"]),
        presentment_currency=line(node["presentmentCurrencyCode"]),
        taxes_included=bool(node["taxesIncluded"]),
        lines=tuple(_line(each) for each in node["lineItems"]["nodes"]),
        total=total if rounding is None else total + rounding,
        shipping=tuple(_shipping(each, at) for at, each in enumerate(node["shippingLines"]["nodes"])),
        discounts=_discounts(node["discountApplications"]["nodes"]),
        duties=None if node["dutiesIncluded"] else bag_or_none(node["originalTotalDutiesSet"]),
        tips=bag_or_none(node["totalTipReceivedSet"]),
        fees=bag_or_none(node["originalTotalAdditionalFeesSet"]),
        rounding=rounding,
        transactions=tuple(_transaction(each) for each in node["transactions"]),
        fulfilment_orders=tuple(_fulfilment_order(each) for each in node["fulfillmentOrders"]["nodes"]),
        fulfilments=tuple(_fulfilment(each) for each in node["fulfillments"]),
        refunds=tuple(_refund(each) for each in node["refunds"]),
        retail_location=location_of(node["retailLocation"]),
        customer=_customer(node, billing, shipping),
        email=line(node.get("email")),
        address=tuple(line(row) for row in (shipping or {}).get("formatted") or ()),
        note=paragraph(node.get("note")),
        tags=tuple(line(tag) for tag in node.get("tags") or ()),
    )


def _customer(node: JsonObject, billing: JsonObject | None, shipping: JsonObject | None) -> str:
    names = (
        (node.get("customer") or {}).get("displayName"),
        (billing or {}).get("name"),
        (shipping or {}).get("name"),
    )
    return next((line(name) for name in names if name), "")


def _line(node: JsonObject) -> OrderLine:
    return OrderLine(
        id=line(node["id"]),
        sku=sku_of(node),
        title=line(node["title"]),
        quantity=whole(node["quantity"]),
        current_quantity=whole(node["currentQuantity"]),
        unit_price=bag(node["originalUnitPriceSet"]),
        allocations=_allocations(node),
        taxes=_taxes(node),
        requires_shipping=bool(node["requiresShipping"]),
        is_gift_card=bool(node["isGiftCard"]),
    )


def _shipping(node: JsonObject, at: int) -> ShippingLine:
    return ShippingLine(
        id=line(node["id"]) or f"shipping-{at}",
        title=line(node["title"]),
        price=bag(node["originalPriceSet"]),
        allocations=_allocations(node),
        taxes=_taxes(node),
    )


def _allocations(node: JsonObject) -> tuple[Allocation, ...]:
    return tuple(
        Allocation(whole(share["discountApplication"]["index"]), bag(share["allocatedAmountSet"]))
        for share in node["discountAllocations"]
    )


def _taxes(node: JsonObject) -> tuple[TaxLine, ...]:
    return tuple(
        TaxLine(
            line(tax["title"]),
            None if tax["rate"] is None else Decimal(str(tax["rate"])),
            bag(tax["priceSet"]),
        )
        for tax in node["taxLines"]
    )


def _discounts(nodes: list[JsonObject]) -> tuple[DiscountApplication, ...]:
    """In the order of their index, which is what allocations refer to."""
    by_index = {whole(node["index"]): node for node in nodes}
    if sorted(by_index) != list(range(len(nodes))):
        raise ValueError("discount applications are not numbered from 0 without gaps")
    return tuple(
        DiscountApplication(
            kind=_KINDS.get(node["__typename"], line(node["__typename"])),
            title=line(node.get("code") or node.get("title")),
            target=line(node["targetType"]),
            method=line(node["allocationMethod"]),
        )
        for _, node in sorted(by_index.items())
    )


def _transaction(node: JsonObject) -> Transaction:
    return Transaction(
        line(node["id"]),
        line(node["kind"]),
        line(node["status"]),
        line(node["gateway"]),
        bag(node["amountSet"]),
    )


def _fulfilment_order(node: JsonObject) -> FulfilmentOrder:
    return FulfilmentOrder(
        id=line(node["id"]),
        status=line(node["status"]),
        location=location_of(node["assignedLocation"]["location"]),
        lines=tuple(
            (line(gid(member["lineItem"])), whole(member["remainingQuantity"]))
            for member in node["lineItems"]["nodes"]
        ),
    )


def _fulfilment(node: JsonObject) -> Fulfilment:
    return Fulfilment(
        id=line(node["id"]),
        status=line(node["status"]),
        location=location_of(node["location"]),
        created_at=moment(node["createdAt"]),
        lines=tuple(
            (line(gid(member["lineItem"])), whole(member["quantity"]))
            for member in node["fulfillmentLineItems"]["nodes"]
        ),
    )


def _refund(node: JsonObject) -> Refund:
    return Refund(
        id=line(node["id"]),
        created_at=moment(node["createdAt"] or node["processedAt"]),
        lines=tuple(_refund_line(member) for member in node["refundLineItems"]["nodes"]),
    )


def _refund_line(node: JsonObject) -> RefundLine:
    """Units that the shop has not put back yet, or will not, count as not restocked whatever was intended."""
    restock = line(node["restockType"])
    return RefundLine(
        line=line(gid(node["lineItem"])),
        quantity=whole(node["quantity"]),
        restock=restock if node["restocked"] else "NO_RESTOCK",
        location=location_of(node["location"]),
    )

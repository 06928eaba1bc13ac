"""Orders and what belongs to them, field by field."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from adapters.shopify.sandbox.checkout import subtotal, total_price, total_tax
from adapters.shopify.sandbox.money import NOTHING, Bag, total, written
from adapters.shopify.sandbox.order_totals import (
    current_discounts,
    current_shipping,
    current_subtotal,
    current_tax,
    current_total,
    discounts,
    discrepancy,
    financial_status,
    fulfilment_status,
    merged,
    outstanding,
    received,
    refunded,
    removed_part,
    shipping_left,
    shipping_price,
    unsettled,
)
from adapters.shopify.sandbox.paging import page
from adapters.shopify.sandbox.things import (
    Discount,
    Fulfilment,
    FulfilmentOrder,
    FulfilmentOrderLine,
    Line,
    Order,
    Refund,
    RefundLine,
    Share,
    Shipping,
    Tax,
    Transaction,
    gid,
)

Fields = Mapping[str, Callable[..., Any]]


@dataclass(frozen=True, slots=True)
class Money:
    """A bag with the currencies it is in."""

    bag: Bag
    order: Order


@dataclass(frozen=True, slots=True)
class Within:
    """A part of an order together with the order, for money needs its currencies."""

    part: Any
    order: Order


ADDRESS = {
    "id": "gid://shopify/MailingAddress/1?model_name=Address",
    "name": "Ada Sample",
    "firstName": "Ada",
    "lastName": "Sample",
    "address1": "1 Main Street",
    "city": "Springfield",
    "zip": "12345",
    "country": "United States",
    "countryCodeV2": "US",
    "province": "Illinois",
    "provinceCode": "IL",
    "formatted": ["1 Main Street", "Springfield IL 12345", "United States"],
    "formattedArea": "Springfield IL, United States",
    "coordinatesValidated": False,
}
CUSTOMER = {
    "id": gid("Customer", 1),
    "legacyResourceId": "1",
    "displayName": "Ada Sample",
    "firstName": "Ada",
    "lastName": "Sample",
    "email": "ada@example.com",
    "locale": "en",
    "state": "ENABLED",
    "tags": [],
}


def money(of: Callable[[Order], Bag]) -> Callable[..., Money]:
    """A field that is an amount of the order."""
    return lambda order, info: Money(of(order), order)


def with_order(rows: list[Any], order: Order) -> list[Within]:
    """Rows that know their order."""
    return [Within(row, order) for row in rows]


def capped(rows: list[Any], first: int | None) -> list[Any]:
    """A plain list with an optional limit."""
    return rows if first is None else rows[:first]


MONEY_BAG: Fields = {
    "shopMoney": lambda m, info: (m.bag.shop, m.order.currency),
    "presentmentMoney": lambda m, info: (m.bag.presentment, m.order.presentment),
}
MONEY_V2: Fields = {
    "amount": lambda pair, info: written(pair[0]),
    "currencyCode": lambda pair, info: pair[1],
}

_order_money: dict[str, Callable[[Order], Bag]] = {
    "subtotalPriceSet": subtotal,
    "currentSubtotalPriceSet": current_subtotal,
    "totalPriceSet": total_price,
    "currentTotalPriceSet": current_total,
    "originalTotalPriceSet": lambda order: order.original_total,
    "totalDiscountsSet": discounts,
    "currentTotalDiscountsSet": current_discounts,
    "cartDiscountAmountSet": lambda order: discounts(order, only_across=True),
    "currentCartDiscountAmountSet": lambda order: current_discounts(order, only_across=True),
    "totalTaxSet": total_tax,
    "currentTotalTaxSet": current_tax,
    "totalShippingPriceSet": shipping_price,
    "currentShippingPriceSet": current_shipping,
    "totalOutstandingSet": outstanding,
    "totalReceivedSet": received,
    "totalRefundedSet": refunded,
    "refundDiscrepancySet": discrepancy,
    "netPaymentSet": lambda order: received(order) - refunded(order),
    "totalTipReceivedSet": lambda order: NOTHING,
}

ORDER: Fields = {
    **{name: money(of) for name, of in _order_money.items()},
    "id": lambda o, info: o.gid,
    "legacyResourceId": lambda o, info: str(o.number),
    "name": lambda o, info: o.name,
    "number": lambda o, info: o.serial,
    "confirmationNumber": lambda o, info: f"C{o.number}",
    "sourceName": lambda o, info: o.source,
    "retailLocation": lambda o, info: o.retail,
    "createdAt": lambda o, info: o.created_at,
    "processedAt": lambda o, info: o.created_at,
    "updatedAt": lambda o, info: o.updated_at,
    "cancelledAt": lambda o, info: o.cancelled_at,
    "cancelReason": lambda o, info: o.cancel_reason,
    "cancellation": lambda o, info: {"staffNote": o.staff_note} if o.cancelled_at else None,
    "confirmed": lambda o, info: True,
    "edited": lambda o, info: o.edited,
    "currencyCode": lambda o, info: o.currency,
    "presentmentCurrencyCode": lambda o, info: o.presentment,
    "taxesIncluded": lambda o, info: o.taxes_included,
    "displayFinancialStatus": lambda o, info: financial_status(o),
    "displayFulfillmentStatus": lambda o, info: fulfilment_status(o),
    "returnStatus": lambda o, info: "NO_RETURN",
    "fullyPaid": lambda o, info: outstanding(o).shop <= 0,
    "unpaid": lambda o, info: received(o).shop == 0,
    "requiresShipping": lambda o, info: any(line.item.ships for line in o.lines),
    "fulfillable": lambda o, info: any(line.waiting for line in o.lines),
    "email": lambda o, info: "ada@example.com",
    "customer": lambda o, info: None if o.source == "pos" else CUSTOMER,
    "billingAddress": lambda o, info: None if o.source == "pos" else ADDRESS,
    "shippingAddress": lambda o, info: None if o.source == "pos" else ADDRESS,
    "displayAddress": lambda o, info: None if o.source == "pos" else ADDRESS,
    "billingAddressMatchesShippingAddress": lambda o, info: True,
    "discountCodes": lambda o, info: [d.title for d in o.discounts if d.kind == "code"],
    "discountApplications": lambda o, info, **args: page(o.discounts, args),
    "lineItems": lambda o, info, **args: page(with_order(o.lines, o), args),
    "nonFulfillableLineItems": lambda o, info, **args: page([], args),
    "shippingLines": lambda o, info, **args: page(with_order(o.shipping, o), args),
    "shippingLine": lambda o, info: Within(o.shipping[0], o) if o.shipping else None,
    "taxLines": lambda o, info: with_order(merged(o), o),
    "currentTaxLines": lambda o, info: with_order(merged(o), o),
    "totalCashRoundingAdjustment": lambda o, info: {
        "paymentSet": Money(NOTHING, o),
        "refundSet": Money(NOTHING, o),
    },
    "paymentGatewayNames": lambda o, info: list(dict.fromkeys(t.gateway for t in o.transactions)),
    "transactions": lambda o, info, **args: capped(o.transactions, args.get("first")),
    "refunds": lambda o, info, **args: capped(o.refunds, args.get("first")),
    "fulfillments": lambda o, info, **args: capped(o.fulfilments, args.get("first")),
    "fulfillmentOrders": lambda o, info, **args: page(o.fulfilment_orders, args),
    "subtotalLineItemsQuantity": lambda o, info: sum(line.quantity for line in o.lines),
    "currentSubtotalLineItemsQuantity": lambda o, info: sum(line.quantity - line.removed for line in o.lines),
    "statusPageUrl": lambda o, info, **args: f"https://sandbox-shop.myshopify.com/orders/{o.number}",
    "risk": lambda o, info: {"recommendation": "NONE"},
    "riskLevel": lambda o, info: "LOW",
    "merchantEditable": lambda o, info: True,
}


def line_money(of: Callable[[Any], Bag]) -> Callable[..., Money]:
    """A field that is an amount of a line."""
    return lambda w, info, **args: Money(of(w.part), w.order)


def own_discounts(line: Line) -> Bag:
    """Discounts that were given on the line itself, not across the order."""
    return total([share.amount for share in line.shares if not share.discount.across])


def per_unit(order: Order, whole: Bag, count: int) -> Bag:
    """An approximate price per unit."""
    return Bag(
        (whole.shop / count).quantize(Decimal("0.01")), (whole.presentment / count).quantize(Decimal("0.01"))
    )


def before_taxes(order: Order, line: Line) -> Bag:
    """What a line costs after all discounts and without tax, removed units left out."""
    whole = line.discounted - removed_part(order, line, line.discounted)
    if not order.taxes_included:
        return whole
    tax = total([tax.amount for tax in line.taxes])
    return whole - (tax - removed_part(order, line, tax))


LINE: Fields = {
    "id": lambda w, info: w.part.gid,
    "sku": lambda w, info: w.part.sku,
    "name": lambda w, info: w.part.item.title,
    "title": lambda w, info: w.part.item.title,
    "vendor": lambda w, info: "Sandbox",
    "variant": lambda w, info: ("variant", w.part.item),
    "product": lambda w, info: ("product", w.part.item),
    "quantity": lambda w, info: w.part.quantity,
    "currentQuantity": lambda w, info: w.part.quantity - w.part.removed,
    "unfulfilledQuantity": lambda w, info: w.part.waiting,
    "fulfillableQuantity": lambda w, info: w.part.waiting,
    "fulfillmentStatus": lambda w, info: "unfulfilled" if w.part.waiting else "fulfilled",
    "refundableQuantity": lambda w, info: w.part.quantity - w.part.removed,
    "requiresShipping": lambda w, info: w.part.item.ships,
    "taxable": lambda w, info: True,
    "restockable": lambda w, info: True,
    "merchantEditable": lambda w, info: True,
    "originalUnitPriceSet": line_money(lambda line: line.unit_price),
    "originalTotalSet": line_money(lambda line: line.original),
    "totalDiscountSet": line_money(own_discounts),
    "discountedTotalSet": line_money(lambda line: line.original - own_discounts(line)),
    "discountedUnitPriceSet": lambda w, info: Money(
        per_unit(w.order, w.part.original - own_discounts(w.part), w.part.quantity), w.order
    ),
    "discountedUnitPriceAfterAllDiscountsSet": lambda w, info: Money(
        per_unit(w.order, w.part.discounted, w.part.quantity), w.order
    ),
    "priceAfterAllDiscountsBeforeTaxesSet": lambda w, info: Money(before_taxes(w.order, w.part), w.order),
    "unfulfilledOriginalTotalSet": line_money(lambda line: line.unit_price.times(line.waiting)),
    "unfulfilledDiscountedTotalSet": lambda w, info: Money(
        per_unit(w.order, w.part.discounted, w.part.quantity).times(w.part.waiting), w.order
    ),
    "discountAllocations": lambda w, info: with_order(w.part.shares, w.order),
    "taxLines": lambda w, info, **args: capped(with_order(w.part.taxes, w.order), args.get("first")),
}
SHIPPING: Fields = {
    "id": lambda w, info: gid("ShippingLine", w.part.number),
    "title": lambda w, info: w.part.title,
    "code": lambda w, info: w.part.title,
    "source": lambda w, info: "shopify",
    "originalPriceSet": line_money(lambda charge: charge.price),
    "discountedPriceSet": line_money(lambda charge: charge.price),
    "currentDiscountedPriceSet": lambda w, info: Money(shipping_left(w.order, w.part), w.order),
    "taxLines": lambda w, info: with_order(w.part.taxes, w.order),
}
TAX: Fields = {
    "title": lambda w, info: w.part.title,
    "rate": lambda w, info: float(w.part.rate),
    "ratePercentage": lambda w, info: float(w.part.rate * 100),
    "channelLiable": lambda w, info: False,
    "source": lambda w, info: "Shopify",
    "priceSet": lambda w, info: Money(w.part.amount, w.order),
}
ALLOCATION: Fields = {
    "allocatedAmountSet": lambda w, info: Money(w.part.amount, w.order),
    "discountApplication": lambda w, info: w.part.discount,
}
DISCOUNT: Fields = {
    "index": lambda d, info: d.index,
    "code": lambda d, info: d.title,
    "title": lambda d, info: d.title,
    "allocationMethod": lambda d, info: "ACROSS",
    "targetSelection": lambda d, info: "ALL" if d.across else "EXPLICIT",
    "targetType": lambda d, info: "LINE_ITEM",
    "value": lambda d, info: {"percentage": float(d.percent)} if d.percent is not None else (d.amount, "USD"),
}
TRANSACTION: Fields = {
    "id": lambda t, info: gid("OrderTransaction", t.number),
    "kind": lambda t, info: t.kind,
    "status": lambda t, info: "SUCCESS",
    "gateway": lambda t, info: t.gateway,
    "formattedGateway": lambda t, info: t.gateway.replace("_", " ").title(),
    "amountSet": lambda t, info: Money(t.amount, t.order),
    "parentTransaction": lambda t, info: t.parent,
    "createdAt": lambda t, info: t.created_at,
    "processedAt": lambda t, info: t.created_at,
    "order": lambda t, info: t.order,
    "totalUnsettledSet": lambda t, info: (
        Money(unsettled(t.order, t), t.order) if t.kind == "AUTHORIZATION" else None
    ),
    "manualPaymentGateway": lambda t, info: t.gateway == "manual",
    "manuallyCapturable": lambda t, info: t.kind == "AUTHORIZATION" and unsettled(t.order, t).shop > 0,
    "multiCapturable": lambda t, info: t.kind == "AUTHORIZATION",
}
ORDER_FIELDS: Mapping[str, Fields] = {
    "MoneyBag": MONEY_BAG,
    "MoneyV2": MONEY_V2,
    "Order": ORDER,
    "LineItem": LINE,
    "ShippingLine": SHIPPING,
    "TaxLine": TAX,
    "DiscountAllocation": ALLOCATION,
    "DiscountCodeApplication": DISCOUNT,
    "ManualDiscountApplication": DISCOUNT,
    "OrderTransaction": TRANSACTION,
}
KINDS: Mapping[type, str] = {
    Order: "Order",
    Fulfilment: "Fulfillment",
    FulfilmentOrder: "FulfillmentOrder",
    FulfilmentOrderLine: "FulfillmentOrderLineItem",
    Refund: "Refund",
    Transaction: "OrderTransaction",
}


def within_kind(found: Within) -> str:
    """The GraphQL type of a part of an order."""
    kinds: dict[type, str] = {
        Line: "LineItem", Shipping: "ShippingLine", Tax: "TaxLine", Share: "DiscountAllocation",
        RefundLine: "RefundLineItem", tuple: "FulfillmentLineItem",
    }  # fmt: skip
    return kinds[type(found.part)]


def discount_kind(found: Discount) -> str:
    """The GraphQL type of a discount application."""
    return "DiscountCodeApplication" if found.kind == "code" else "ManualDiscountApplication"

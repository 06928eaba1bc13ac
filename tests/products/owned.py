"""Which fields of merchandise a call wrote, told from the shop's own log of what it received.

The table is the whole of what TrueUp may send. A path that is not in it is a field nobody has thought of, and is told
as such, whatever the rules say.
"""

from collections.abc import Iterator, Mapping

from engine.products.fields import FACTS, FIELDS, MARKETED

ADDRESS = ""
"""A path that says where, or how; or a fact of an order, a subscription or an export, and none of merchandise."""

IN_MARKETS = {name: f"{name}@some market" for name in MARKETED}
"""The log does not tell which market a price list is of."""

BORN_WITH = {name: f"{name} of a draft that is made" for name in ("title", "handle", "status", "options")}
"""What a product is born with, and nobody's business of ours afterwards; in our own metafield stands what it was made of."""

_ITEM = {
    "sku": "sku", "cost": "cost", "countryCodeOfOrigin": "origin", "harmonizedSystemCode": "customs_code",
    "tracked": "tracked", "measurement.weight.value": "weight", "measurement.weight.unit": "weight",
}  # fmt: skip

FIELD_OF: Mapping[str, Mapping[str, str]] = {
    "productVariantsBulkUpdate": {
        "productId": ADDRESS, "allowPartialUpdates": ADDRESS, "variants.id": ADDRESS, "variants.price": "price",
        "variants.metafields.namespace": ADDRESS, "variants.metafields.key": ADDRESS, "variants.metafields.type": ADDRESS,
        **{f"variants.metafields.$app:trueup.{name}": name for name in FACTS}, "variants.compareAtPrice": "compare_at_price", "variants.barcode": "barcode",
        **{f"variants.inventoryItem.{path}": name for path, name in _ITEM.items()},
    },
    "productCreate": {
        "product.title": BORN_WITH["title"], "product.handle": BORN_WITH["handle"], "product.status": BORN_WITH["status"],
        "product.productOptions.name": BORN_WITH["options"], "product.productOptions.values.name": BORN_WITH["options"],
        "product.metafields.namespace": ADDRESS, "product.metafields.key": ADDRESS, "product.metafields.type": ADDRESS,
        "product.metafields.$app:trueup.article": ADDRESS,
    },
    "productVariantsBulkCreate": {
        "productId": ADDRESS, "strategy": ADDRESS, "variants.optionValues.optionName": BORN_WITH["options"],
        "variants.optionValues.name": BORN_WITH["options"], "variants.inventoryItem.sku": "sku",
    },
    "priceListFixedPricesAdd": {
        "priceListId": ADDRESS, "prices.variantId": ADDRESS, "prices.price.currencyCode": ADDRESS,
        "prices.compareAtPrice.currencyCode": ADDRESS, "prices.price.amount": IN_MARKETS["price"],
        "prices.compareAtPrice.amount": IN_MARKETS["compare_at_price"],
    },
    "priceListFixedPricesDelete": {"priceListId": ADDRESS, "variantIds": IN_MARKETS["price"]},
    "inventoryItemUpdate": {"id": ADDRESS, **{f"input.{path}": name for path, name in _ITEM.items()}},
    "inventorySetQuantities": {
        "input.name": ADDRESS, "input.reason": ADDRESS, "input.quantities.inventoryItemId": ADDRESS,
        "input.quantities.locationId": ADDRESS, "input.quantities.quantity": "quantities",
        "input.quantities.changeFromQuantity": ADDRESS,
    },
    "inventoryActivate": {
        "inventoryItemId": ADDRESS, "locationId": ADDRESS, "onHand": "quantities", "stockAtLegacyLocation": ADDRESS,
    },
    "orderCancel": dict.fromkeys(
        ("orderId", "reason", "restock", "notifyCustomer", "refundMethod.originalPaymentMethodsRefund", "staffNote"),
        ADDRESS,
    ),
    "fulfillmentCreate": dict.fromkeys(
        (
            "fulfillment.notifyCustomer", "fulfillment.lineItemsByFulfillmentOrder.fulfillmentOrderId",
            "fulfillment.lineItemsByFulfillmentOrder.fulfillmentOrderLineItems.id",
            "fulfillment.lineItemsByFulfillmentOrder.fulfillmentOrderLineItems.quantity",
            "fulfillment.trackingInfo.numbers", "fulfillment.trackingInfo.company", "fulfillment.trackingInfo.urls",
        ),
        ADDRESS,
    ),
    "fulfillmentTrackingInfoUpdate": dict.fromkeys(
        (
            "fulfillmentId", "notifyCustomer", "trackingInfoInput.numbers", "trackingInfoInput.company",
            "trackingInfoInput.urls",
        ),
        ADDRESS,
    ),
    "fulfillmentOrderMove": dict.fromkeys(
        ("id", "newLocationId", "fulfillmentOrderLineItems.id", "fulfillmentOrderLineItems.quantity"), ADDRESS
    ),
    "webhookSubscriptionCreate": dict.fromkeys(
        ("topic", "webhookSubscription.uri", "webhookSubscription.format"), ADDRESS
    ),
    "bulkOperationRunQuery": dict.fromkeys(("query", "groupObjects"), ADDRESS),
}  # fmt: skip

MOST = frozenset(name for name, field in FIELDS.items() if field.written or name == "quantities") | {
    *IN_MARKETS.values(),
    *BORN_WITH.values(),
}
"""Fields that some rule may let the back office write; no rule lets it write any other."""

Log = Mapping[str, Mapping[str, int]]


def written(received: Log, before: Log | None = None) -> Iterator[str]:
    """Fields of merchandise that came in since `before`; what is in no table comes as `root.path`."""
    for root, paths in received.items():
        for path, count in paths.items():
            if count > (before or {}).get(root, {}).get(path, 0):
                field = FIELD_OF.get(root, {}).get(path, f"{root}.{path}")
                if field != ADDRESS:
                    yield field

"""Access scopes: which the app was granted, and which each query and mutation needs.

Source: "Requires `…` access scope" on the fields of the Admin schema, 2026-10.
"""

from functools import wraps
from typing import Any

from adapters.shopify.sandbox.context import Context
from adapters.shopify.sandbox.order_fields import Fields
from adapters.shopify.sandbox.refusals import Declined

GRANTED = (
    "read_inventory", "write_inventory", "read_locations", "read_orders", "write_orders", "read_products",
    "write_products", "read_markets",
    "read_merchant_managed_fulfillment_orders", "write_merchant_managed_fulfillment_orders", "read_customers",
)  # fmt: skip
"""What an app of ours has unless it is told otherwise."""

ROOTS = {
    "read_orders": ("orders", "ordersCount", "order", "refund"),
    "write_orders": ("orderCancel",),
    "read_inventory": ("inventoryItem", "inventoryItems", "inventoryLevel", "inventoryProperties"),
    "write_inventory": (
        "inventorySetQuantities", "inventoryAdjustQuantities", "inventoryActivate", "inventoryDeactivate",
        "inventoryItemUpdate",
    ),
    "read_products": ("product", "products", "productByIdentifier", "productVariant", "productVariants", "productVariantsCount", "catalogs"),
    "write_products": ("productVariantsBulkUpdate", "priceListFixedPricesAdd", "priceListFixedPricesDelete", "productCreate", "productVariantsBulkCreate"),
    "read_locations": ("location", "locations", "locationsCount"),
    "read_merchant_managed_fulfillment_orders": ("fulfillmentOrder",),
    "write_merchant_managed_fulfillment_orders": (
        "fulfillmentCreate", "fulfillmentOrderMove", "fulfillmentTrackingInfoUpdate",
    ),
}  # fmt: skip
NEEDED = {root: scope for scope, roots in ROOTS.items() for root in roots}


def need(context: Context, root: str) -> None:
    """Raise Declined when the app lacks the scope of a root field."""
    scope = NEEDED.get(root)
    if scope is not None and scope not in context.scopes:
        raise Declined(
            f"Access denied for {root} field. Required access: `{scope}` access scope.", "ACCESS_DENIED"
        )


def guarded(fields: Fields) -> Fields:
    """The same root fields, each refused without its scope."""

    def guard(root: str, resolve: Any) -> Any:
        @wraps(resolve)
        def resolved(parent: Any, info: Any, **args: Any) -> Any:
            need(info.context, root)
            return resolve(parent, info, **args)

        return resolved

    return {root: guard(root, resolve) for root, resolve in fields.items()}

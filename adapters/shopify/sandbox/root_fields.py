"""The queries."""

from bisect import bisect_left
from datetime import datetime
from typing import Any

from adapters.shopify.sandbox.context import Context
from adapters.shopify.sandbox.inventory import number_of
from adapters.shopify.sandbox.order_fields import Fields
from adapters.shopify.sandbox.order_totals import financial_status, fulfilment_status
from adapters.shopify.sandbox.paging import Page, page
from adapters.shopify.sandbox.refusals import Declined, invalid_id
from adapters.shopify.sandbox.search import Term, moment, terms
from adapters.shopify.sandbox.things import STATES, Item, Order, gid

ORDER_SEARCH = (
    "updated_at",
    "created_at",
    "processed_at",
    "name",
    "id",
    "financial_status",
    "fulfillment_status",
    "status",
)
ITEM_SEARCH = ("sku", "id", "created_at", "updated_at")


def of_order(order: Order, field: str) -> Any:
    """What a search field of orders compares with."""
    match field:
        case "updated_at":
            return order.updated_at
        case "created_at" | "processed_at":
            return order.created_at
        case "id":
            return order.number
        case "name":
            return order.name
        case "financial_status":
            return financial_status(order)
        case "fulfillment_status":
            return fulfilment_status(order)
    return "cancelled" if order.cancelled_at else "open"


def orders(
    root: Any, info: Any, query: str | None = None, sortKey: str = "PROCESSED_AT", **args: Any
) -> Page:
    """A page of orders; by time of change straight from the index."""
    context: Context = info.context
    shop = context.shop
    wanted = terms(context, "orders", query, ORDER_SEARCH)
    rows: list[tuple[float, int]]
    low = 0
    if sortKey == "UPDATED_AT":
        rows = shop.orders_by_update
        since = [term for term in wanted if term.field == "updated_at" and term.operator == ">="]
        if since:
            low = bisect_left(rows, (max(moment(term.value) for term in since).timestamp(), 0))
            wanted = [term for term in wanted if term not in since]
    else:
        rows = [(order.created_at.timestamp(), number) for number, order in shop.orders.items()]
    if wanted:
        rows = [row for row in rows[low:] if fits(shop.orders[row[1]], wanted)]
        low = 0
    return page(rows, args, key=lambda row: row, found=lambda row: shop.orders[row[1]], low=low)


def fits(order: Order, wanted: list[Term]) -> bool:
    """Whether an order meets all conditions."""
    return all(term.value == "any" or term.holds(of_order(order, term.field)) for term in wanted)


def item_numbers(context: Context, root: str, query: str | None) -> list[int]:
    """Numbers of the items a search names, in order."""
    shop = context.shop
    wanted = terms(context, root, query, ITEM_SEARCH)
    if not wanted:
        return shop.item_numbers
    if len(wanted) == 1 and wanted[0].field == "sku":
        item = shop.by_sku.get(wanted[0].value)
        return [item.number] if item else []

    def of_item(item: Item, field: str) -> Any:
        moments: dict[str, datetime] = {"created_at": item.created_at, "updated_at": item.updated_at}
        return moments.get(field) or (item.sku if field == "sku" else item.number)

    return [n for n in shop.item_numbers if all(t.holds(of_item(shop.items[n], t.field)) for t in wanted)]


def inventory_items(root: Any, info: Any, query: str | None = None, **args: Any) -> Page:
    """A page of inventory items."""
    shop = info.context.shop
    rows = item_numbers(info.context, "inventoryItems", query)
    return page(rows, args, key=lambda n: n, found=lambda n: shop.items[n])


def variants(root: Any, info: Any, query: str | None = None, **args: Any) -> Page:
    """A page of variants."""
    shop = info.context.shop
    rows = item_numbers(info.context, "productVariants", query)
    return page(rows, args, key=lambda n: n, found=lambda n: ("variant", shop.items[n]))


def products(root: Any, info: Any, query: str | None = None, **args: Any) -> Page:
    """A page of products."""
    shop = info.context.shop
    numbers = item_numbers(info.context, "products", query)
    rows = sorted({shop.items[n].product for n in numbers})
    return page(rows, args, key=lambda n: n, found=lambda n: ("product", shop.by_product[n]))


def locations(root: Any, info: Any, includeInactive: bool = False, **args: Any) -> Page:
    """A page of locations."""
    terms(info.context, "locations", args.get("query"), ("name", "id"))
    rows = [place for place in info.context.shop.locations.values() if place.active or includeInactive]
    return page(rows, args, key=lambda place: place.number)


def number(said: Any, kind: str) -> int:
    """The number of a global id of one kind; another kind finds nothing, nonsense is refused."""
    if not str(said).startswith("gid://shopify/"):
        raise invalid_id(said)
    found = number_of(said, kind)
    if found == 0:
        raise Declined("invalid id", "RESOURCE_NOT_FOUND")
    return found or -1


def find(context: Context, said: str) -> Any:
    """Whatever has this global id."""
    shop = context.shop
    if not str(said).startswith("gid://shopify/"):
        raise invalid_id(said)
    kind = said.removeprefix("gid://shopify/").split("/", 1)[0]
    key = number_of(said, kind) or -1
    if kind == "ProductVariant":
        return ("variant", shop.by_variant[key]) if key in shop.by_variant else None
    if kind == "Product":
        return ("product", shop.by_product[key]) if key in shop.by_product else None
    if kind == "WebhookSubscription":
        return context.subscriptions.get(key)
    if kind == "BulkOperation":
        return context.bulk.all.get(key)
    books: dict[str, dict[int, Any]] = {
        "InventoryItem": shop.items,
        "InventoryLevel": shop.levels,
        "Location": shop.locations,
        "Order": shop.orders,
        "FulfillmentOrder": shop.fulfilment_orders,
        "Fulfillment": shop.fulfilments,
        "Refund": shop.refunds,
        "OrderTransaction": shop.transactions,
        "InventoryAdjustmentGroup": shop.adjustments,
        "PriceList": shop.price_lists,
        "MarketCatalog": shop.catalogues,
    }
    return books.get(kind, {}).get(key)


def nodes(root: Any, info: Any, ids: list[str]) -> list[Any]:
    """Objects by id, in the order asked for; null where there is none."""
    if len(ids) > 250:
        raise Declined(
            f"The input array size of {len(ids)} is greater than the maximum allowed of 250.",
            "MAX_INPUT_SIZE_EXCEEDED",
        )
    return [find(info.context, said) for said in ids]


def by_id(kind: str) -> Any:
    """A query for one object by id."""

    def resolve(root: Any, info: Any, id: str) -> Any:
        number(id, kind)
        return find(info.context, id) if f"/{kind}/" in id else None

    return resolve


def job(root: Any, info: Any, id: str) -> Any:
    """Something that is being done."""
    done = info.context.shop.jobs.get(id)
    return None if done is None else {"id": id, "done": done}


def webhook_subscriptions(root: Any, info: Any, topics: list[str] | None = None, **args: Any) -> Page:
    """A page of this app's subscriptions."""
    rows = [s for s in info.context.subscriptions.values() if not topics or s.topic in topics]
    return page(rows, args, key=lambda s: s.number)


def shop_fields(root: Any, info: Any) -> dict[str, Any]:
    """The shop itself."""
    shop = info.context.shop
    return {
        "id": gid("Shop", 1),
        "name": shop.name,
        "email": "owner@example.com",
        "contactEmail": "owner@example.com",
        "myshopifyDomain": shop.domain,
        "currencyCode": shop.currency,
        "enabledPresentmentCurrencies": ["USD", "EUR", "GBP", "CAD", "CHF", "JPY"],
        "ianaTimezone": "Etc/UTC",
        "timezoneOffset": "+0000",
        "weightUnit": "KILOGRAMS",
        "plan": {"publicDisplayName": "Shopify Plus", "displayName": "Shopify Plus", "shopifyPlus": True},
        "createdAt": shop.opened_at,
        "updatedAt": shop.opened_at,
    }


def counted(of: Any) -> Any:
    """A count, exact up to its limit."""

    def resolve(root: Any, info: Any, limit: int | None = 10000, **args: Any) -> dict[str, Any]:
        there = of(info.context, args)
        if limit is not None and there > limit:
            return {"count": limit, "precision": "AT_LEAST"}
        return {"count": there, "precision": "EXACT"}

    return resolve


def count_orders(context: Context, args: dict[str, Any]) -> int:
    """How many orders a search finds."""
    wanted = terms(context, "ordersCount", args.get("query"), ORDER_SEARCH)
    return sum(fits(order, wanted) for order in context.shop.orders.values())


QUERY: Fields = {
    "shop": shop_fields,
    "currentAppInstallation": lambda root, info: {
        "id": gid("AppInstallation", 1),
        "accessScopes": [{"handle": scope, "description": scope} for scope in sorted(info.context.scopes)],
        "launchUrl": "https://example.com/",
    },
    "orders": orders,
    "ordersCount": counted(count_orders),
    "order": by_id("Order"),
    "refund": by_id("Refund"),
    "fulfillmentOrder": by_id("FulfillmentOrder"),
    "inventoryItem": by_id("InventoryItem"),
    "inventoryLevel": by_id("InventoryLevel"),
    "productVariant": by_id("ProductVariant"),
    "product": by_id("Product"),
    "webhookSubscription": by_id("WebhookSubscription"),
    "location": lambda root, info, id=None: (
        info.context.shop.locations[1] if id is None else info.context.shop.locations.get(number(id, "Location"))
    ),
    "node": lambda root, info, id: find(info.context, id),
    "nodes": nodes,
    "job": job,
    "inventoryItems": inventory_items,
    "inventoryProperties": lambda root, info: {
        "quantityNames": [
            {"name": name, "displayName": name.replace("_", " ").capitalize(), "isInUse": True,
             "comprises": [], "belongsTo": []}
            for name in STATES
        ]
    },
    "productVariants": variants,
    "productVariantsCount": counted(lambda context, args: len(context.shop.items)),
    "products": products,
    "locations": locations,
    "locationsCount": counted(lambda context, args: len(context.shop.locations)),
    "webhookSubscriptions": webhook_subscriptions,
}  # fmt: skip

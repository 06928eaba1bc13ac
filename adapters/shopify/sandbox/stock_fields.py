"""Locations, inventory items, levels, variants and products, field by field."""

from collections.abc import Mapping
from typing import Any

from adapters.shopify.sandbox.inventory import number_of
from adapters.shopify.sandbox.order_fields import Fields
from adapters.shopify.sandbox.paging import page
from adapters.shopify.sandbox.refusals import Declined
from adapters.shopify.sandbox.things import STATES, Item, Level, Location, gid


def quantities(level: Level, info: Any, names: list[str]) -> list[dict[str, Any]]:
    """The named states of a level."""
    odd = [name for name in names if name not in STATES]
    if odd:
        raise Declined(f"Invalid quantity name(s): {', '.join(odd)}", "BAD_REQUEST")
    return [
        {
            "id": f"gid://shopify/InventoryQuantity/{level.number}?inventory_item_id={level.item.number}&name={name}",
            "name": name,
            "quantity": level.quantity(name),
            "updatedAt": None if name == "on_hand" else level.updated_at,
        }
        for name in names
    ]


def levels_of(item: Item, info: Any, includeInactive: bool = False, **args: Any) -> Any:
    """A page of an item's levels."""
    rows = sorted(
        (level for level in item.levels.values() if level.active or includeInactive),
        key=lambda row: row.number,
    )
    return page(rows, args, key=lambda row: row.number)


def level_at(item: Item, info: Any, locationId: str, includeInactive: bool = False) -> Level | None:
    """An item's level at one location."""
    level = item.levels.get(number_of(locationId, "Location") or 0)
    return level if level is not None and (level.active or includeInactive) else None


def levels_here(place: Location, info: Any, includeInactive: bool = False, **args: Any) -> Any:
    """A page of a location's levels."""
    shop = info.context.shop
    rows = [
        level
        for level in shop.levels.values()
        if level.location is place and (level.active or includeInactive)
    ]
    return page(rows, args, key=lambda row: row.number)


def active_available(item: Item) -> int:
    """What the shop can sell of an item."""
    return sum(level.units["available"] for level in item.levels.values() if level.active)


def variants_of(product: Any, info: Any) -> list[Item]:
    """The variants of a product."""
    found: list[Item] = info.context.shop.products[product[1].product]
    return found


LOCATION: Fields = {
    "id": lambda p, info: p.gid,
    "legacyResourceId": lambda p, info: str(p.number),
    "name": lambda p, info: p.name,
    "isActive": lambda p, info: p.active,
    "activatable": lambda p, info: True,
    "deactivatable": lambda p, info: True,
    "fulfillsOnlineOrders": lambda p, info: True,
    "shipsInventory": lambda p, info: True,
    "hasActiveInventory": lambda p, info: True,
    "isPrimary": lambda p, info: p.number == 1,
    "createdAt": lambda p, info: p.created_at,
    "updatedAt": lambda p, info: p.created_at,
    "address": lambda p, info: {
        "countryCode": "US",
        "country": "United States",
        "formatted": ["United States"],
    },
    "inventoryLevels": levels_here,
    "inventoryLevel": lambda p, info, inventoryItemId, includeInactive=False: (
        level_at(
            info.context.shop.items[number_of(inventoryItemId, "InventoryItem")], info, p.gid, includeInactive
        )
        if (number_of(inventoryItemId, "InventoryItem") or 0) in info.context.shop.items
        else None
    ),
}
ITEM: Fields = {
    "id": lambda i, info: i.gid,
    "legacyResourceId": lambda i, info: str(i.number),
    "sku": lambda i, info: i.sku,
    "tracked": lambda i, info: i.tracked,
    "trackedEditable": lambda i, info: {"locked": False},
    "requiresShipping": lambda i, info: i.ships,
    "createdAt": lambda i, info: i.created_at,
    "updatedAt": lambda i, info: i.updated_at,
    "measurement": lambda i, info: {
        "id": gid("InventoryItemMeasurement", i.number),
        "weight": {"value": float(i.weight), "unit": i.weight_unit},
    },
    "unitCost": lambda i, info: None if i.cost is None else (i.cost, info.context.shop.currency),
    "countryCodeOfOrigin": lambda i, info: i.origin,
    "harmonizedSystemCode": lambda i, info: i.customs_code,
    "locationsCount": lambda i, info: {
        "count": sum(level.active for level in i.levels.values()),
        "precision": "EXACT",
    },
    "inventoryLevel": level_at,
    "inventoryLevels": levels_of,
    "variant": lambda i, info: ("variant", i),
    "variants": lambda i, info, **args: page([("variant", i)], args),
}
LEVEL: Fields = {
    "id": lambda v, info: v.gid,
    "isActive": lambda v, info: v.active,
    "canDeactivate": lambda v, info: not v.units["committed"],
    "createdAt": lambda v, info: v.created_at,
    "updatedAt": lambda v, info: v.updated_at,
    "item": lambda v, info: v.item,
    "location": lambda v, info: v.location,
    "quantities": quantities,
}


def metafield(v: Any, info: Any, key: str, namespace: str | None = None) -> dict[str, object] | None:
    """One metafield of a variant; the app's own namespace where none is named."""
    found: dict[str, object] | None = v[1].metafields.get((namespace or "$app", key))
    return found


VARIANT: Fields = {
    "id": lambda v, info: gid("ProductVariant", v[1].variant),
    "legacyResourceId": lambda v, info: str(v[1].variant),
    "sku": lambda v, info: v[1].sku,
    "title": lambda v, info: "Default Title",
    "displayName": lambda v, info: (
        f"{v[1].title} - Default Title"
        if len(info.context.shop.products[v[1].product]) == 1 and not v[1].options
        else f"{v[1].shown.title} - {v[1].title}"
    ),
    "price": lambda v, info: format(v[1].price, "f"),
    "compareAtPrice": lambda v, info: (
        None if v[1].compare_at_price is None else format(v[1].compare_at_price, "f")
    ),
    "barcode": lambda v, info: v[1].barcode,
    "inventoryItem": lambda v, info: v[1],
    "inventoryPolicy": lambda v, info: "DENY",
    "inventoryQuantity": lambda v, info: active_available(v[1]),
    "sellableOnlineQuantity": lambda v, info: active_available(v[1]),
    "availableForSale": lambda v, info: active_available(v[1]) > 0,
    "metafield": metafield,
    "position": lambda v, info: 1,
    "product": lambda v, info: ("product", v[1]),
    "taxable": lambda v, info: True,
    "selectedOptions": lambda v, info: [
        {"name": name, "value": value} for name, value in (v[1].options or {"Title": "Default Title"}).items()
    ],
    "createdAt": lambda v, info: v[1].created_at,
    "updatedAt": lambda v, info: v[1].updated_at,
}
PRODUCT: Fields = {
    "id": lambda p, info: gid("Product", p[1].product),
    "legacyResourceId": lambda p, info: str(p[1].product),
    "title": lambda p, info: p[1].shown.title,
    "handle": lambda p, info: p[1].shown.handle,
    "descriptionHtml": lambda p, info: p[1].shown.description_html,
    "productType": lambda p, info: p[1].shown.product_type,
    "tags": lambda p, info: p[1].shown.tags,
    "status": lambda p, info: p[1].shown.status,
    "vendor": lambda p, info: p[1].shown.vendor,
    "totalInventory": lambda p, info: sum(map(active_available, variants_of(p, info))),
    "tracksInventory": lambda p, info: any(item.tracked for item in variants_of(p, info)),
    "hasOnlyDefaultVariant": lambda p, info: len(variants_of(p, info)) == 1,
    "variants": lambda p, info, **args: page([("variant", item) for item in variants_of(p, info)], args),
    "variantsCount": lambda p, info: {"count": len(variants_of(p, info)), "precision": "EXACT"},
    "createdAt": lambda p, info: p[1].created_at,
    "updatedAt": lambda p, info: p[1].updated_at,
    "publishedAt": lambda p, info: p[1].created_at if p[1].shown.status == "ACTIVE" else None,
}
CHANGE: Fields = {
    "name": lambda c, info: c.name,
    "delta": lambda c, info: c.delta,
    "item": lambda c, info: c.level.item,
    "location": lambda c, info: c.level.location,
    "quantityAfterChange": lambda c, info: None,
    "ledgerDocumentUri": lambda c, info: c.ledger,
}


def changes(group: Any, info: Any, **only: Any) -> list[Any]:
    """The rows of an adjustment group, filtered as asked."""
    found = group.changes
    if only.get("inventoryItemIds"):
        found = [c for c in found if c.level.item.gid in only["inventoryItemIds"]]
    if only.get("locationIds"):
        found = [c for c in found if c.level.location.gid in only["locationIds"]]
    if only.get("quantityNames"):
        found = [c for c in found if c.name in only["quantityNames"]]
    return list(found)


GROUP: Fields = {
    "id": lambda g, info: g.gid,
    "reason": lambda g, info: g.reason,
    "referenceDocumentUri": lambda g, info: g.reference,
    "createdAt": lambda g, info: g.created_at,
    "changes": changes,
}

STOCK_FIELDS: Mapping[str, Fields] = {
    "Location": LOCATION,
    "InventoryItem": ITEM,
    "InventoryLevel": LEVEL,
    "ProductVariant": VARIANT,
    "Product": PRODUCT,
    "InventoryChange": CHANGE,
    "InventoryAdjustmentGroup": GROUP,
}

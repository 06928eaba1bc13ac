"""productVariantsBulkUpdate and inventoryItemUpdate: what they take, what they refuse, and what they leave alone.

Both touch the given keys of the given variants and nothing else. Codes are those of the schema, 2026-10.
"""

import re
from decimal import Decimal
from typing import Any

from adapters.shopify.sandbox import merchandise
from adapters.shopify.sandbox.inventory import Complaint, number_of
from adapters.shopify.sandbox.mutation_fields import at_most, complaint, may
from adapters.shopify.sandbox.order_fields import Fields
from adapters.shopify.sandbox.things import Item

LONGEST = 255
METAFIELD_TYPES = {
    "single_line_text_field": re.compile(r"(?=.*\S).+"),
    "number_integer": re.compile(r"-?\d{1,16}"),
    "number_decimal": re.compile(r"-?\d{1,13}(\.\d{1,9})?"),
}
"""What a value may look like, by type; none may be blank."""
NOT_PLAYED = frozenset(
    {"mediaId", "mediaSrc", "optionValues", "published", "requiresComponents", "showUnitPrice", "taxCode",
     "taxable", "unitPriceMeasurement", "inventoryPolicy", "quantityAdjustments"}
)  # fmt: skip
"""Keys Shopify takes and the sandbox does not play: refused, so that nobody believes they were kept."""


def update_variants(
    root: Any,
    info: Any,
    productId: str,
    variants: list[dict[str, Any]],
    allowPartialUpdates: bool = False,
    media: Any = None,
) -> dict[str, Any]:
    """productVariantsBulkUpdate: all or nothing unless partial updates are allowed."""
    at_most(variants)
    may(info, "productVariantsBulkUpdate")
    shop = info.context.shop
    items = shop.products.get(number_of(productId, "Product") or -1)
    if items is None:
        return complaint("PRODUCT_DOES_NOT_EXIST", "Product does not exist", ["productId"])
    if media:
        return complaint("INVALID_INPUT", "The sandbox does not play media", ["media"])
    chosen: list[tuple[Item, dict[str, Any]]] = []
    errors: list[Complaint] = []
    for at, given in enumerate(variants):
        item, found = _variant(shop, items, given, ["variants", str(at)])
        errors += found
        if item is not None and not found:
            chosen.append((item, given))
    if errors and not allowPartialUpdates:
        return {"product": None, "productVariants": None, "userErrors": errors}
    for item, given in chosen:
        put(item, given)
        put_item(shop, item, given.get("inventoryItem") or {})
    if chosen:
        merchandise.touched(shop, *(item for item, _ in chosen))
        shop.note_facts([item for item, _ in chosen], "productVariantsBulkUpdate")
    return {
        "product": ("product", items[0]),
        "productVariants": [("variant", item) for item, _ in chosen],
        "userErrors": errors,
    }


def update_item(root: Any, info: Any, id: str, input: dict[str, Any]) -> dict[str, Any]:
    """inventoryItemUpdate."""
    may(info, "inventoryItemUpdate")
    shop = info.context.shop
    item = shop.items.get(number_of(id, "InventoryItem") or -1)
    if item is None:
        return complaint("", "The inventory item could not be found.", ["id"])
    if errors := item_errors(input, ["input"]):
        return {"inventoryItem": None, "userErrors": errors}
    put_item(shop, item, input)
    merchandise.touched(shop, item)
    shop.note_facts([item], "inventoryItemUpdate")
    return {"inventoryItem": item, "userErrors": []}


def _variant(
    shop: Any, items: list[Item], given: dict[str, Any], path: list[str]
) -> tuple[Item | None, list[Complaint]]:
    if given.get("id") is None:
        return None, [
            Complaint("PRODUCT_VARIANT_ID_MISSING", [*path, "id"], "Product variant is missing ID attribute")
        ]
    item = shop.by_variant.get(number_of(given["id"], "ProductVariant") or -1)
    if item is None:
        return None, [
            Complaint("PRODUCT_VARIANT_DOES_NOT_EXIST", [*path, "id"], "Product variant does not exist")
        ]
    if item not in items:
        return None, [
            Complaint("MUST_BE_FOR_THIS_PRODUCT", [*path, "id"], "Product variant must belong to the product")
        ]
    errors = [
        *price_errors(given, path),
        *item_errors(given.get("inventoryItem") or {}, [*path, "inventoryItem"]),
    ]
    if given.get("inventoryQuantities"):
        said = "Inventory quantities can only be provided during create. To update them use the inventory mutations."
        errors.append(
            Complaint("NO_INVENTORY_QUANTITIES_ON_VARIANTS_UPDATE", [*path, "inventoryQuantities"], said)
        )
    for key in sorted(NOT_PLAYED & given.keys()):
        errors.append(Complaint("INVALID_INPUT", [*path, key], f"The sandbox does not play {key}"))
    errors += metafield_errors(given.get("metafields") or [], path)
    if len(given.get("barcode") or "") > LONGEST:
        errors.append(
            Complaint("TOO_LONG", [*path, "barcode"], "Barcode is too long (maximum is 255 characters)")
        )
    return item, errors


def metafield_errors(given: list[dict[str, Any]], path: list[str]) -> list[Complaint]:
    """Namespace, key and type must be named for one that is not there; a value is never blank."""
    errors = []
    for at, one in enumerate(given):
        where = [*path, "metafields", str(at)]
        if missing := [name for name in ("namespace", "key", "type") if not one.get(name)]:
            errors.append(Complaint("INVALID_INPUT", [*where, missing[0]], f"{missing[0]} can't be blank"))
        elif one["type"] not in METAFIELD_TYPES:
            errors.append(
                Complaint("INVALID_INPUT", [*where, "type"], f"The sandbox does not play {one['type']}")
            )
        elif not METAFIELD_TYPES[one["type"]].fullmatch(one.get("value") or ""):
            errors.append(Complaint("INVALID_VALUE", [*where, "value"], f"Value must be a {one['type']}."))
    return errors


def price_errors(given: dict[str, Any], path: list[str]) -> list[Complaint]:
    errors = []
    if "price" in given and given["price"] is None:
        errors.append(Complaint("BLANK", [*path, "price"], "Price can't be blank"))
    for key, said in (("price", "Price"), ("compareAtPrice", "Compare at price")):
        if given.get(key) is not None and Decimal(given[key]) < 0:
            code, what = "GREATER_THAN_OR_EQUAL_TO", f"{said} must be greater than or equal to 0"
            errors.append(Complaint(code, [*path, key], what))
    return errors


def item_errors(given: dict[str, Any], path: list[str]) -> list[Complaint]:
    errors = []
    code = given.get("harmonizedSystemCode")
    if code is not None and not (code.isdigit() and 6 <= len(code) <= 13):
        said = "Harmonized system code must be a number between 6 and 13 digits."
        errors.append(Complaint("INVALID_INPUT", [*path, "harmonizedSystemCode"], said))
    if given.get("cost") is not None and Decimal(str(given["cost"])) < 0:
        errors.append(Complaint("INVALID_INPUT", [*path, "cost"], "Cost must be greater than or equal to 0"))
    weight = (given.get("measurement") or {}).get("weight")
    if weight is not None and weight["value"] < 0:
        errors.append(Complaint("INVALID_INPUT", [*path, "measurement", "weight"], "Weight must be positive"))
    if len(given.get("sku") or "") > LONGEST:
        errors.append(Complaint("TOO_LONG", [*path, "sku"], "SKU is too long (maximum is 255 characters)"))
    return errors


def put(item: Item, given: dict[str, Any]) -> None:
    for one in given.get("metafields") or ():
        kept = item.metafields.setdefault((one["namespace"], one["key"]), {"createdAt": item.updated_at})
        kept |= {
            "id": f"gid://shopify/Metafield/{item.variant}{len(item.metafields)}", "updatedAt": item.updated_at,
            **{name: one[name] for name in ("namespace", "key", "type", "value")},
        }  # fmt: skip
    if "price" in given:
        item.price = _cents(given["price"])
    if "compareAtPrice" in given:
        item.compare_at_price = (
            _cents(given["compareAtPrice"]) if given["compareAtPrice"] is not None else None
        )
    if "barcode" in given:
        item.barcode = given["barcode"] or None


def put_item(shop: Any, item: Item, given: dict[str, Any]) -> None:
    if "cost" in given:
        item.cost = _cents(given["cost"]) if given["cost"] is not None else None
    if "countryCodeOfOrigin" in given:
        item.origin = given["countryCodeOfOrigin"]
    if "harmonizedSystemCode" in given:
        item.customs_code = given["harmonizedSystemCode"]
    if given.get("tracked") is not None:
        item.tracked = given["tracked"]
    if (weight := (given.get("measurement") or {}).get("weight")) is not None:
        item.weight, item.weight_unit = Decimal(str(weight["value"])), weight["unit"]
    if given.get("sku") is not None and given["sku"] != item.sku:
        shop.rename(item, given["sku"])


def _cents(amount: Any) -> Decimal:
    return Decimal(str(amount)).quantize(Decimal("0.01"))


PRODUCT_MUTATION: Fields = {"productVariantsBulkUpdate": update_variants, "inventoryItemUpdate": update_item}

"""Products made as drafts (Admin API 2026-10).

`productCreate` makes a product with one variant and publishes it nowhere. A handle that is given must be free: since
2025-01 a second product with it is refused, which is what makes a repeat safe. `productByIdentifier` answers by handle
as of this moment, where a search by SKU may lag. The input is built from a `Birth` and from nothing else, and its status
is always DRAFT. `productVariantsBulkCreate` refuses a variant whose options another one of the product has. Needs the access scope `write_products`.
"""

from typing import Any

from adapters.shopify.client import FOR_STOCK_AND_ORDERS, ShopifyClient
from adapters.shopify.errors import read_user_errors, user_failure
from adapters.shopify.products import NAMESPACE, TEXT_TYPE, variant_of
from adapters.shopify.wire import line, next_cursor, reading
from engine.model.ids import Sku
from engine.model.product import Draft, ProductId, ProductNow, ShopVariant
from engine.products.guard import Birth, BornVariant

ARTICLE = "article"
"""Metafield of ours in which a draft says which article it was made of."""
TAKEN = frozenset({"VARIANT_ALREADY_EXISTS", "VARIANT_ALREADY_EXISTS_CHANGE_OPTION_VALUE"})


async def variants_named(client: ShopifyClient, sku: Sku) -> tuple[ShopVariant, ...]:
    """Variants of this very SKU; Shopify's search is wider than that (case, hyphens), and may lag behind."""
    quoted = sku.replace("\\", "").replace("'", "")
    data = await client.read(
        "variants_named", {"query": f"sku:'{quoted}'"}, cost=50.0, leave=FOR_STOCK_AND_ORDERS
    )
    with reading("variants"):
        found = [variant_of(node) for node in data["productVariants"]["nodes"]]
    return tuple(each for each in found if each.sku == sku)


async def draft_at(client: ShopifyClient, handle: str) -> Draft | None:
    """The product at a handle; None where there is none."""
    data = await client.read("draft_at", {"handle": handle}, cost=30.0, leave=FOR_STOCK_AND_ORDERS)
    with reading("a product"):
        node = data["productByIdentifier"]
        if node is None:
            return None
        variants = tuple(variant_of(each) for each in node["variants"]["nodes"])
        return Draft(line((node.get("article") or {}).get("value")), variants)


async def make_draft(client: ShopifyClient, birth: Birth) -> bool:
    """Make it; False where a product has its handle already, and then nothing is made."""
    given: dict[str, Any] = {
        "title": birth.title,
        "handle": birth.handle,
        "status": "DRAFT",
        "metafields": [
            {"namespace": NAMESPACE, "key": ARTICLE, "type": TEXT_TYPE, "value": birth.article},
        ],
    }
    if birth.options:
        given["productOptions"] = [
            {"name": name, "values": [{"name": value}]} for name, value in birth.options.items()
        ]
    payload = await client.write(
        "make_draft", "productCreate", {"product": given}, leave=FOR_STOCK_AND_ORDERS
    )
    errors = read_user_errors(payload)
    if errors and all(error.field[-1:] == ("handle",) for error in errors):
        return False
    if errors:
        raise user_failure(errors)
    return True


async def product_now(client: ShopifyClient, product: ProductId) -> ProductNow | None:
    """A product with all its variants, page by page; None where it is gone."""
    found: list[ShopVariant] = []
    after: str | None = None
    while True:
        asked = {"id": product, "after": after}
        data = await client.read("product_now", asked, cost=80.0, leave=FOR_STOCK_AND_ORDERS)
        with reading("a product"):
            node = data["product"]
            if node is None:
                return None
            found += [variant_of(each) for each in node["variants"]["nodes"]]
            after = next_cursor(node["variants"]["pageInfo"])
            if after is None:
                return ProductNow(node["status"] == "DRAFT", tuple(found))


async def make_variant(client: ShopifyClient, birth: BornVariant) -> bool:
    """Make it; False where another variant of the product has its options, and then nothing is made."""
    given = {
        "optionValues": [{"optionName": name, "name": value} for name, value in birth.options.items()],
        "inventoryItem": {"sku": birth.sku},
    }
    asked = {"product": birth.product, "variants": [given]}
    payload = await client.write(
        "make_variant", "productVariantsBulkCreate", asked, leave=FOR_STOCK_AND_ORDERS
    )
    errors = read_user_errors(payload)
    if errors and all(error.code in TAKEN for error in errors):
        return False
    if errors:
        raise user_failure(errors)
    return True

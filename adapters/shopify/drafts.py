"""Products made as drafts (Admin API 2026-10).

`productCreate` makes a product with one variant and publishes it nowhere. A handle that is given must be free: since
2025-01 a second product with it is refused, which is what makes a repeat safe. `productByIdentifier` answers by handle
as of this moment, where a search by SKU may lag. The input is built from a `Birth` and from nothing else, and its status
is always DRAFT. Needs the access scope `write_products`.
"""

from adapters.shopify.client import FOR_STOCK_AND_ORDERS, ShopifyClient
from adapters.shopify.errors import read_user_errors, user_failure
from adapters.shopify.products import NAMESPACE, TEXT_TYPE, variant_of
from adapters.shopify.wire import line, reading
from engine.model.ids import Sku
from engine.model.product import Draft, ShopVariant
from engine.products.guard import Birth

ARTICLE = "article"
"""Metafield of ours in which a draft says which article it was made of."""


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
    given = {
        "title": birth.title,
        "handle": birth.handle,
        "status": "DRAFT",
        "metafields": [
            {"namespace": NAMESPACE, "key": ARTICLE, "type": TEXT_TYPE, "value": birth.article},
        ],
    }
    payload = await client.write(
        "make_draft", "productCreate", {"product": given}, leave=FOR_STOCK_AND_ORDERS
    )
    errors = read_user_errors(payload)
    if errors and all(error.field[-1:] == ("handle",) for error in errors):
        return False
    if errors:
        raise user_failure(errors)
    return True

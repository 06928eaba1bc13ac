"""productCreate and productByIdentifier: a product is made with one variant, published nowhere, and its handle is its own.

Wording and paths as live shops answer them; handles that are given must be free since 2025-01.
"""

from bisect import insort
from decimal import Decimal
from typing import Any

from adapters.shopify.sandbox.inventory import number_of
from adapters.shopify.sandbox.merchandise import Merchandise
from adapters.shopify.sandbox.mutation_fields import complaint, may
from adapters.shopify.sandbox.order_fields import Fields
from adapters.shopify.sandbox.product_fields import metafield_errors
from adapters.shopify.sandbox.refusals import Declined
from adapters.shopify.sandbox.shop import Shop
from adapters.shopify.sandbox.things import Item

PLAYED = frozenset(
    {
        "title",
        "handle",
        "status",
        "metafields",
        "descriptionHtml",
        "productType",
        "tags",
        "vendor",
        "templateSuffix",
    }
)
"""Keys of ProductCreateInput that the sandbox plays; others are refused, so that nobody believes they were kept."""
LONGEST = 255


def create_product(
    root: Any, info: Any, product: dict[str, Any] | None = None, media: Any = None
) -> dict[str, Any]:
    """productCreate."""
    may(info, "productCreate")
    shop, given = info.context.shop, product or {}
    if strange := sorted(given.keys() - PLAYED) or (["media"] if media else []):
        return complaint("", f"The sandbox does not play {strange[0]}", ["product", strange[0]])
    title = (given.get("title") or "").strip()
    if not title:
        return complaint("", "Title can't be blank", ["title"])
    if len(title) > LONGEST:
        return complaint("", "Title is too long (maximum is 255 characters)", ["title"])
    handle = (given.get("handle") or "").strip().lower()
    if handle and at_handle(shop, handle) is not None:
        said = f"Handle '{given['handle']}' already in use. Please provide a new handle."
        return complaint("", said, ["input", "handle"])
    if errors := metafield_errors(given.get("metafields") or [], ["product"]):
        return {"product": None, "userErrors": errors}
    made = _made(shop, title, handle or _free(shop, title), given)
    shop.note_facts([made], "productCreate")
    shop.emit("products/create", made)
    return {"product": ("product", made), "userErrors": []}


def _made(shop: Shop, title: str, handle: str, given: dict[str, Any]) -> Item:
    now = shop.clock.now()
    shown = Merchandise(
        title, handle, given.get("descriptionHtml") or "", given.get("productType") or "",
        given.get("vendor") or shop.name, list(given.get("tags") or ()),
        template_suffix=given.get("templateSuffix") or "", status=given.get("status") or "ACTIVE",
    )  # fmt: skip
    item = Item(
        shop.next(), shop.next(), shop.next(), "", title, Decimal("0.00"), now, now, shown, tracked=False
    )
    shop.items[item.number] = shop.by_variant[item.variant] = shop.by_product[item.product] = item
    shop.products[item.product] = [item]
    insort(shop.item_numbers, item.number)
    shop.connect(item, next(iter(shop.locations.values())))
    for one in given.get("metafields") or ():
        shop.product_metafields[item.product, one["namespace"], one["key"]] = {
            "id": f"gid://shopify/Metafield/{shop.next()}", "createdAt": now, "updatedAt": now,
            **{name: one[name] for name in ("namespace", "key", "type", "value")},
        }  # fmt: skip
    return item


def at_handle(shop: Shop, handle: str) -> Item | None:
    """The first variant of the product at a handle."""
    return next((items[0] for items in shop.products.values() if items[0].shown.handle == handle), None)


def _free(shop: Shop, title: str) -> str:
    """The handle that a title makes, with a number where it is taken."""
    plain, number = "-".join(title.lower().split()), 0
    while at_handle(shop, found := f"{plain}-{number}" if number else plain) is not None:
        number += 1
    return found


def by_identifier(root: Any, info: Any, identifier: dict[str, Any]) -> tuple[str, Item] | None:
    """productByIdentifier, by handle or id."""
    shop, named = info.context.shop, {name for name, value in identifier.items() if value is not None}
    if len(named) != 1 or "customId" in named:
        raise Declined(
            "Exactly one of id, handle or customId is given; the sandbox plays the first two", "BAD_REQUEST"
        )
    if "handle" in named:
        found = at_handle(shop, str(identifier["handle"]).lower())
    else:
        found = shop.by_product.get(number_of(identifier["id"], "Product") or -1)
    return None if found is None else ("product", found)


def metafield(p: Any, info: Any, key: str, namespace: str | None = None) -> dict[str, object] | None:
    """One metafield of a product."""
    found: dict[str, object] | None = info.context.shop.product_metafields.get(
        (p[1].product, namespace or "$app", key)
    )
    return found


MAKING_MUTATION: Fields = {"productCreate": create_product}
MAKING_QUERY: Fields = {"productByIdentifier": by_identifier}
MADE_PRODUCT: Fields = {"metafield": metafield}

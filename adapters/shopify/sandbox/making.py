"""productCreate, productVariantsBulkCreate and productByIdentifier: a product is made with one variant, published nowhere, and its handle is its own.

Wording and paths as live shops answer them; handles that are given must be free since 2025-01.
"""

from bisect import insort
from decimal import Decimal
from typing import Any

from adapters.shopify.sandbox.inventory import Complaint, number_of
from adapters.shopify.sandbox.merchandise import Merchandise
from adapters.shopify.sandbox.mutation_fields import at_most, complaint, may
from adapters.shopify.sandbox.order_fields import Fields
from adapters.shopify.sandbox.product_fields import item_errors, metafield_errors, price_errors, put, put_item
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
        "productOptions",
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
    options = given.get("productOptions") or []
    if any(not one.get("name") or len(one.get("values") or ()) != 1 for one in options):
        return complaint("", "The sandbox plays options of one value each", ["product", "productOptions"])
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
    item.options = {one["name"]: one["values"][0]["name"] for one in given.get("productOptions") or ()}
    item.title = " / ".join(item.options.values()) or title
    shop.by_product[item.product], shop.products[item.product] = item, []
    _into(shop, item)
    for one in given.get("metafields") or ():
        shop.product_metafields[item.product, one["namespace"], one["key"]] = {
            "id": f"gid://shopify/Metafield/{shop.next()}", "createdAt": now, "updatedAt": now,
            **{name: one[name] for name in ("namespace", "key", "type", "value")},
        }  # fmt: skip
    return item


def _into(shop: Shop, item: Item) -> None:
    """Another variant of its product, stocked where Shopify stocks what is new."""
    shop.items[item.number] = shop.by_variant[item.variant] = item
    shop.products[item.product].append(item)
    insort(shop.item_numbers, item.number)
    shop.connect(item, next(iter(shop.locations.values())))


def create_variants(
    root: Any,
    info: Any,
    productId: str,
    variants: list[dict[str, Any]],
    strategy: str = "DEFAULT",
    media: Any = None,
) -> dict[str, Any]:
    """productVariantsBulkCreate: all or nothing."""
    at_most(variants)
    may(info, "productVariantsBulkCreate")
    shop = info.context.shop
    items = shop.products.get(number_of(productId, "Product") or -1)
    if items is None:
        return complaint("PRODUCT_DOES_NOT_EXIST", "Product does not exist", ["productId"])
    if media or strategy != "DEFAULT":
        return complaint("INVALID_INPUT", "The sandbox plays neither media nor strategies", ["strategy"])
    taken = [item.options for item in items]
    errors: list[Complaint] = []
    for at, given in enumerate(variants):
        found = _variant_errors(given, items[0], taken, ["variants", str(at)])
        errors += found
        taken.append(_options(given))
    if errors:
        return {"product": None, "productVariants": None, "userErrors": errors}
    made = [_made_variant(shop, items[0], given) for given in variants]
    shop.note_facts(made, "productVariantsBulkCreate")
    shop.emit("products/update", items[0])
    return {
        "product": ("product", items[0]), "productVariants": [("variant", item) for item in made], "userErrors": [],
    }  # fmt: skip


def _options(given: dict[str, Any]) -> dict[str, str]:
    return {one.get("optionName") or "": one.get("name") or "" for one in given.get("optionValues") or ()}


def _variant_errors(
    given: dict[str, Any], first: Item, taken: list[dict[str, str]], path: list[str]
) -> list[Complaint]:
    """Every option of the product has a value, and no other variant has them all."""
    if given.get("id") is not None:
        return [Complaint("NO_KEY_ON_CREATE", [*path, "id"], "On create, this key cannot be used")]
    if strange := sorted(
        given.keys() - {"optionValues", "inventoryItem", "price", "compareAtPrice", "barcode"}
    ):
        return [Complaint("INVALID_INPUT", [*path, strange[0]], f"The sandbox does not play {strange[0]}")]
    known, options = first.options or {"Title": "Default Title"}, _options(given)
    if strange := sorted(options.keys() - known.keys()):
        return [Complaint("INVALID_INPUT", [*path, "optionValues"], f"Option does not exist: {strange[0]}")]
    if missing := sorted(known.keys() - {name for name, value in options.items() if value}):
        said = f"You need to add option values for {missing[0]}"
        return [Complaint("NEED_TO_ADD_OPTION_VALUES", path, said)]
    if options in [each or {"Title": "Default Title"} for each in taken]:
        name = " / ".join(options.values())
        said = f"The variant '{name}' already exists. Please change at least one option value."
        return [Complaint("VARIANT_ALREADY_EXISTS_CHANGE_OPTION_VALUE", path, said)]
    return [
        *price_errors(given, path),
        *item_errors(given.get("inventoryItem") or {}, [*path, "inventoryItem"]),
    ]


def _made_variant(shop: Shop, first: Item, given: dict[str, Any]) -> Item:
    now, options = shop.clock.now(), _options(given)
    item = Item(
        shop.next(), shop.next(), first.product, "", " / ".join(options.values()), Decimal("0.00"), now, now,
        first.shown, tracked=False, options=options,
    )  # fmt: skip
    _into(shop, item)
    put(item, given)
    put_item(shop, item, given.get("inventoryItem") or {})
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


MAKING_MUTATION: Fields = {"productCreate": create_product, "productVariantsBulkCreate": create_variants}
MAKING_QUERY: Fields = {"productByIdentifier": by_identifier}
MADE_PRODUCT: Fields = {"metafield": metafield}

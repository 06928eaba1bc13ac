"""Variants of the shop: read as they are, and written through the two operations that touch the given keys alone.

`productVariantsBulkUpdate` takes up to 250 variants of one product, all or nothing; the facts of a single inventory
item go by `inventoryItemUpdate`, which needs no right on products (Admin API 2026-10). Metafields in a variant's input
are set by namespace and key; others of the variant stay as they are. `productSet` replaces whole
lists and is not used. Inputs are built from an `AllowedWrite` and from nothing else. All calls leave the greater part
of the shop's allowance to stock and orders.
"""

from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from adapters.shopify.client import FOR_STOCK_AND_ORDERS, ShopifyClient
from adapters.shopify.errors import UserError, read_user_errors, user_failure
from adapters.shopify.levels import LISTING_CAP, QUERY_CAP, beyond
from adapters.shopify.wire import ONLY_VARIANT, JsonObject, line, moment, next_cursor, reading
from engine.model.failure import sentence
from engine.model.ids import ItemId, Sku
from engine.model.product import ProductId, ShopVariant, Value, VariantId, VariantRefusal
from engine.products.fields import FACTS, FIELDS, Home, Invalid, Kind, canonical, shown
from engine.products.guard import AllowedWrite

BATCH = 250
_VARIANT = 7
"""Points a variant asks for when it is read by id: itself, product, metafield, item, cost, measurement, weight."""
MORE = tuple(name for name in FACTS if name != "supplier")
"""Metafields that are read only where a rule speaks of one: each costs a point more for each variant."""
NAMESPACE, TEXT_TYPE = "$app:trueup", "single_line_text_field"
"""Metafields of ours: `$app` reserves the namespace for this app alone (Admin API 2026-10)."""
TYPES = {Kind.TEXT: TEXT_TYPE, Kind.FIGURE: "number_decimal", Kind.COUNT: "number_integer"}
"""Of metafields; a decimal number has up to nine digits behind the point (Admin API 2026-10)."""
GRAMS = {
    "GRAMS": Decimal(1),
    "KILOGRAMS": Decimal(1000),
    "OUNCES": Decimal("28.349523125"),
    "POUNDS": Decimal("453.59237"),
}
TRANSIENT = frozenset({"SERVICE_UNAVAILABLE", "IDEMPOTENCY_CONCURRENT_REQUEST"})


async def all_variants(
    client: ShopifyClient, *, facts: bool = False
) -> AsyncIterator[tuple[ShopVariant, ...]]:
    """Every variant of the shop; starts a new listing where Shopify would stop paging. `facts`: those of MORE too."""
    after: str | None = None
    search: str | None = None
    listed, last = 0, ""
    while True:
        data = await client.read(
            "all_variants", {"after": after, "query": search, "facts": facts},
            cost=160.0 if facts else 80.0, leave=FOR_STOCK_AND_ORDERS,
        )  # fmt: skip
        with reading("variants"):
            page = data["productVariants"]
            found = tuple(variant_of(node) for node in page["nodes"])
            listed += len(found)
            last = found[-1].id if found else last
            after = next_cursor(page["pageInfo"])
        if found:
            yield found
        if after is None and listed < LISTING_CAP:
            return
        if listed >= LISTING_CAP:
            search, after, listed = beyond(search, last), None, 0


async def read_variants(
    client: ShopifyClient, ids: Collection[VariantId], *, facts: bool = False
) -> tuple[ShopVariant, ...]:
    """These variants as they are now; those that are gone are left out. `facts`: those of MORE too."""
    each = _VARIANT + (len(MORE) if facts else 0)
    wanted, most = list(dict.fromkeys(ids)), min(BATCH, QUERY_CAP // each)
    found: list[ShopVariant] = []
    for start in range(0, len(wanted), most):
        some = wanted[start : start + most]
        data = await client.read(
            f"read_variants_{len(some)}{'_facts' if facts else ''}", {"ids": some, "facts": facts},
            operation_name="read_variants", cost=float(len(some) * each), leave=FOR_STOCK_AND_ORDERS,
        )  # fmt: skip
        with reading("variants"):
            found += [variant_of(node) for node in data["nodes"] if node]
    return tuple(found)


async def variants_changed(client: ShopifyClient, since: datetime) -> tuple[VariantId, ...]:
    """Variants whose updated_at is at or after `since`; Shopify keeps whole seconds."""
    stamp = since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    found: list[VariantId] = []
    after: str | None = None
    while True:
        asked = {"after": after, "query": f"updated_at:>='{stamp}'"}
        data = await client.read("variants_changed", asked, cost=15.0, leave=FOR_STOCK_AND_ORDERS)
        with reading("changed variants"):
            page = data["productVariants"]
            found += [VariantId(line(node["id"])) for node in page["nodes"]]
            after = next_cursor(page["pageInfo"])
        if after is None or len(found) >= LISTING_CAP:
            return tuple(found)


async def write_variants(client: ShopifyClient, writes: Sequence[AllowedWrite]) -> tuple[VariantRefusal, ...]:
    """Write variants of one product, all or nothing; names the variants to blame when none was written."""
    writes = [write for write in writes if write.values]
    if not writes:
        return ()
    if len(writes) > BATCH or len({write.product for write in writes}) > 1:
        raise ValueError("variants of one product, and at most 250, go into one call")
    if len(writes) == 1 and all(FIELDS[name].home is Home.ITEM for name in writes[0].values):
        given: dict[str, Any] = {"item": writes[0].item, "input": item_input(writes[0].values)}
        payload = await client.write("update_item", "inventoryItemUpdate", given, leave=FOR_STOCK_AND_ORDERS)
    else:
        rows = [{"id": write.variant} | variant_input(write.values) for write in writes]
        given = {"product": writes[0].product, "variants": rows}
        payload = await client.write(
            "update_variants", "productVariantsBulkUpdate", given, leave=FOR_STOCK_AND_ORDERS
        )
    errors = read_user_errors(payload)
    if passing := [error for error in errors if error.code in TRANSIENT]:
        raise user_failure(passing)
    return tuple(
        VariantRefusal(_blamed(error, writes), error.code or "user_error", sentence(error.message))
        for error in errors
    )


def _blamed(error: UserError, writes: Sequence[AllowedWrite]) -> VariantId | None:
    """The variant that a complaint names by its place in the input; None when it names none."""
    if len(writes) == 1:
        return writes[0].variant
    match error.field:
        case ("variants", index, *_) if index.isascii() and index.isdigit() and int(index) < len(writes):
            return writes[int(index)].variant
    return None


def _text(value: Value) -> str | None:
    return shown(value) or None


_VARIANT_KEYS: Mapping[str, tuple[str, Callable[[Value], Any]]] = {
    "price": ("price", _text),
    "compare_at_price": ("compareAtPrice", _text),
    "barcode": ("barcode", _text),
}
_ITEM_KEYS: Mapping[str, tuple[str, Callable[[Value], Any]]] = {
    "sku": ("sku", _text),
    "cost": ("cost", _text),
    "origin": ("countryCodeOfOrigin", _text),
    "customs_code": ("harmonizedSystemCode", _text),
    "tracked": ("tracked", bool),
    "weight": ("measurement", lambda grams: {"weight": {"value": float(shown(grams)), "unit": "GRAMS"}}),
}


def variant_input(values: Mapping[str, Value]) -> dict[str, Any]:
    """ProductVariantsBulkInput of these fields, without the id."""
    own = {
        _VARIANT_KEYS[name][0]: _VARIANT_KEYS[name][1](value)
        for name, value in values.items()
        if name in _VARIANT_KEYS
    }
    of_item = {name: value for name, value in values.items() if FIELDS[name].home is Home.ITEM}
    kept = [
        {"namespace": NAMESPACE, "key": name, "type": TYPES[FIELDS[name].kind], "value": shown(value)}
        for name, value in values.items()
        if FIELDS[name].home is Home.METAFIELD
    ]
    return (
        own
        | ({"inventoryItem": item_input(of_item)} if of_item else {})
        | ({"metafields": kept} if kept else {})
    )


def item_input(values: Mapping[str, Value]) -> dict[str, Any]:
    """InventoryItemInput of these fields."""
    return {_ITEM_KEYS[name][0]: _ITEM_KEYS[name][1](value) for name, value in values.items()}


def variant_of(node: JsonObject) -> ShopVariant:
    """A variant as `VariantFacts` asks for it."""
    item, product = node["inventoryItem"], node["product"]
    weight = (item.get("measurement") or {}).get("weight")
    cost = item.get("unitCost")
    raw: dict[str, object] = {
        "sku": line(node.get("sku")).strip(),
        "price": node["price"],
        "compare_at_price": node.get("compareAtPrice"),
        "barcode": line(node.get("barcode")),
        "tracked": item["tracked"],
        "customs_code": line(item.get("harmonizedSystemCode")),
        "origin": line(item.get("countryCodeOfOrigin")),
        "cost": None if cost is None else cost["amount"],
        "supplier": line((node.get("supplier") or {}).get("value")),
        "weight": None if weight is None else Decimal(str(weight["value"])) * GRAMS[str(weight["unit"])],
    } | {name: line((node[name] or {}).get("value")) for name in MORE if name in node}
    return ShopVariant(
        VariantId(line(node["id"])), ProductId(line(product["id"])), ItemId(line(item["id"])), Sku(str(raw["sku"])),
        line(node["displayName"]).removesuffix(ONLY_VARIANT), line(product["productType"]),
        frozenset(line(tag) for tag in product["tags"]),
        {name: _value(name, value) for name, value in raw.items()}, moment(node["updatedAt"]),
    )  # fmt: skip


def _value(name: str, raw: object) -> Value:
    """In the form both sides are compared in; what the shop holds against its own rules stays as it is shown there."""
    try:
        return canonical(name, raw)
    except Invalid:
        return line(raw)

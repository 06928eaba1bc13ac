"""Catalogues and price lists, field by field, and the two mutations of fixed prices with what they refuse.

A fixed price is replaced whole: without `compareAtPrice` it has none from then on. Codes are those of the schema, 2026-10.
"""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from adapters.shopify.sandbox.inventory import Complaint, number_of
from adapters.shopify.sandbox.mutation_fields import at_most, complaint, may
from adapters.shopify.sandbox.order_fields import Fields
from adapters.shopify.sandbox.paging import Page, page
from adapters.shopify.sandbox.price_lists import FixedPrice, PriceList, cents
from adapters.shopify.sandbox.refusals import Declined
from adapters.shopify.sandbox.search import terms

EITHER = re.compile(r"\s+OR\s+")
Row = tuple[PriceList, FixedPrice, str]
NO_LIST = ("PRICE_LIST_NOT_FOUND", "Price list does not exist.", ["priceListId"])


def catalogues(root: Any, info: Any, type: str | None = None, **args: Any) -> Page:
    """A page of catalogues; all of them are of markets."""
    terms(info.context, "catalogs", args.get("query"), ("id", "title", "status", "market_id"))
    rows = list(info.context.shop.catalogues.values()) if type in (None, "MARKET") else []
    return page(rows, args, key=lambda each: each.number)


def markets(catalogue: Any, info: Any, **args: Any) -> Page:
    """The markets of a catalogue; the schema wants a scope of its own for them."""
    if "read_markets" not in info.context.scopes:
        raise Declined(
            "Access denied for markets field. Required access: `read_markets` access scope.", "ACCESS_DENIED"
        )
    return page(catalogue.markets, args, key=lambda each: each.number)


def prices(
    found: PriceList, info: Any, originType: str | None = None, query: str | None = None, **args: Any
) -> Page:
    """A page of prices, fixed ones and those that follow from the shop's own."""
    shop = info.context.shop
    wanted = _variants(info, query)
    numbers = sorted(shop.by_variant if wanted is None else wanted & shop.by_variant.keys())
    rows: list[tuple[int, Row]] = []
    for number in numbers:
        fixed = found.fixed.get(number)
        origin = "RELATIVE" if fixed is None else "FIXED"
        if originType in (None, origin):
            rows.append((number, (found, fixed or found.relative(shop.by_variant[number]), origin)))
    return page(rows, args, key=lambda row: row[0], found=lambda row: row[1])


def _variants(info: Any, query: str | None) -> set[int] | None:
    """Variants that a search names, one or another; None for all."""
    if not query:
        return None
    found: set[int] = set()
    for part in EITHER.split(query):
        known = terms(info.context, "prices", part, ("variant_id", "product_id"))
        if not known:
            return None
        for term in known:
            if term.field == "product_id":
                of = info.context.shop.products.get(int(term.value), [])
                found |= {item.variant for item in of}
            else:
                found.add(int(term.value))
    return found


def add_fixed_prices(root: Any, info: Any, priceListId: str, prices: list[dict[str, Any]]) -> dict[str, Any]:
    """priceListFixedPricesAdd: all or nothing; of two for one variant the last counts."""
    at_most(prices)
    may(info, "priceListFixedPricesAdd")
    shop = info.context.shop
    found = _list(shop, priceListId)
    if found is None:
        return complaint(*NO_LIST)
    errors: list[Complaint] = []
    for at, given in enumerate(prices):
        errors += _errors(shop, found, given, ["prices", str(at)])
    if errors:
        return {"prices": [], "userErrors": errors}
    rows: list[Row] = []
    for given in prices:
        item = shop.by_variant[number_of(given["variantId"], "ProductVariant")]
        before = given.get("compareAtPrice")
        held = FixedPrice(
            item, cents(given["price"]["amount"]), None if before is None else cents(before["amount"])
        )
        found.fixed[item.variant] = held
        rows.append((found, held, "FIXED"))
    shop.note_facts([row[1].item for row in rows], "priceListFixedPricesAdd")
    return {"prices": rows, "userErrors": []}


def delete_fixed_prices(root: Any, info: Any, priceListId: str, variantIds: list[str]) -> dict[str, Any]:
    """priceListFixedPricesDelete: all or nothing; a variant without a fixed price is PRICE_NOT_FIXED."""
    at_most(variantIds)
    may(info, "priceListFixedPricesDelete")
    shop = info.context.shop
    found = _list(shop, priceListId)
    if found is None:
        return complaint(*NO_LIST)
    errors: list[Complaint] = []
    numbers = [number_of(each, "ProductVariant") or -1 for each in variantIds]
    for at, number in enumerate(numbers):
        path = ["variantIds", str(at)]
        if number not in shop.by_variant:
            errors.append(Complaint("VARIANT_NOT_FOUND", path, "Product variant ID does not exist."))
        elif number not in found.fixed:
            errors.append(Complaint("PRICE_NOT_FIXED", path, "Only fixed prices can be deleted."))
    if errors:
        return {"deletedFixedPriceVariantIds": [], "userErrors": errors}
    for number in numbers:
        found.fixed.pop(number, None)
    shop.note_facts([shop.by_variant[number] for number in numbers], "priceListFixedPricesDelete")
    return {"deletedFixedPriceVariantIds": variantIds, "userErrors": []}


def _list(shop: Any, named: str) -> PriceList | None:
    found: PriceList | None = shop.price_lists.get(number_of(named, "PriceList") or -1)
    return found


def _errors(shop: Any, found: PriceList, given: dict[str, Any], path: list[str]) -> list[Complaint]:
    if (number_of(given["variantId"], "ProductVariant") or -1) not in shop.by_variant:
        return [Complaint("VARIANT_NOT_FOUND", [*path, "variantId"], "Product variant ID does not exist.")]
    errors = []
    for key in ("price", "compareAtPrice"):
        money = given.get(key)
        if money is None:
            continue
        if money["currencyCode"] != found.currency:
            said = "The specified currency does not match the price list's currency."
            errors.append(Complaint("PRICE_LIST_CURRENCY_MISMATCH", [*path, key, "currencyCode"], said))
        if Decimal(str(money["amount"])) < 0:
            errors.append(Complaint("", [*path, key, "amount"], "Amount must be greater than or equal to 0"))
    return errors


PRICE_QUERY: Fields = {"catalogs": catalogues}
PRICE_MUTATION: Fields = {
    "priceListFixedPricesAdd": add_fixed_prices,
    "priceListFixedPricesDelete": delete_fixed_prices,
}
PRICE_FIELDS: Mapping[str, Fields] = {
    "MarketCatalog": {
        "id": lambda c, info: c.gid,
        "title": lambda c, info: c.title,
        "status": lambda c, info: c.status,
        "priceList": lambda c, info: c.prices,
        "markets": markets,
    },
    "Market": {
        "id": lambda m, info: m.gid,
        "name": lambda m, info: m.name,
        "handle": lambda m, info: m.handle,
        "status": lambda m, info: "ACTIVE",
        "type": lambda m, info: "REGION",
    },
    "PriceList": {
        "id": lambda p, info: p.gid,
        "name": lambda p, info: p.name,
        "currency": lambda p, info: p.currency,
        "fixedPricesCount": lambda p, info: len(p.fixed),
        "catalog": lambda p, info: next(c for c in info.context.shop.catalogues.values() if c.prices is p),
        "prices": prices,
    },
    "PriceListPrice": {
        "price": lambda row, info: (row[1].price, row[0].currency),
        "compareAtPrice": lambda row, info: (
            None if row[1].compare_at is None else (row[1].compare_at, row[0].currency)
        ),
        "originType": lambda row, info: row[2],
        "variant": lambda row, info: ("variant", row[1].item),
    },
}

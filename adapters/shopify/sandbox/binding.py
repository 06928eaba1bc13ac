"""The carried schema made executable: every field gets its resolver, or an honest nothing of its type."""

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLScalarType,
    GraphQLSchema,
    GraphQLUnionType,
    build_schema,
    get_named_type,
)

from adapters.shopify.sandbox.bulk import BulkOperation
from adapters.shopify.sandbox.bulk_fields import BULK, BULK_MUTATION, BULK_QUERY
from adapters.shopify.sandbox.context import WebhookSubscription
from adapters.shopify.sandbox.inventory import Group
from adapters.shopify.sandbox.making import MADE_PRODUCT, MAKING_MUTATION, MAKING_QUERY
from adapters.shopify.sandbox.money import NOTHING
from adapters.shopify.sandbox.mutation_fields import MUTATION
from adapters.shopify.sandbox.order_fields import (
    KINDS,
    ORDER_FIELDS,
    Fields,
    Money,
    Within,
    discount_kind,
    within_kind,
)
from adapters.shopify.sandbox.paging import EMPTY, EVERYTHING, PAGE_CAP
from adapters.shopify.sandbox.price_fields import PRICE_FIELDS, PRICE_MUTATION, PRICE_QUERY
from adapters.shopify.sandbox.price_lists import Catalogue, Market, PriceList
from adapters.shopify.sandbox.product_fields import PRODUCT_MUTATION
from adapters.shopify.sandbox.refusals import Declined
from adapters.shopify.sandbox.root_fields import QUERY
from adapters.shopify.sandbox.scopes import guarded
from adapters.shopify.sandbox.ship_fields import SHIP_FIELDS
from adapters.shopify.sandbox.stock_fields import STOCK_FIELDS
from adapters.shopify.sandbox.things import Discount, Item, Level, Location, Order

SLICE = Path(__file__).parent.parent / "schema" / "admin-2026-10.graphql"

SUBSCRIPTION: Fields = {
    "id": lambda s, info: s.gid,
    "legacyResourceId": lambda s, info: str(s.number),
    "topic": lambda s, info: s.topic,
    "uri": lambda s, info: s.uri,
    "callbackUrl": lambda s, info: s.uri,
    "format": lambda s, info: "JSON",
    "endpoint": lambda s, info: {"__typename": "WebhookHttpEndpoint", "callbackUrl": s.uri},
    "apiVersion": lambda s, info: {"displayName": "2026-10", "handle": "2026-10", "supported": True},
    "createdAt": lambda s, info: s.created_at,
    "updatedAt": lambda s, info: s.created_at,
}
_CONNECTION: Fields = {
    "nodes": lambda p, info: p.nodes,
    "edges": lambda p, info: list(zip(p.nodes, p.cursors, strict=True)),
    "pageInfo": lambda p, info: p,
}
_EDGE: Fields = {"node": lambda e, info: e[0], "cursor": lambda e, info: e[1]}
_PAGE_INFO: Fields = {
    "hasNextPage": lambda p, info: p.more_after,
    "hasPreviousPage": lambda p, info: p.more_before,
    "startCursor": lambda p, info: p.cursors[0] if p.cursors else None,
    "endCursor": lambda p, info: p.cursors[-1] if p.cursors else None,
}
_COMPLAINT: Fields = {
    "code": lambda c, info: c.code or None,
    "field": lambda c, info: c.field,
    "message": lambda c, info: c.message,
}


def kind_of(value: Any, info: Any, abstract: Any) -> str:
    """The concrete type behind an interface or union."""
    if isinstance(value, tuple):
        if value[0] == "variant":
            return "ProductVariant"
        return "Product" if value[0] == "product" else "MoneyV2"
    if isinstance(value, Within):
        return within_kind(value)
    if isinstance(value, Discount):
        return discount_kind(value)
    if isinstance(value, dict):
        return str(value.get("__typename") or "PricingPercentageValue")
    kinds = {
        Item: "InventoryItem",
        Level: "InventoryLevel",
        Location: "Location",
        Group: "InventoryAdjustmentGroup",
        WebhookSubscription: "WebhookSubscription",
        BulkOperation: "BulkOperation",
        Catalogue: "MarketCatalog",
        Market: "Market",
        PriceList: "PriceList",
        **KINDS,
    }
    return kinds[type(value)]


def nothing(kind: Any) -> Any:
    """What a field of this type shows when the sandbox knows nothing to show."""
    if not isinstance(kind, GraphQLNonNull):
        return None
    inner = kind.of_type
    if isinstance(inner, GraphQLList):
        return []
    if isinstance(inner, GraphQLScalarType):
        return {"Boolean": False, "Int": 0, "Float": 0.0, "Decimal": Decimal(0), "Money": "0.00"}.get(
            inner.name, ""
        )
    if isinstance(inner, GraphQLEnumType):
        return next(iter(inner.values))
    return EMPTY if inner.name.endswith("Connection") else {}


def empty(name: str, kind: Any) -> Callable[..., Any]:
    """A resolver for a field nobody wrote: a mapping's own value, else nothing."""
    missing = nothing(kind)
    named = get_named_type(kind)
    is_money = named.name in ("MoneyBag", "MoneyV2") and isinstance(kind, GraphQLNonNull)
    is_connection = named.name.endswith("Connection")

    def resolve(value: Any, info: Any, **args: Any) -> Any:
        if isinstance(value, dict) and name in value:
            return value[name]
        if is_money:
            order = value if isinstance(value, Order) else getattr(value, "order", None)
            if order is not None:
                return Money(NOTHING, order) if named.name == "MoneyBag" else (Decimal(0), order.currency)
        if is_connection and args.get("first") is None and args.get("last") is None:
            raise Declined("you must provide one of first or last", "BAD_REQUEST")
        return missing

    return resolve


def paged(resolve: Callable[..., Any]) -> Callable[..., Any]:
    """A connection's resolver; without a page size it is refused before it is looked at."""

    def checked(value: Any, info: Any, **args: Any) -> Any:
        if info.context.unbounded and args.get("first") is None:
            return resolve(value, info, **args | {"first": EVERYTHING, "last": None})
        if args.get("first") is None and args.get("last") is None:
            raise Declined("you must provide one of first or last", "BAD_REQUEST")
        if max(args.get("first") or 0, args.get("last") or 0) > PAGE_CAP:
            raise Declined(f"first and last must be at most {PAGE_CAP}", "BAD_REQUEST")
        return resolve(value, info, **args)

    return checked


def _fields_for(name: str) -> Fields:
    if name.endswith("Connection"):
        return _CONNECTION
    if name.endswith("Edge"):
        return _EDGE
    if name.endswith("UserError"):
        return _COMPLAINT
    own: dict[str, Fields] = {
        "QueryRoot": guarded({**QUERY, **BULK_QUERY, **PRICE_QUERY, **MAKING_QUERY}),
        "Mutation": {**MUTATION, **PRODUCT_MUTATION, **PRICE_MUTATION, **MAKING_MUTATION, **BULK_MUTATION},
        "BulkOperation": BULK,
        "PageInfo": _PAGE_INFO,
        "WebhookSubscription": SUBSCRIPTION,
        **ORDER_FIELDS,
        **SHIP_FIELDS,
        **STOCK_FIELDS,
        **PRICE_FIELDS,
        "Product": {**STOCK_FIELDS["Product"], **MADE_PRODUCT},
    }
    return own.get(name, {})


def _stamp(value: Any) -> str:
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if isinstance(value, datetime) else str(value)


@cache
def executable() -> GraphQLSchema:
    """The schema of the slice with resolvers on it."""
    schema = build_schema(SLICE.read_text("utf-8"))
    for kind in schema.type_map.values():
        if isinstance(kind, GraphQLInterfaceType | GraphQLUnionType):
            kind.resolve_type = kind_of
        elif isinstance(kind, GraphQLScalarType) and kind.name in ("DateTime", "Date"):
            kind.serialize = _stamp  # type: ignore[method-assign]
        elif isinstance(kind, GraphQLObjectType) and not kind.name.startswith("__"):
            known = _fields_for(kind.name)
            for name, field in kind.fields.items():
                resolve = known.get(name)
                if resolve is None:
                    field.resolve = empty(name, field.type)
                elif get_named_type(field.type).name.endswith("Connection"):
                    field.resolve = paged(resolve)
                else:
                    field.resolve = resolve
    return schema

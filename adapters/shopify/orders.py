"""Reading orders whole: every connection is paged to its end, and an order that moved meanwhile is read again."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from adapters.shopify.client import FOR_STOCK, ShopifyClient
from adapters.shopify.order import order_from
from adapters.shopify.wire import JsonObject, line, moment, next_cursor, reading
from engine.model.failure import Refused, TryLater
from engine.model.ids import OrderId
from engine.model.order import Order
from engine.ports import OrderStub

READINGS = 3
LISTING_CAP = 25_000
PERSONAL = tuple(
    ("order", field)
    for field in (
        *("customer", "email", "phone", "shippingAddress", "billingAddress", "note"),
        *("purchasingEntity", "paymentTerms"),
    )
)
"""Fields a key without access to customers, companies or payment terms does not get; the order is usable without."""

_OF_ORDER = {
    "lineItems": "order_lines_page",
    "shippingLines": "order_shipping_page",
    "discountApplications": "order_discounts_page",
    "fulfillmentOrders": "order_fulfilment_orders_page",
    "localizedFields": "order_localized_page",
}
_NESTED = (
    ("fulfillmentOrders", "lineItems", "fulfilment_order_lines_page"),
    ("fulfillments", "fulfillmentLineItems", "fulfilment_lines_page"),
    ("refunds", "refundLineItems", "refund_lines_page"),
    ("refunds", "refundShippingLines", "refund_shipping_page"),
    ("refunds", "transactions", "refund_transactions_page"),
)


class _Moved(Exception):
    """The order changed between two of its pages."""


async def read_order(client: ShopifyClient, order: OrderId) -> Order | None:
    """The whole order; None when the shop has none of this id."""
    for _ in range(READINGS):
        try:
            node = await _whole(client, order)
        except _Moved:
            continue
        if node is None:
            return None
        with reading("an order"):
            return order_from(node)
    raise TryLater(
        "The order keeps changing while it is being read", "TrueUp comes back by itself", code="order_moving"
    )


async def _whole(client: ShopifyClient, order: OrderId) -> JsonObject | None:
    data = await client.read("read_order", {"id": order}, cost=200.0, optional=PERSONAL, leave=FOR_STOCK)
    with reading("an order"):
        if data["order"] is None:
            return None
        node: dict[str, Any] = dict(data["order"])
        version = node["updatedAt"]
        if node["id"] != order:
            raise ValueError("the shop answered with another order")
    for connection, page in _OF_ORDER.items():
        node[connection] = await _to_the_end(client, page, order, node[connection], version)
    for parents, members, page in _NESTED:
        with reading("an order"):
            held = node[parents]
            each = held["nodes"] if isinstance(held, Mapping) else held
        whole = [
            dict(parent) | {members: await _to_the_end(client, page, parent["id"], parent[members], None)}
            for parent in each
        ]
        node[parents] = {"nodes": whole} if isinstance(held, Mapping) else whole
    return node


async def _to_the_end(
    client: ShopifyClient, page_operation: str, owner: str, first: JsonObject, version: str | None
) -> JsonObject:
    with reading("an order"):
        nodes = list(first["nodes"])
        after = next_cursor(first["pageInfo"])
    while after is not None:
        data = await client.read(page_operation, {"id": owner, "after": after}, cost=150.0, leave=FOR_STOCK)
        with reading("an order"):
            node = data["node"]
            if node is None or (version is not None and node["updatedAt"] != version):
                raise _Moved
            nodes += node["page"]["nodes"]
            after = next_cursor(node["page"]["pageInfo"])
    return {"nodes": nodes}


async def orders_changed(client: ShopifyClient, since: datetime) -> tuple[OrderStub, ...]:
    """Every order updated at or after `since`, whole seconds; starts anew where Shopify would stop paging."""
    found: dict[OrderId, datetime] = {}
    begin, after, listed = since.astimezone(UTC).replace(microsecond=0), None, 0
    while True:
        search = f"updated_at:>='{begin.strftime('%Y-%m-%dT%H:%M:%SZ')}'"
        data = await client.read("orders_changed", {"query": search, "after": after}, cost=15.0)
        with reading("changed orders"):
            page = data["orders"]
            last = begin
            for node in page["nodes"]:
                last = moment(node["updatedAt"])
                found[OrderId(line(node["id"]))] = last
            listed += len(page["nodes"])
            after = next_cursor(page["pageInfo"])
        if listed >= LISTING_CAP:
            if last.replace(microsecond=0) <= begin:
                raise Refused(
                    "More orders changed within one second than the shop lists",
                    "Report this with the log",
                    code="listing_stuck",
                )
            begin, after, listed = last.replace(microsecond=0), None, 0
        elif after is None:
            return tuple(OrderStub(order, at) for order, at in found.items())


async def orders_named(client: ShopifyClient, name: str) -> tuple[OrderId, ...]:
    """Orders of exactly this name; Shopify's search is wider than that (it ignores case and splits at hyphens)."""
    quoted = name.replace("\\", "").replace("'", "")
    data = await client.read("orders_named", {"query": f"name:'{quoted}'"}, cost=15.0)
    with reading("orders of a name"):
        return tuple(
            OrderId(line(node["id"])) for node in data["orders"]["nodes"] if line(node["name"]) == name
        )

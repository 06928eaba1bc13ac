"""The sandbox's whole truth as JSON, for those who check what TrueUp made of it."""

from dataclasses import asdict
from decimal import Decimal
from typing import Any

from adapters.shopify.sandbox.checkout import total_price
from adapters.shopify.sandbox.executor import Executor
from adapters.shopify.sandbox.merchandise import FACTS
from adapters.shopify.sandbox.order_totals import (
    current_total,
    discrepancy,
    outstanding,
    received,
    refunded,
    standing_total,
)
from adapters.shopify.sandbox.price_lists import fixed_of
from adapters.shopify.sandbox.shop import Shop
from adapters.shopify.sandbox.things import Level, Order, gid
from adapters.shopify.sandbox.webhooks import Webhooks


def level_row(level: Level) -> dict[str, Any]:
    """One level."""
    return {
        "sku": level.item.sku,
        "item": level.item.gid,
        "location": level.location.gid,
        "on_hand": level.quantity("on_hand"),
        "available": level.units["available"],
        "committed": level.units["committed"],
        "active": level.active,
    }


def order_row(order: Order) -> dict[str, Any]:
    """One order."""
    price = total_price(order)
    return {
        "id": order.gid,
        "name": order.name,
        "updated_at": order.updated_at.isoformat(),
        "placed_at": order.placed_at,
        "total": format(price.shop, "f"),
        "standing_total": format(standing_total(order).shop, "f"),
        "currency": order.currency,
        "presentment_total": format(price.presentment, "f"),
        "presentment_currency": order.presentment,
        "cancelled": order.cancelled_at is not None,
        "source": order.source,
        "accepted": sum(line.quantity for line in order.lines),
        "lines": [
            {
                "id": line.gid,
                "sku": line.sku,
                "quantity": line.quantity,
                "current_quantity": line.quantity - line.removed,
                "location": line.location.gid,
                "fulfilled": line.fulfilled,
                "restocked": line.restocked,
                "refunded": line.removed,
            }
            for line in order.lines
        ],
        "acts": [
            {
                "at": act.at,
                "kind": act.kind,
                "sku": act.line.sku,
                "units": act.units,
                "location": act.location.gid,
                "restock": act.restock,
                "to": act.to.gid if act.to else None,
            }
            for act in order.acts
        ],
        "fulfilment_orders": [
            {
                "id": ship.gid,
                "status": ship.status,
                "location": ship.location.gid,
                "lines": [{"line": row.line.gid, "remaining": row.remaining} for row in ship.lines],
            }
            for ship in order.fulfilment_orders
        ],
        "fulfillments": [
            {
                "id": gid("Fulfillment", done.number),
                "location": done.location.gid,
                "lines": [
                    {"line": line.gid, "sku": line.item.sku, "quantity": count}
                    for _, line, count in done.lines
                ],
            }
            for done in order.fulfilments
        ],
        "current_total": format(current_total(order).shop, "f"),
        "discrepancy": format(discrepancy(order).shop, "f"),
        "received": format(received(order).shop, "f"),
        "refunded": format(refunded(order).shop, "f"),
        "outstanding": format(outstanding(order).shop, "f"),
        "transactions": [
            {
                "id": gid("OrderTransaction", done.number),
                "kind": done.kind,
                "gateway": done.gateway,
                "amount": format(done.amount.shop, "f"),
                "presentment": format(done.amount.presentment, "f"),
            }
            for done in order.transactions
        ],
        "refunds": [
            {
                "id": gid("Refund", done.number),
                "lines": [
                    {
                        "line": row.line.gid,
                        "sku": row.line.item.sku,
                        "quantity": row.quantity,
                        "restock": row.restock,
                        "location": row.location.gid if row.location else None,
                    }
                    for row in done.lines
                ],
            }
            for done in order.refunds
        ],
    }


def whole(shop: Shop, webhooks: Webhooks, executor: Executor) -> dict[str, Any]:
    """Everything."""
    short = [level for level in shop.levels.values() if level.units["available"] < 0]
    return {
        "levels": [level_row(level) for level in shop.levels.values()],
        "orders": [order_row(order) for order in shop.orders.values()],
        "webhooks": webhooks.state(),
        "subscriptions": [
            {"id": s.gid, "topic": s.topic, "uri": s.uri} for s in webhooks.subscriptions.values()
        ],
        "api": {
            "calls": executor.counts["calls"],
            "cost_points": executor.counts["cost_points"],
            "throttled": executor.counts["throttled"],
            "mutations": dict(shop.mutations),
            "received": {root: dict(fields) for root, fields in shop.received.items()},
        },
        "writes": shop.writes,
        "fact_writes": shop.fact_writes,
        "oversold": sum(-level.units["available"] for level in short),
        "short": [level_row(level) for level in short],
    }


def product_rows(shop: Shop) -> list[dict[str, Any]]:
    """Every product as it is, for those who check that nothing of it was touched."""
    return [
        {
            "id": number, "content": asdict(items[0].shown),
            "variants": [
                {"id": item.variant, "item": item.gid, "weight_unit": item.weight_unit}
                | {"metafields": {".".join(of): kept["value"] for of, kept in item.metafields.items()}}
                | {"fixed_prices": fixed_of(shop, item)}
                | {name: _plain(getattr(item, name)) for name in FACTS}
                for item in items
            ],
        }
        for number, items in shop.products.items()
    ]  # fmt: skip


def _plain(value: Any) -> Any:
    return format(value, "f") if isinstance(value, Decimal) else value

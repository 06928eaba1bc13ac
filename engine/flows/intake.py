"""Inbox to work: each received message rings a bell for the record it names, and is closed in the same transaction."""

from collections.abc import Iterable
from datetime import datetime

import orjson

from engine.flows.site import Site
from engine.model.ids import OrderId, Sku
from engine.store.rows import InboxRow
from engine.store.tx import Tx
from engine.store.verbs.inbox import close_inbox, take_inbox
from engine.store.verbs.levels import echo_or_dirty
from engine.store.verbs.stock import mark_sku_dirty
from engine.store.verbs.work import enqueue

BATCH = 200
LANE_STOCK, LANE_ORDER, LANE_AFTER, LANE_SWEEP = 0, 1, 2, 4
"""Stock decreases and cancellations · orders · fulfilments, refunds, increases · sweeps."""


class Intake:
    """Empties the inbox of one connection."""

    def __init__(self, site: Site) -> None:
        self._site = site

    async def round(self) -> int:
        """Turn one batch into work; how many messages there were."""
        site = self._site
        rows = await site.store.read(take_inbox, site.name, BATCH)
        if rows:
            await site.store.write(_intake, site.name, rows, site.now())
        return len(rows)


def _intake(tx: Tx, connection: str, rows: list[InboxRow], now: datetime) -> None:
    for row in rows:
        if row.source == "shop":
            _from_shop(tx, connection, row, now)
        else:
            _from_back_office(tx, connection, row, now)
    close_inbox(tx, [row.id for row in rows], now)


def _from_shop(tx: Tx, connection: str, row: InboxRow, now: datetime) -> None:
    body = orjson.loads(row.body)
    if not isinstance(body, dict):
        return
    topic = row.topic
    if topic.startswith("orders/"):
        order = body.get("admin_graphql_api_id") or _gid("Order", body.get("id"))
        lane = LANE_STOCK if topic == "orders/cancelled" else LANE_ORDER
        order_due(tx, connection, [OrderId(str(order))], topic, lane, now)
    elif topic.startswith(("refunds/", "fulfillments/")) and body.get("order_id"):
        order_due(tx, connection, [OrderId(_gid("Order", body["order_id"]))], topic, LANE_AFTER, now)
    elif topic == "inventory_levels/update":
        item, location = (
            _gid("InventoryItem", body.get("inventory_item_id")),
            _gid("Location", body.get("location_id")),
        )
        available = body.get("available")
        echo_or_dirty(
            tx, connection, item, location, available if isinstance(available, int) else None, LANE_AFTER, now
        )


def _from_back_office(tx: Tx, connection: str, row: InboxRow, now: datetime) -> None:
    body = orjson.loads(row.body)
    if not isinstance(body, dict):
        return
    back_office_moved(
        tx, connection, map(str, body.get("skus") or ()), map(str, body.get("refs") or ()), row.topic, now
    )


def back_office_moved(
    tx: Tx, connection: str, skus: Iterable[str], refs: Iterable[str], reason: str, now: datetime
) -> None:
    """Stock or documents changed in the back office: look at the cells and the orders."""
    names = {Sku(sku) for sku in skus}
    if names:
        mark_sku_dirty(tx, connection, names, reason=reason, lane=LANE_STOCK, now=now)
    order_due(tx, connection, [OrderId(ref) for ref in refs if ref], reason, LANE_AFTER, now)


def order_due(
    tx: Tx, connection: str, orders: Iterable[OrderId], reason: str, lane: int, now: datetime
) -> None:
    """These orders are to be looked at."""
    for order in orders:
        enqueue(
            tx, connection=connection, kind="order", key=order, lane=lane, due_at=now, now=now, reason=reason
        )


def _gid(kind: str, number: object) -> str:
    return f"gid://shopify/{kind}/{number}"

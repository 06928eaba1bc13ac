"""Inbox to work: each received message rings a bell for the record it names, and is closed in the same transaction."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import orjson

from engine.flows.listings import SAME_SECOND
from engine.flows.site import Site
from engine.model.ids import OrderId, Sku
from engine.store.queries.sisters import theirs
from engine.store.rows import InboxRow
from engine.store.tx import Tx
from engine.store.verbs.inbox import close_inbox, take_inbox
from engine.store.verbs.levels import echo_or_dirty
from engine.store.verbs.orders import read_dates
from engine.store.verbs.products import mark_variants
from engine.store.verbs.stock import mark_sku_dirty
from engine.store.verbs.work import ECHO, enqueue

BATCH = 200
COALESCED = timedelta(seconds=30)
"""Every sale changes its product too: one that is announced all the time is looked at so often."""
AGAIN = SAME_SECOND + timedelta(seconds=0.2)
"""A message that tells nothing newer than what was read may tell of the same second: looked at once more, this much later."""
ORDER = re.compile("gid://shopify/Order/[0-9]+")
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
            sisters = [sister.name for sister in site.sisters]
            await site.store.write(take_in, site.name, rows, site.now(), sisters)
        return len(rows)


def take_in(
    tx: Tx, connection: str, rows: list[InboxRow], now: datetime, sisters: Sequence[str] = ()
) -> None:
    """Ring the bells of these messages and close them; nothing that stands in one may raise."""
    named = {OrderId(row.resource) for row in rows if row.source == "shop" and ORDER.fullmatch(row.resource)}
    known = read_dates(tx, connection, named) if named else {}
    for row in rows:
        if row.source == "shop":
            _from_shop(tx, connection, row, known, now)
        else:
            _from_back_office(tx, connection, row, now, sisters)
    close_inbox(tx, [row.id for row in rows], now)


def _from_shop(
    tx: Tx, connection: str, row: InboxRow, known: Mapping[OrderId, datetime], now: datetime
) -> None:
    topic = row.topic
    if topic.startswith(("orders/", "refunds/", "order_transactions/", "fulfillments/")):
        if ORDER.fullmatch(row.resource):
            order, lane = OrderId(row.resource), _lane(topic)
            old = lane != LANE_STOCK and order in known and _tells_nothing_newer(_told(row), known[order])
            order_due(tx, connection, [order], topic, lane, now, now + AGAIN if old else now)
    elif topic == "products/update":
        if product := _gid("Product", _told(row).get("id")):
            mark_variants(tx, connection, [product], topic, now + COALESCED)
    elif topic == "inventory_levels/update":
        body = _told(row)
        item = _gid("InventoryItem", body.get("inventory_item_id"))
        location = _gid("Location", body.get("location_id"))
        if item and location:
            available = body.get("available")
            told = available if type(available) is int else None
            echo_or_dirty(tx, connection, item, location, told, LANE_AFTER, now)


def _from_back_office(tx: Tx, connection: str, row: InboxRow, now: datetime, sisters: Sequence[str]) -> None:
    """What a back office tells one of its connections is true for all of them."""
    body = _told(row)
    skus, refs = _names(body.get("skus")), _names(body.get("refs"))
    back_office_moved(tx, connection, skus, refs, row.topic, now, sisters)
    owners = theirs(tx, sisters, {OrderId(ref) for ref in refs}) if sisters and refs else {}
    for sister in sisters:
        mine = [order for order, owner in owners.items() if owner == sister]
        back_office_moved(tx, sister, skus, mine, row.topic, now)


def _tells_nothing_newer(body: Mapping[str, Any], known: datetime) -> bool:
    """What it announces is dated no later than what was read: several topics tell of the same change."""
    said = body.get("updated_at") or body.get("created_at")
    try:
        return isinstance(said, str) and datetime.fromisoformat(said) <= known
    except (ValueError, TypeError, OverflowError):  # no date, or one without a time zone
        return False


def _lane(topic: str) -> int:
    if topic == "orders/cancelled":
        return LANE_STOCK
    return LANE_ORDER if topic.startswith("orders/") else LANE_AFTER


def _told(row: InboxRow) -> dict[str, Any]:
    """The body where it is an object. Genuine is not well-formed: whatever else it says rings no bell.

    Nothing that stands in a body may raise here: one message would hold up all that came after it.
    """
    body = orjson.loads(row.body)
    return body if isinstance(body, dict) else {}


def _names(said: object) -> list[str]:
    """The texts of a list, or none."""
    return [name for name in said if isinstance(name, str)] if isinstance(said, list) else []


def back_office_moved(
    tx: Tx,
    connection: str,
    skus: Iterable[str],
    refs: Iterable[str],
    reason: str,
    now: datetime,
    sisters: Sequence[str] = (),
) -> None:
    """Stock or documents changed in the back office: look at the cells and the orders, not at those of `sisters`."""
    names = {Sku(sku) for sku in skus}
    if names:
        mark_sku_dirty(tx, connection, names, reason=reason, lane=LANE_STOCK, now=now)
    orders = [OrderId(ref) for ref in refs if ref]
    others = theirs(tx, sisters, orders) if sisters and orders else {}
    order_due(
        tx, connection, [one for one in orders if one not in others], f"{ECHO}{reason}", LANE_AFTER, now
    )


def order_due(
    tx: Tx,
    connection: str,
    orders: Iterable[OrderId],
    reason: str,
    lane: int,
    now: datetime,
    due_at: datetime | None = None,
) -> None:
    """These orders are to be looked at, now or at that time."""
    for order in orders:
        enqueue(
            tx,
            connection=connection,
            kind="order",
            key=order,
            lane=lane,
            due_at=due_at or now,
            now=now,
            reason=reason,
        )


def _gid(kind: str, number: object) -> str:
    """A GID; '' where the number is none."""
    return f"gid://shopify/{kind}/{number}" if type(number) is int else ""

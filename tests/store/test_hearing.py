"""What was told is counted by topic and hour, and set beside what there was to tell."""

from datetime import datetime, timedelta
from decimal import Decimal

from engine.delivery.hearing import Window, hour_of
from engine.model.ids import ItemId, LocationId, OrderId, Sku
from engine.model.stock import CellKey, OrderCell, ShopLevel
from engine.stock.memory import Memory
from engine.store.queries.topics import topics
from engine.store.rows import Published
from engine.store.session import Store
from engine.store.verbs.hearing import count_heard, heard_of, prove
from engine.store.verbs.inbox import receive
from engine.store.verbs.orders import remember_order
from engine.store.verbs.publish import publish
from engine.store.verbs.stock import dirty, see_level

SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)


def told(store: Store, topic: str, resource: str, at: datetime) -> None:
    store.write_sync(
        receive, connection="main", source="shop", webhook_id=f"{topic} {resource} {at}", topic=topic, resource=resource,
        resource_version=None, body=b"{}", triggered_at=None, now=at,
    )  # fmt: skip


def ordered(
    store: Store, name: str, placed: datetime, updated: datetime | None = None, sent: datetime | None = None
) -> None:
    cells = [
        OrderCell(OrderId(name), Sku("mug"), LocationId("L"), 0 if sent else 1, 1 if sent else 0, sent, 0)
    ]
    store.write_sync(
        remember_order,
        "main",
        OrderId(name),
        name,
        updated or placed,
        "{}",
        cells,
        "open",
        Decimal(1),
        placed,
        placed,
    )


def test_messages_are_counted_once_by_topic_and_hour(store: Store, now: datetime) -> None:
    for at in (now, now + SECOND, now + 61 * MINUTE):
        told(store, "orders/create", f"o{at}", at)
    told(store, "orders/updated", "o", now)
    store.write_sync(count_heard, "main", now)
    store.write_sync(count_heard, "main", now)
    told(store, "orders/create", "later", now + 62 * MINUTE)
    store.write_sync(count_heard, "main", now)
    hours, last = store.read_sync(heard_of, "main")
    assert hours["orders/create"] == {hour_of(now): 2, hour_of(now + 61 * MINUTE): 2}
    assert hours["orders/updated"] == {hour_of(now): 1}
    assert last["orders/create"] == now + 62 * MINUTE
    rows = store.read_sync(topics, now + 62 * MINUTE)
    assert [(row.topic, row.heard) for row in rows] == [("orders/create", 4), ("orders/updated", 1)]
    assert store.read_sync(topics, now, "other") == ()


def test_each_topic_is_proven_by_what_was_found_without_it(store: Store, now: datetime) -> None:
    ordered(store, "told", now + SECOND)
    told(store, "orders/create", "told", now + 2 * SECOND)
    ordered(store, "by another topic", now + SECOND)
    told(store, "orders/updated", "by another topic", now + 2 * SECOND)
    ordered(store, "changed", now - 9 * MINUTE, updated=now + MINUTE)
    ordered(store, "sent", now - 9 * MINUTE, updated=now + MINUTE, sent=now + MINUTE)
    told(store, "fulfillments/create", "sent", now + MINUTE)
    ordered(store, "after the window", now + 3 * MINUTE)
    found = store.write_sync(prove, "main", now, now + 2 * MINUTE, now + 2 * MINUTE)
    assert found == {
        "orders/create": Window(2, 1),
        "orders/updated": Window(2, 1),
        "fulfillments/create": Window(1, 0),
        "inventory_levels/update": Window(),
    }
    told(store, "orders/create", "x", now)
    store.write_sync(count_heard, "main", now)
    [create] = [row for row in store.read_sync(topics, now) if row.topic == "orders/create"]
    assert (create.expected, create.missed) == (2, 1)


def test_a_message_from_before_a_change_does_not_tell_of_it(store: Store, now: datetime) -> None:
    told(store, "orders/updated", "o", now - 9 * SECOND)
    ordered(store, "o", now - 9 * MINUTE, updated=now + SECOND)
    assert store.write_sync(prove, "main", now, now + MINUTE, now)["orders/updated"] == Window(1, 1)


def test_a_level_we_wrote_of_which_nobody_told_is_looked_at(store: Store, now: datetime) -> None:
    for sku in ("mug", "cup"):
        level = ShopLevel(Sku(sku), ItemId(f"i-{sku}"), LocationId("L"), True, True, 5, 5, 0)
        store.write_sync(see_level, "main", [level], now)
        done = Published(CellKey(Sku(sku), LocationId("L")), Memory(0, None), Memory(1, 4), 4, 5, "{}", 0)
        store.write_sync(publish, "main", [done], now + SECOND)
    told(store, "inventory_levels/update", "i-mug", now)
    found = store.write_sync(prove, "main", now, now + MINUTE, now + MINUTE)
    assert found["inventory_levels/update"] == Window(2, 1)
    assert [cell.sku for cell in store.read_sync(dirty, "main", 9, now + MINUTE)] == ["cup"]

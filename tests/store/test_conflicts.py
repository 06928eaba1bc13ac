"""Levels that something else changed are listed with their units and since when."""

from datetime import datetime, timedelta

import orjson

from engine.desk.conflicts import UNNAMED
from engine.front import Front
from engine.model.clock import SystemClock
from engine.model.ids import ItemId, LocationId, OrderId, Sku
from engine.model.stock import CellKey, OrderCell, ShopLevel
from engine.stock.memory import Memory
from engine.store.queries.conflicts import conflicts
from engine.store.rows import Published
from engine.store.session import Store
from engine.store.verbs.command import take
from engine.store.verbs.orders import remember_order
from engine.store.verbs.publish import decide_rise, publish
from engine.store.verbs.stock import see_level

SECOND = timedelta(seconds=1)


def put(store: Store, sku: str, memory: Memory, at: datetime, ver: int = 0) -> None:
    key = CellKey(Sku(sku), LocationId("L"))
    store.write_sync(publish, "main", [Published(key, Memory(ver, None), memory, 4, 5, "{}", 0)], at)


def test_a_fall_by_units_taken_out_of_orders_without_restock_names_them(store: Store, now: datetime) -> None:
    def order(number: int, units: int, at: datetime) -> None:
        body = {"name": f"#{number}", "discarded": [["fell", "L", units, at.isoformat()]]}
        cell = OrderCell(OrderId(str(number)), Sku("fell"), LocationId("L"), 0, 0, None, 0)
        store.write_sync(
            remember_order, "main", cell.order_id, f"#{number}", at, orjson.dumps(body).decode(), [cell], "open",
            None, now,
        )  # fmt: skip

    level = ShopLevel(Sku("fell"), ItemId("i"), LocationId("L"), True, True, 5, 5, 0)
    store.write_sync(see_level, "main", [level], now)
    put(store, "fell", Memory(1, 4, 0, -3, now), now)
    order(1, 2, now - timedelta(days=1))
    order(2, 2, now + SECOND)
    [row] = store.read_sync(conflicts)
    assert row.who == UNNAMED, "one that is older than the fall is not its cause, and two are not three"
    order(3, 1, now + 2 * SECOND)
    [row] = store.read_sync(conflicts)
    assert row.who == "taken out without restock: #2, #3"


def test_rises_and_falls_are_listed_the_oldest_first_until_they_are_judged(
    store: Store, now: datetime
) -> None:
    for sku in ("calm", "rose", "fell"):
        level = ShopLevel(Sku(sku), ItemId(f"i-{sku}"), LocationId("L"), True, True, 5, 5, 0)
        store.write_sync(see_level, "main", [level], now)
    put(store, "calm", Memory(1, 4), now)
    put(store, "rose", Memory(1, 4), now)
    put(store, "rose", Memory(2, 4, 3), now + 9 * SECOND, ver=1)
    put(store, "fell", Memory(1, 4, 0, -2, now + SECOND), now + SECOND)
    told = [(row.sku, row.kind, row.units, row.since) for row in store.read_sync(conflicts)]
    assert told == [("fell", "fall", 2, now + SECOND), ("rose", "rise", 3, now + 9 * SECOND)]
    rose = CellKey(Sku("rose"), LocationId("L"))
    assert store.write_sync(decide_rise, "main", rose, 3, real=False, operator="ana", now=now)
    assert [row.sku for row in store.read_sync(conflicts)] == ["fell"]


async def test_a_rise_is_not_judged_while_a_fall_of_its_cell_waits(store: Store, now: datetime) -> None:
    level = ShopLevel(Sku("both"), ItemId("i-both"), LocationId("L"), True, True, 5, 5, 0)
    store.write_sync(see_level, "main", [level], now)
    put(store, "both", Memory(1, 4, 3, -2, now), now)
    front = Front(store, environment="test", clock=SystemClock())
    no = await front.decide("main", "both", "L", units=3, real=False, kind="rise", operator="ana")
    assert no == "Of both at L a fall of 2 has to be decided before the rise."
    assert await front.decide("main", "both", "L", units=2, real=True, kind="fall", operator="ana") == ""
    [asked] = store.read_sync(take, "main", 10)
    assert (asked.verb, asked.operator) == ("decide", "ana") and '"rise":0' in asked.args_json

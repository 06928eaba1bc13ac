"""Levels that something else changed are listed with their units and since when."""

from datetime import datetime, timedelta

from engine.model.ids import ItemId, LocationId, Sku
from engine.model.stock import CellKey, ShopLevel
from engine.stock.memory import Memory
from engine.store.queries.conflicts import conflicts
from engine.store.rows import Published
from engine.store.session import Store
from engine.store.verbs.publish import decide_rise, publish
from engine.store.verbs.stock import see_level

SECOND = timedelta(seconds=1)


def put(store: Store, sku: str, memory: Memory, at: datetime, ver: int = 0) -> None:
    key = CellKey(Sku(sku), LocationId("L"))
    store.write_sync(publish, "main", [Published(key, Memory(ver, None), memory, 4, 5, "{}", 0)], at)


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

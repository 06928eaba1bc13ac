"""What is kept of a cell's past, and what may be forgotten of it."""

from datetime import datetime, timedelta

from sqlalchemy import Connection, select

from engine.model.stock import CellKey, ShopLevel
from engine.store.queries.history import explanations
from engine.store.session import Store
from engine.store.tables import cell_event
from engine.store.verbs.history import Change, forget, keep
from engine.store.verbs.stock import see_level

CELL, HOUR = CellKey("MUG", "L1"), timedelta(hours=1)


def kinds(tx: Connection) -> list[str]:
    return list(tx.execute(select(cell_event.c.kind).order_by(cell_event.c.id)).scalars())


def level(on_hand: int) -> ShopLevel:
    return ShopLevel(CELL.sku, "item", CELL.location, True, True, on_hand, on_hand, 0)


def test_a_level_that_did_not_move_adds_nothing(store: Store, now: datetime) -> None:
    for hour, figure in enumerate((5, 5, 4)):
        store.write_sync(see_level, "main", [level(figure)], now + hour * HOUR)
    assert store.read_sync(kinds) == ["seen", "seen"]
    [then] = store.read_sync(explanations, "MUG", "L1", now + HOUR, now)
    [later] = store.read_sync(explanations, "MUG", "L1", now + 2 * HOUR, now)
    assert (then.state.on_hand, later.state.on_hand) == (5, 4)
    assert later.state.cause == "on hand 5 to 4, available 5 to 4"
    assert store.read_sync(explanations, "MUG", "L1", now - HOUR, now) == []


def test_forgetting_leaves_how_the_cell_stood(store: Store, now: datetime) -> None:
    store.write_sync(see_level, "main", [level(5)], now)
    for hour, kind in enumerate(("published", "seen", "agreed", "seen"), 1):
        store.write_sync(keep, "main", kind, [Change(CELL, "test")], now + hour * HOUR)
    assert store.write_sync(forget, now + 2 * HOUR, 100) == 1
    assert store.read_sync(kinds) == ["published", "seen", "agreed", "seen"]
    assert store.write_sync(forget, now + 3 * HOUR, 1) == 1
    assert store.write_sync(forget, now + 9 * HOUR, 100) == 1
    assert store.read_sync(kinds) == ["agreed", "seen"]

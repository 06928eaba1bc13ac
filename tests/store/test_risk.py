"""Which cells sell, how fast, and what they are told to do: from orders and looks as they are stored."""

from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from engine.model.ids import ItemId, LocationId, OrderId, Sku
from engine.model.stock import CellKey, OrderCell, ShopLevel
from engine.ports import Place
from engine.stock.memory import Memory
from engine.stock.velocity import Sold
from engine.store.queries.risk import risk_page
from engine.store.rows import Published
from engine.store.session import Store
from engine.store.verbs.orders import remember_order
from engine.store.verbs.pace import keep_lag
from engine.store.verbs.places import save_places
from engine.store.verbs.publish import publish
from engine.store.verbs.stock import mark_dirty, see_level

SECOND = timedelta(seconds=1)
HERE, THERE = LocationId("L1"), LocationId("L2")


def listed(store: Store, now: datetime, levels: dict[tuple[str, LocationId], int]) -> None:
    store.write_sync(
        save_places, "main", "shop", [Place("L1", "Berlin", True), Place("L2", "Lyon", True)], now
    )
    told = [
        ShopLevel(Sku(sku), ItemId(f"i-{sku}"), at, True, True, max(left, 0), left, 0)
        for (sku, at), left in levels.items()
    ]
    store.write_sync(see_level, "main", told, now)


def ordered(store: Store, number: int, sku: str, placed: datetime, units: int = 1, shipped: int = 0) -> None:
    cells = [OrderCell(OrderId(f"o{number}"), Sku(sku), HERE, units, shipped, None, 0)]
    store.write_sync(
        remember_order, "main", OrderId(f"o{number}"), f"#{number}", placed, "{}", cells, "open", Decimal(1),
        placed, placed,
    )  # fmt: skip


def looked(store: Store, sku: str, rate: Sold, left: int, now: datetime, buffer: int = 0) -> None:
    memory = Memory(0, None)
    done = Published(
        CellKey(Sku(sku), HERE), memory, Memory(1, left), left, left, f'{{"buffer": {buffer}}}', 0, sold=rate,
        erp_on_hand=left, erp_reserved=0, erp_at=now,
    )  # fmt: skip
    store.write_sync(publish, "main", [done], now)


def test_only_what_sells_or_has_oversold_is_listed_the_soonest_empty_first(
    store: Store, now: datetime
) -> None:
    listed(store, now, {("slow", HERE): 90, ("fast", HERE): 9, ("still", HERE): 5, ("gone", HERE): -2})
    for number in range(12):
        ordered(store, number, "fast", now - number * 5 * SECOND)
    ordered(store, 90, "slow", now - 300 * SECOND)
    ordered(store, 91, "still", now - timedelta(hours=2))
    page = store.read_sync(risk_page, now)
    assert [(row.sku, row.state) for row in page.rows] == [
        ("gone", "over"),
        ("fast", "soon"),
        ("slow", "selling"),
    ]
    assert store.read_sync(risk_page, now, "main") == page
    assert store.read_sync(risk_page, now, "another shop").rows == ()
    fast = page.rows[1]
    assert (fast.location_name, fast.available, fast.open_orders) == ("Berlin", 9, 12)
    assert fast.web_per_hour == pytest.approx(12 * 60 * 0.64, rel=0.05)
    assert fast.minutes_to_zero == pytest.approx(9 / fast.web_per_hour * 60, abs=0.05)
    assert sum(fast.trend) == 12 and fast.trend[-1] == 12
    assert (page.at_risk, page.over) == (1, 1)


def test_sales_on_both_sides_put_a_cell_at_risk_and_a_buffer_takes_it_out(
    store: Store, now: datetime
) -> None:
    listed(store, now, {("mug", HERE): 3, ("mug", THERE): 40})
    store.write_sync(keep_lag, "main", 4 * SECOND, now)
    for number in range(30):
        ordered(store, number, "mug", now - number * 2 * SECOND)
    looked(store, "mug", Sold(0.2, 50, now, 0.1), 3, now)
    one = store.read_sync(risk_page, now).rows[0]
    assert (one.state, one.lag_seconds, one.outside_per_hour) == ("risk", 4.0, 720.0)
    assert one.oversell > 0.02 and one.act in ("buffer", "stop")
    looked(store, "mug", Sold(0.2, 50, now, 0.1), 3, now, buffer=12)
    held = store.read_sync(risk_page, now).rows[0]
    assert held.held_back == 12 and held.oversell < 0.02
    assert (held.act, held.source) == ("transfer", "Lyon")


def test_the_risk_grows_while_a_write_waits_and_while_nobody_is_at_work(store: Store, now: datetime) -> None:
    listed(store, now, {("mug", HERE): 20})
    store.write_sync(keep_lag, "main", 2 * SECOND, now)
    for number in range(60):
        ordered(store, number, "mug", now - number * SECOND)
    looked(store, "mug", Sold(0.5, 50, now, 0.5), 20, now)
    calm = store.read_sync(risk_page, now).rows[0]
    store.write_sync(mark_dirty, "main", [CellKey(Sku("mug"), HERE)], reason="delta", lane=0, now=now)
    waits = store.read_sync(risk_page, now + 20 * SECOND).rows[0]
    assert (calm.lag_seconds, waits.lag_seconds) == (2.0, 20.0)
    assert waits.oversell > calm.oversell
    assert store.read_sync(risk_page, now + 60 * SECOND).rows[0].lag_seconds == 62.0

"""A movement that becomes known renews the date of what is still unexplained at its cell."""

from datetime import datetime, timedelta

import pytest

from engine.model.ids import ItemId, LocationId, OrderId, Sku
from engine.model.stock import CellKey, OrderCell, ShopLevel
from engine.store.rows import CellState
from engine.store.session import Store
from engine.store.tables import stock
from engine.store.verbs.orders import remember_order
from engine.store.verbs.sights import sights_anew
from engine.store.verbs.stock import cell_states, see_level

HERE, ELSEWHERE = CellKey(Sku("MUG"), LocationId("L1")), CellKey(Sku("MUG"), LocationId("L2"))
LATER = timedelta(seconds=20)


@pytest.fixture(autouse=True)
def open_falls(store: Store, now: datetime) -> None:
    """Both cells have a fall of one that nothing explains."""
    levels = [ShopLevel(key.sku, ItemId("i"), key.location, True, True, 5, 5, 0) for key in (HERE, ELSEWHERE)]
    store.write_sync(see_level, "main", levels, now)
    store.write_sync(lambda tx: tx.execute(stock.update().values(base=6, seen_low=-1, seen_at=now)))


def cell(store: Store, key: CellKey) -> CellState:
    [one] = store.read_sync(cell_states, "main", [key])
    return one


def remember(
    store: Store, at: datetime, *, order: str = "O1", fulfilled: int = 0, committed: int = 0
) -> bool:
    moved_at = at if fulfilled else None
    units = OrderCell(OrderId(order), *HERE, committed, fulfilled, moved_at, 0)
    return store.write_sync(remember_order, "main", OrderId(order), "#1", at, "{}", [units], "open", None, at)


def test_one_sale_told_while_another_happens_does_not_lend_it_its_date(store: Store, now: datetime) -> None:
    before = cell(store, HERE)
    assert remember(store, now + LATER, fulfilled=1)
    after = cell(store, HERE)
    assert (after.seen_low, after.seen_at) == (-1, now + LATER)
    assert after.ver == before.ver + 1, "a look under way must start over"
    assert cell(store, ELSEWHERE).seen_at == now


def test_an_order_that_moved_nothing_or_was_known_changes_no_date(store: Store, now: datetime) -> None:
    assert remember(store, now + LATER, committed=2)
    assert cell(store, HERE).seen_at == now
    assert remember(store, now + LATER, order="O2", fulfilled=1)
    assert remember(store, now + 2 * LATER, order="O2", fulfilled=1)
    assert cell(store, HERE).seen_at == now + LATER


def test_before_the_first_agreement_a_level_is_seen_anew_once_a_movement_is_told(
    store: Store, now: datetime
) -> None:
    """Less one sale untold then and another untold now it is the same figure, and was not the same level."""
    store.write_sync(lambda tx: tx.execute(stock.update().values(base=None, seen_low=0, seen_at=now)))
    before = cell(store, HERE)
    assert remember(store, now + LATER, fulfilled=1)
    after = cell(store, HERE)
    assert (after.seen_low, after.seen_at, after.ver) == (None, None, before.ver + 1)
    assert (cell(store, ELSEWHERE).seen_low, cell(store, ELSEWHERE).seen_at) == (0, now)


def test_once_a_clock_was_set_all_that_is_unexplained_is_seen_anew(store: Store, now: datetime) -> None:
    store.write_sync(lambda tx: tx.execute(stock.update().where(stock.c.location == "L2").values(base=None)))
    before = cell(store, HERE)
    store.write_sync(sights_anew, "other", now + LATER)
    assert cell(store, HERE) == before
    store.write_sync(sights_anew, "main", now + LATER)
    assert (cell(store, HERE).seen_low, cell(store, HERE).seen_at, cell(store, HERE).ver) == (
        -1,
        now + LATER,
        before.ver + 1,
    )
    assert (cell(store, ELSEWHERE).seen_low, cell(store, ELSEWHERE).seen_at) == (None, None)

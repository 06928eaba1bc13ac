"""What operators hold back: one per cell, in force until its time is over or somebody ends it."""

from dataclasses import replace
from datetime import datetime, timedelta

from engine.model.hold import EVERY, Hold
from engine.model.ids import ItemId, LocationId, Sku
from engine.model.stock import CellKey, ShopLevel
from engine.ports import Place
from engine.stock.buffers import BufferRule, asked_for, rule_at
from engine.store.queries.named_cell import cells_named
from engine.store.session import Store
from engine.store.verbs.hold import hold_back, holds, let_go, let_go_in_time
from engine.store.verbs.places import save_places
from engine.store.verbs.stock import cell_states, see_level

HOUR = timedelta(hours=1)
CELL = CellKey(Sku("mug"), LocationId("L1"))


def listed(store: Store, now: datetime) -> None:
    level = ShopLevel(CELL.sku, ItemId("i"), CELL.location, True, True, 9, 9, 0)
    store.write_sync(see_level, "main", [level], now)
    store.write_sync(save_places, "main", "shop", [Place("L1", "Berlin", True)], now)


def marked(store: Store) -> tuple[int | None, int]:
    [cell] = store.read_sync(cell_states, "main", [CELL])
    return cell.dirty_lane, cell.dirty_seq


def test_the_last_word_counts_and_its_cell_is_looked_at_first(store: Store, now: datetime) -> None:
    listed(store, now)
    first = Hold("main", "mug", "L1", 2, False, "ana", now, now + HOUR)
    assert store.write_sync(hold_back, first, now)
    assert marked(store) == (0, 1)
    second = Hold("main", "mug", "L1", 0, True, "bo", now)
    assert store.write_sync(hold_back, second, now)
    assert store.read_sync(holds) == store.read_sync(holds, "main") == [second]
    assert store.read_sync(holds, "other") == []
    assert not store.write_sync(hold_back, Hold("main", "cup", "L1", 2, False, "ana", now), now)


def test_it_ends_in_its_time_or_by_a_word_and_the_cell_is_looked_at_again(
    store: Store, now: datetime
) -> None:
    listed(store, now)
    store.write_sync(hold_back, Hold("main", "mug", "L1", 2, False, "ana", now, now + HOUR), now)
    assert store.write_sync(let_go_in_time, "main", now + HOUR - timedelta(seconds=1)) == 0
    assert store.write_sync(let_go_in_time, "main", now + HOUR) == 1
    assert store.read_sync(holds) == []
    assert marked(store) == (0, 2)
    assert not store.write_sync(let_go, "main", CELL, "ana", now)
    store.write_sync(hold_back, Hold("main", "mug", "L1", 2, False, "ana", now), now)
    assert store.write_sync(let_go_in_time, "main", now + 99 * HOUR) == 0
    assert store.write_sync(let_go, "main", CELL, "ana", now)
    assert store.read_sync(holds) == []


def test_the_stop_of_a_location_marks_its_cells_and_counts_before_what_is_held_in_them(
    store: Store, now: datetime
) -> None:
    listed(store, now)
    stop, three = (
        Hold("main", EVERY, "L1", 0, True, "ana", now),
        Hold("main", "mug", "L1", 3, False, "bo", now),
    )
    assert not store.write_sync(hold_back, replace(stop, location="L2"), now)
    assert store.write_sync(hold_back, stop, now)
    assert marked(store) == (0, 1)
    assert store.write_sync(hold_back, three, now)
    assert store.read_sync(holds) == [stop, three]
    assert store.read_sync(cells_named, "", EVERY, "berlin") == [("main", CellKey(Sku(EVERY), CELL.location))]
    assert store.read_sync(cells_named, "", EVERY, "L2") == []
    assert store.write_sync(let_go, "main", CellKey(Sku(EVERY), CELL.location), "ana", now)
    assert (store.read_sync(holds), marked(store)) == ([three], (0, 3))


def test_a_cell_is_named_by_location_id_or_name(store: Store, now: datetime) -> None:
    listed(store, now)
    for name in ("L1", "berlin"):
        assert store.read_sync(cells_named, "", "mug", name) == [("main", CELL)]
    assert store.read_sync(cells_named, "other", "mug", "L1") == []


def test_wildcards_in_a_sku_mean_themselves_and_an_operator_comes_before_the_configuration(
    now: datetime,
) -> None:
    odd = Hold("main", "M*[1]?", "L1", 4, False, "ana", now)
    rules = (BufferRule(units=1), asked_for(odd))
    names = {sku: rule_at(rules, CellKey(Sku(sku), CELL.location), now) for sku in ("M*[1]?", "Mx1y", "MUG")}
    assert {sku: rule.units for sku, rule in names.items() if rule} == {"M*[1]?": 4, "Mx1y": 1, "MUG": 1}
    stop = asked_for(Hold("main", "MUG", "L1", 0, True, "ana", now))
    assert stop.buffer(0.0, HOUR).of(17) == 17
    assert stop.text == "everything until it is ended, set by ana"

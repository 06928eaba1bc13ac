"""Stock that a person must mend is on the list of failures, once per cause, and leaves it by itself when mended."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from engine.desk import FailedRow
from engine.model.ids import WorkId
from engine.model.stock import CellKey, ShopLevel
from engine.ports import Place
from engine.store.queries.failed import failed_detail, failed_page
from engine.store.rows import FailureNote, Published
from engine.store.session import Store
from engine.store.verbs.aside import try_again
from engine.store.verbs.places import save_places
from engine.store.verbs.publish import agree, cell_failed, leave
from engine.store.verbs.stock import cell_states, dirty, mark_dirty, see_level

HERE, THERE = "gid://shopify/Location/1", "gid://shopify/Location/2"
CELLS = tuple(CellKey(sku, place) for sku in ("CUP", "MUG") for place in (HERE, THERE))
UNTRACKED = FailureNote("Shopify does not track this item.", "Turn tracking on in Shopify.", "untracked")
INACTIVE = FailureNote("The item is not stocked at this location.", "Activate it.", "inactive")
UNKNOWN = FailureNote("The back office does not know SKU MUG.", "Create it there.", "sku_unknown")
UNMAPPED = FailureNote("This location has no warehouse.", "Add it to the configuration.", "location_unmapped")


@pytest.fixture(autouse=True)
def seen(store: Store, now: datetime) -> None:
    levels = [ShopLevel(key.sku, f"item-{key.sku}", key.location, True, True, 5, 5, 0) for key in CELLS]
    store.write_sync(see_level, "main", levels, now)
    store.write_sync(
        save_places, "main", "shop", [Place(HERE, "Lyon", True), Place(THERE, "Porto", True)], now
    )


def fails(store: Store, key: CellKey, note: FailureNote, now: datetime, **more: Any) -> None:
    store.write_sync(cell_failed, "main", key, note, now, **more)


def listed(store: Store, now: datetime, sought: str = "") -> list[FailedRow]:
    return list(store.read_sync(failed_page, filter=sought, limit=10, now=now).rows)


def settle(store: Store, key: CellKey, now: datetime) -> None:
    [cell] = store.read_sync(cell_states, "main", [key])
    agreed = replace(cell.memory, ver=cell.ver + 1, base=5)
    row = Published(key, cell.memory, agreed, 5, 5, "{}", cell.dirty_seq)
    assert store.write_sync(agree, "main", [row], now) == [True]


def test_a_cell_that_fails_for_good_is_listed_with_cause_and_remedy(store: Store, now: datetime) -> None:
    fails(store, CELLS[2], UNTRACKED, now)
    [row] = listed(store, now)
    assert (row.kind, row.ref, row.state, row.tries) == ("cell", "MUG at Lyon", "held", 1)
    assert (row.cause, row.remedy, row.code) == (UNTRACKED.cause, UNTRACKED.remedy, "untracked")
    assert [listed(store, now, text) == [row] for text in ("mug", "LYON", "porto")] == [True, True, False]
    detail = store.read_sync(failed_detail, row.id)
    assert detail is not None
    assert [line.action for line in detail.timeline] == ["cell failed", "held"]


def test_a_failure_that_comes_back_by_itself_is_not(store: Store, now: datetime) -> None:
    fails(store, CELLS[0], FailureNote("No answer.", "Wait."), now, due_at=now + timedelta(seconds=30))
    assert listed(store, now) == []


def test_what_concerns_a_whole_sku_or_location_is_one_record(store: Store, now: datetime) -> None:
    for key in CELLS[2:]:
        fails(store, key, UNKNOWN, now)
    for key in (CELLS[1], CELLS[3]):
        fails(store, key, UNMAPPED, now)
    rows = {row.kind: row.ref for row in listed(store, now)}
    assert rows == {"sku": "MUG", "location": "Porto"}
    assert store.read_sync(failed_page, filter="", limit=10, now=now).groups == 2


def test_trying_again_marks_its_cells_and_a_failing_look_lists_it_again(store: Store, now: datetime) -> None:
    for key in CELLS[2:]:
        fails(store, key, UNKNOWN, now)
    [row] = listed(store, now)
    assert store.write_sync(try_again, row.id, operator="ann", now=now)
    assert listed(store, now) == []
    assert {cell.key for cell in store.read_sync(dirty, "main", 10, now)} == set(CELLS[2:])
    assert not store.write_sync(try_again, row.id, operator="ann", now=now)
    fails(store, CELLS[2], UNKNOWN, now + timedelta(seconds=1))
    [again] = listed(store, now)
    assert (again.id, again.tries, again.first_at) == (row.id, 2, row.first_at)


def test_a_settled_cell_takes_its_record_off_the_list(store: Store, now: datetime) -> None:
    fails(store, CELLS[2], UNKNOWN, now)
    fails(store, CELLS[0], UNTRACKED, now)
    settle(store, CELLS[2], now)
    assert [row.ref for row in listed(store, now)] == ["CUP at Lyon"]
    later = now + timedelta(hours=1)
    fails(store, CELLS[2], UNKNOWN, later)
    assert next(row for row in listed(store, now) if row.kind == "sku").first_at == later


def test_a_cell_that_neither_side_stocks_is_no_failure(store: Store, now: datetime) -> None:
    store.write_sync(mark_dirty, "main", CELLS[:2], reason="moved", lane=0, now=now)
    marked = {cell.key: cell for cell in store.read_sync(dirty, "main", 10, now)}
    fails(store, CELLS[0], INACTIVE, now)
    store.write_sync(mark_dirty, "main", CELLS[1:2], reason="moved again", lane=0, now=now)
    store.write_sync(leave, "main", [marked[key] for key in CELLS[:2]], now)
    assert listed(store, now) == []
    assert [cell.key for cell in store.read_sync(dirty, "main", 10, now)] == [CELLS[1]]


def test_a_record_nobody_knows_is_not_tried_again(store: Store, now: datetime) -> None:
    assert not store.write_sync(try_again, WorkId(4711), operator="ann", now=now)

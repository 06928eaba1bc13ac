"""What the store remembers of stock cells."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from engine.model.stock import CellKey, ShopLevel
from engine.store.rows import CellState, FailureNote, Published
from engine.store.session import Store
from engine.store.verbs.levels import listed, look_later
from engine.store.verbs.publish import agree, cell_failed, decide_fall, decide_rise, publish
from engine.store.verbs.stock import (
    cell_states,
    dirty,
    mark_dirty,
    mark_sku_dirty,
    see_level,
)

A, B, C = (CellKey("MUG", "L1"), CellKey("MUG", "L2"), CellKey("CUP", "L1"))
SOON = timedelta(seconds=30)
LATE = timedelta(hours=1)
Mark = Callable[..., int]


def level(key: CellKey, on_hand: int) -> ShopLevel:
    return ShopLevel(key.sku, f"item-{key.sku}", key.location, True, True, on_hand, on_hand - 1, 1)


@pytest.fixture(autouse=True)
def seen(store: Store, now: datetime) -> None:
    store.write_sync(see_level, "main", [level(key, 5) for key in (A, B, C)], now)


@pytest.fixture
def mark(store: Store, now: datetime) -> Mark:
    def mark_cells(*keys: CellKey, lane: int = 2, at: datetime = now, bump: bool = False) -> int:
        return store.write_sync(mark_dirty, "main", keys, reason="test", lane=lane, now=at, bump=bump)

    return mark_cells


def state(store: Store, key: CellKey = A) -> CellState:
    [one] = store.read_sync(cell_states, "main", [key])
    return one


def waiting(store: Store, now: datetime) -> list[CellKey]:
    return [cell.key for cell in store.read_sync(dirty, "main", 10, now)]


def written(cell: CellState, **other: Any) -> Published:
    remembered = {"base": 3, "pos": 0, "seen_low": None, "seen_at": None}
    agreed = replace(
        cell.memory, ver=cell.ver + 1, **{name: other.pop(name, was) for name, was in remembered.items()}
    )
    given = {
        "key": cell.key,
        "read": cell.memory,
        "agreed": agreed,
        "target": 3,
        "on_hand": 5,
        "terms_json": "{}",
        "dirty_seq": cell.dirty_seq,
    }
    return Published(**(given | other))


def test_a_level_is_told_as_moved_when_it_is_new_or_different(store: Store, now: datetime) -> None:
    again = [level(A, 5), level(B, 4), level(CellKey("NEW", "L1"), 0)]
    assert store.write_sync(see_level, "main", again, now) == [B, CellKey("NEW", "L1")]
    assert state(store, B).on_hand == 4


def test_an_older_look_does_not_replace_a_newer_one(store: Store, now: datetime) -> None:
    store.write_sync(see_level, "main", [level(A, 9)], now - SOON)
    assert state(store).on_hand == 5


def test_decreases_come_first_then_the_longest_waiting(store: Store, mark: Mark, now: datetime) -> None:
    mark(B, at=now + SOON)
    mark(A, at=now)
    mark(C, lane=0, at=now + 2 * SOON)
    assert waiting(store, now + 2 * SOON) == [C, A, B]
    mark(B, lane=0, at=now + 2 * SOON)
    mark(C, lane=4)
    assert waiting(store, now + 2 * SOON) == [B, C, A]


def test_all_cells_of_a_sku_are_marked(store: Store, now: datetime) -> None:
    assert store.write_sync(mark_sku_dirty, "main", ["MUG", "NONE"], reason="", lane=2, now=now) == 2
    assert waiting(store, now) == [A, B]


def test_a_write_moves_the_base_and_clears_the_mark(store: Store, mark: Mark, now: datetime) -> None:
    mark(A)
    before = state(store)
    assert store.write_sync(publish, "main", [written(before, pos=2)], now) == [True]
    after = state(store)
    assert (after.base, after.pos, after.target, after.on_hand) == (3, 2, 3, 3)
    assert after.ver == before.ver + 1
    assert waiting(store, now) == []


def test_a_mark_made_during_the_write_stays(store: Store, mark: Mark, now: datetime) -> None:
    mark(A)
    before = state(store)
    mark(A)
    assert store.write_sync(publish, "main", [written(before)], now) == [True]
    assert waiting(store, now) == [A]


def test_a_bump_during_the_write_keeps_the_write_and_asks_for_another_look(
    store: Store, mark: Mark, now: datetime
) -> None:
    store.write_sync(publish, "main", [written(state(store))], now)
    before = state(store)
    mark(A, bump=True)
    assert store.write_sync(publish, "main", [written(before)], now) == [False]
    after = state(store)
    assert (after.base, after.ver) == (3, before.ver + 2)
    assert waiting(store, now) == [A]


def test_a_decision_during_the_write_is_kept_on_top(store: Store, now: datetime) -> None:
    store.write_sync(publish, "main", [written(state(store), pos=2)], now)
    before = state(store)
    assert store.write_sync(decide_rise, "main", A, 2, real=True, operator="kim", now=now)
    assert store.write_sync(publish, "main", [written(before, base=7, pos=2)], now) == [False]
    assert (state(store).base, state(store).pos) == (7, 0)


def test_agreement_clears_the_mark_and_moves_the_base_only_at_first(
    store: Store, mark: Mark, now: datetime
) -> None:
    mark(A)
    same = written(state(store), base=5, target=5)
    assert store.write_sync(agree, "main", [same], now) == [True]
    first = state(store)
    assert (first.base, first.ver, waiting(store, now)) == (5, 0, [])
    assert store.write_sync(agree, "main", [written(first, base=9)], now) == [True]
    assert state(store).base == 5
    mark(A, bump=True)
    assert store.write_sync(agree, "main", [written(first)], now) == [False]


def test_an_unknown_cell_is_not_published(store: Store, now: datetime) -> None:
    nowhere = written(state(store), key=CellKey("X", "L1"))
    assert store.write_sync(publish, "main", [nowhere, written(state(store))], now) == [False, True]


def test_a_failed_cell_waits_until_its_retry_or_the_next_mark(
    store: Store, mark: Mark, now: datetime
) -> None:
    mark(A, B)
    note = FailureNote("Not stocked there.", "Stock it.", "inactive")
    assert store.write_sync(cell_failed, "main", A, note, now, due_at=now + SOON)
    assert store.write_sync(cell_failed, "main", B, note, now)
    assert waiting(store, now) == []
    assert waiting(store, now + SOON) == [A]
    assert state(store).attempt == 1
    mark(B)
    assert waiting(store, now) == [B]


def fallen(store: Store, units: int, now: datetime) -> Published:
    """What a look at A finds that cannot be settled, with so many units unexplained."""
    return written(
        state(store), base=state(store).base, seen_low=-units or None, seen_at=now if units else None
    )


def test_a_remainder_is_remembered_with_its_beginning(store: Store, now: datetime) -> None:
    store.write_sync(look_later, "main", [fallen(store, 2, now)], now + SOON, now)
    assert (state(store).seen_low, state(store).seen_at) == (-2, now)
    store.write_sync(look_later, "main", [fallen(store, 0, now)], now + SOON, now)
    assert (state(store).seen_low, state(store).seen_at) == (None, None)


def test_a_cell_put_off_is_due_once_a_listing_shows_what_came_before(
    store: Store, mark: Mark, now: datetime
) -> None:
    mark(A, B)
    store.write_sync(look_later, "main", [fallen(store, 2, now)], now + LATE, now)
    assert waiting(store, now + SOON) == [B]
    assert store.write_sync(listed, "main", now, now + SOON) == 0
    assert store.write_sync(listed, "main", now + SOON, now + SOON) == 1
    assert waiting(store, now + SOON) == [A, B]


def test_a_listing_does_not_hurry_a_cell_that_failed(store: Store, mark: Mark, now: datetime) -> None:
    mark(A)
    store.write_sync(look_later, "main", [fallen(store, 2, now)], now, now)
    note = FailureNote("The shop is away.", "Wait.", "away")
    store.write_sync(cell_failed, "main", A, note, now, due_at=now + LATE)
    assert store.write_sync(listed, "main", now + SOON, now + SOON) == 0
    assert waiting(store, now + SOON) == []


def test_a_mark_made_during_a_look_is_not_put_off(store: Store, mark: Mark, now: datetime) -> None:
    mark(A)
    looked = fallen(store, 2, now)
    mark(A, at=now + SOON)
    store.write_sync(look_later, "main", [looked], now + LATE, now + SOON)
    assert state(store).seen_low == -2
    assert waiting(store, now + SOON) == [A]


def test_a_write_whose_cell_stays_open_clears_no_mark(store: Store, mark: Mark, now: datetime) -> None:
    mark(A)
    assert store.write_sync(publish, "main", [written(state(store), open=True)], now) == [True]
    assert waiting(store, now) == [A]


def test_a_look_that_a_decision_overtook_brings_no_remainder_back(store: Store, now: datetime) -> None:
    store.write_sync(publish, "main", [written(state(store), seen_low=-2, seen_at=now)], now)
    late = fallen(store, 2, now)
    assert store.write_sync(decide_fall, "main", A, 2, real=True, operator="kim", now=now)
    store.write_sync(look_later, "main", [late], now + SOON, now)
    assert state(store).seen_low is None


def test_a_person_settles_rises_and_falls(store: Store, now: datetime) -> None:
    def fall(units: int) -> bool:
        return bool(store.write_sync(decide_fall, "main", A, units, real=True, operator="kim", now=now))

    def rise(units: int) -> bool:
        return bool(store.write_sync(decide_rise, "main", A, units, real=False, operator="kim", now=now))

    assert not fall(1)
    store.write_sync(publish, "main", [written(state(store), pos=2, seen_low=-2, seen_at=now)], now)
    assert (rise(3), rise(1)) == (False, True)
    assert (fall(3), fall(2)) == (False, True)
    assert (state(store).base, state(store).pos, state(store).ver, state(store).seen_low) == (1, 1, 3, None)
    assert waiting(store, now) == [A]

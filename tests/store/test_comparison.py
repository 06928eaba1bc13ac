"""A full comparison yields the cells that differ and no others, on both databases."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from engine.model.ids import ItemId, LocationId, Sku, WarehouseId
from engine.model.stock import CellKey, ShelfStock, ShopLevel, StockSnapshot
from engine.store.queries.compared import last_comparison, moved_since, proof
from engine.store.scratch import Scratch
from engine.store.session import Store
from engine.store.tables import stock
from engine.store.verbs.stock import mark_dirty, mark_gone, see_level
from engine.store.verbs.watch import begin_run, end_run

HERE, THERE = LocationId("gid://shopify/Location/1"), LocationId("gid://shopify/Location/2")
WAREHOUSES = {WarehouseId("A"): HERE, WarehouseId("B"): HERE, WarehouseId("C"): THERE}


def level(number: int, at: LocationId = HERE, on_hand: int = 7, **other: bool) -> ShopLevel:
    given = {"active": True, "tracked": True} | other
    return ShopLevel(
        Sku(f"S{number}"), ItemId(f"I{number}"), at, on_hand=on_hand, available=on_hand, committed=0, **given
    )


@pytest.fixture
def levels(store: Store, now: datetime) -> list[ShopLevel]:
    """Ten cells that both sides agreed on: seven in the shop, four and three in two warehouses."""
    known = [level(number) for number in range(10)]
    store.write_sync(see_level, "main", known, now)
    values = {"base": 7, "agreed_at": now, "erp_on_hand": 7, "erp_reserved": 0}
    store.write_sync(lambda tx: tx.execute(stock.update().values(values)).close())
    return known


def snapshot(now: datetime, **other: int) -> StockSnapshot:
    figures = {f"S{number}": 3 for number in range(10)} | other
    shelves = {(Sku(sku), WarehouseId("B")): ShelfStock(units, 0, {}) for sku, units in figures.items()}
    shelves |= {(sku, WarehouseId("A")): ShelfStock(4, 0, {}) for sku, _ in shelves}
    return StockSnapshot(now, shelves)


def compared(
    store: Store, told: Iterable[ShopLevel], shelves: StockSnapshot
) -> tuple[set[ShopLevel], list[CellKey], list[tuple[CellKey, ItemId]]]:
    with Scratch() as scratch:
        scratch.add_levels(told)
        scratch.add_shelves(shelves, WAREHOUSES)
        store.read_sync(scratch.add_known, "main")
        return {one for part in scratch.moved() for one in part}, scratch.gone(), scratch.unstocked()


def test_nothing_differs_where_both_sides_hold_what_they_held(
    store: Store, levels: list[ShopLevel], now: datetime
) -> None:
    assert compared(store, reversed(levels), snapshot(now)) == (set(), [], [])


def test_what_moved_on_either_side_came_or_went_is_found(
    store: Store, levels: list[ShopLevel], now: datetime
) -> None:
    told = levels[:9]
    told[1] = replace(levels[1], on_hand=8)
    told[2] = replace(levels[2], active=False)
    told[3] = replace(levels[3], tracked=False)
    told.append(level(11))
    moved, gone, _ = compared(store, told, snapshot(now, S4=2, S11=3))
    assert moved == {told[1], told[2], told[3], levels[4], told[-1]}
    assert gone == [CellKey(Sku("S9"), HERE)]


def test_a_cell_that_never_agreed_or_failed_is_looked_at_and_one_that_is_due_anyhow_is_not(
    store: Store, levels: list[ShopLevel], now: datetime
) -> None:
    def put(sku: str, **values: object) -> None:
        store.write_sync(
            lambda tx: tx.execute(stock.update().where(stock.c.sku == sku).values(values)).close()
        )

    put("S1", base=None)
    put("S2", failed_at=now)
    store.write_sync(mark_dirty, "main", [CellKey(Sku("S3"), HERE)], reason="told", lane=0, now=now)
    moved, _, _ = compared(store, [*levels[:3], replace(levels[3], on_hand=1), *levels[4:]], snapshot(now))
    assert moved == {levels[1], levels[2]}


def test_goods_of_the_back_office_that_the_shop_does_not_stock_there_are_found(
    store: Store, levels: list[ShopLevel], now: datetime
) -> None:
    shelves = snapshot(now)
    here = dict(shelves.shelves) | {(Sku("S5"), WarehouseId("C")): ShelfStock(2, 0, {})}
    _, _, unstocked = compared(store, levels, StockSnapshot(now, here))
    assert unstocked == [(CellKey(Sku("S5"), THERE), ItemId("I5"))]


def test_a_level_read_after_the_listing_began_does_not_count_as_gone(
    store: Store, levels: list[ShopLevel], now: datetime
) -> None:
    later = now + timedelta(minutes=1)
    store.write_sync(see_level, "main", [levels[0]], later)
    keys = [CellKey(one.sku, one.location) for one in levels[:2]]
    store.write_sync(mark_gone, "main", keys, now + timedelta(seconds=1))
    rows = store.read_sync(lambda tx: tx.execute(stock.select().where(~stock.c.active)).all())
    assert [row.sku for row in rows] == ["S1"]


def test_the_proof_holds_by_a_full_comparison_or_by_each_cells_own_look(
    store: Store, levels: list[ShopLevel], now: datetime
) -> None:
    assert store.read_sync(proof, "compare", 24.0, now).holds
    later = now + timedelta(hours=25)
    missing = store.read_sync(proof, "compare", 24.0, later)
    assert (missing.cells, missing.uncompared, missing.holds) == (10, 10, False)
    run = store.write_sync(begin_run, "main", "compare", later)
    assert not store.read_sync(proof, "compare", 24.0, later).holds, "a run that has not ended proves nothing"
    store.write_sync(end_run, run, "ok", "", later)
    held = store.read_sync(proof, "compare", 24.0, later)
    assert held.holds and held.last_full == later
    assert store.read_sync(last_comparison, "main", ("compare",)) == later


def test_cells_that_moved_since_are_those_with_a_newer_history(
    store: Store, levels: list[ShopLevel], now: datetime
) -> None:
    later = now + timedelta(minutes=1)
    store.write_sync(see_level, "main", [replace(levels[3], on_hand=1), levels[4]], later)
    assert store.read_sync(moved_since, "main", later) == [CellKey(Sku("S3"), HERE)]
    assert len(store.read_sync(moved_since, "main", now)) == 10

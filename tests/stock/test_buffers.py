"""Units held back from sale: which rule holds, how much it keeps, and that it never takes back a promise."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.model.ids import LocationId, Sku
from engine.model.stock import CellKey
from engine.stock.buffers import Buffer, BufferRule, rule_at, turns
from engine.stock.memory import Memory
from engine.stock.order_at_cell import OrderAtCell
from engine.stock.target import Listing, Shelf, Target, decide
from engine.stock.velocity import Sold, outside, sold

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)
HERE, THERE = LocationId("here"), LocationId("there")
SECOND, LAG = timedelta(seconds=1), timedelta(seconds=60)
units = st.integers(min_value=0, max_value=40)


def key(sku: str, at: LocationId = HERE) -> CellKey:
    return CellKey(Sku(sku), at)


def decided(on_hand: int, order: OrderAtCell, buffer: Buffer, closed: int = 0) -> Target:
    return decide(
        Memory(1, on_hand), on_hand, [order], Shelf(on_hand, 0), buffer=buffer, closed=closed, now=NOW,
        listing=Listing(LAG, NOW),
    )  # fmt: skip


@pytest.mark.parametrize(("percent", "whole", "held"), [(10, 30, 3), (10, 31, 4), (7, 100, 7), (100, 5, 5)])
def test_percent_is_of_what_the_cell_would_hold_rounded_up(percent: int, whole: int, held: int) -> None:
    assert Buffer(percent=Decimal(percent)).of(whole) == held


def test_the_last_rule_that_covers_a_cell_counts_alone() -> None:
    rules = (
        BufferRule(units=2),
        BufferRule(units=5, skus=("MUG-*",), locations=(HERE,)),
        BufferRule(units=0, skus=("MUG-RED",)),
    )
    found = {
        name: getattr(rule_at(rules, name, NOW), "units", None)
        for name in (key("CUP"), key("MUG-BLUE"), key("MUG-BLUE", THERE), key("MUG-RED"))
    }
    assert list(found.values()) == [2, 5, 2, 0]


def test_a_sale_has_a_beginning_and_an_end() -> None:
    sale = BufferRule(units=9, begins=NOW, ends=NOW + SECOND)
    assert [rule_at((sale,), key("CUP"), NOW + SECOND * at) is sale for at in (-1, 0, 1)] == [
        False,
        True,
        False,
    ]
    assert turns((sale,), NOW - SECOND, NOW) == (sale,)
    assert turns((sale,), NOW, NOW + SECOND) == (sale,)
    assert turns((sale,), NOW + SECOND, NOW + LAG) == ()


def test_a_promise_is_never_held_back() -> None:
    assert decided(10, OrderAtCell(committed=9), Buffer(3)).quantity == 9
    assert decided(10, OrderAtCell(committed=5), Buffer(3)).quantity == 7


def test_a_warehouse_that_is_switched_off_sells_nothing_more_and_keeps_its_promises() -> None:
    target = decided(10, OrderAtCell(committed=4), Buffer(1), closed=8)
    assert (target.quantity, target.terms.closed, target.terms.buffer) == (4, 6, 0)


@given(on_hand=units, committed=units, held=units, percent=st.integers(min_value=0, max_value=100))
def test_a_buffer_only_lowers_and_leaves_what_is_promised(
    on_hand: int, committed: int, held: int, percent: int
) -> None:
    order = OrderAtCell(committed=committed)
    free = decided(on_hand, order, Buffer())
    kept = decided(on_hand, order, Buffer(held, Decimal(percent)))
    assert min(free.quantity, committed) <= kept.quantity <= free.quantity
    assert kept.terms.total() == free.terms.total() - kept.terms.buffer


def test_a_fast_seller_is_held_back_by_what_it_sells_while_a_change_travels() -> None:
    rule = BufferRule(velocity=True)
    assert rule.buffer(0.0, 4 * SECOND).of(50) == 0
    assert rule.buffer(0.01, 4 * SECOND).of(50) == 0
    assert rule.buffer(1.0, 4 * SECOND).of(50) == 8


def test_only_the_back_offices_own_sales_are_measured() -> None:
    ours = [OrderAtCell(committed=2, reserved=2)]
    shipped = [OrderAtCell(fulfilled=2, shipped=2)]
    assert (
        outside(Shelf(10, 2), ours, 0)
        == outside(Shelf(8, 0), shipped, 0)
        == outside(Shelf(8, 0), [], -2)
        == 10
    )


def test_a_rate_comes_up_with_sales_and_goes_down_with_time() -> None:
    rate, left = Sold(0.0, 600, NOW), 600
    for second in range(1, 301):
        left -= 2
        rate = sold(rate, left, NOW + second * SECOND)
    assert rate.rate == pytest.approx(2.0, rel=0.02)
    assert rate.at_rate(NOW + 360 * SECOND) == pytest.approx(rate.rate / 2.718, rel=0.01)
    assert sold(rate, left + 50, NOW + 301 * SECOND).rate < rate.rate

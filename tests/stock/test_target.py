"""The stock rule on the cases that broke its earlier drafts, by name."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from engine.stock.buffers import NOTHING, Buffer
from engine.stock.memory import Memory
from engine.stock.order_at_cell import OrderAtCell
from engine.stock.target import Listing, Shelf, Target, decide

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
LAG = timedelta(seconds=60)
units = st.integers(min_value=0, max_value=50)


def look(
    memory: Memory,
    on_hand: int,
    orders: list[OrderAtCell],
    shelf: Shelf,
    *,
    buffer: Buffer = NOTHING,
    later: int = 0,
) -> Target:
    now = NOW + timedelta(seconds=later)
    return decide(memory, on_hand, orders, shelf, buffer=buffer, now=now, listing=Listing(LAG, now))


def test_an_order_that_both_sides_hold_is_subtracted_once() -> None:
    held = OrderAtCell(committed=2, reserved=2)
    assert look(Memory(1, 10), 10, [held], Shelf(10, 2)).quantity == 10


def test_an_order_the_erp_has_not_heard_of_changes_nothing() -> None:
    assert look(Memory(1, 10), 10, [OrderAtCell(committed=2)], Shelf(10, 0)).quantity == 10


def test_a_sale_in_the_erp_lowers_the_level() -> None:
    assert look(Memory(1, 10), 10, [], Shelf(10, 3)).quantity == 7


def test_a_till_sale_not_yet_booked_is_not_listed_again() -> None:
    gone = OrderAtCell(fulfilled=1)
    target = look(Memory(1, 10), 9, [gone], Shelf(10, 0))
    assert (target.quantity, target.terms.shipped_here_only) == (9, 1)


def test_a_fulfilled_order_still_reserved_is_not_subtracted_twice() -> None:
    gone = OrderAtCell(fulfilled=2, reserved=2)
    assert look(Memory(1, 10), 8, [gone], Shelf(10, 2)).quantity == 8


def test_an_unexplained_fall_counts_as_a_sale_until_its_order_is_seen() -> None:
    fall = look(Memory(1, 10), 9, [], Shelf(10, 0))
    assert (fall.quantity, fall.memory.seen_low, fall.memory.seen_at) == (9, -1, NOW)
    seen = look(fall.memory, 9, [OrderAtCell(fulfilled=1)], Shelf(10, 0))
    assert (seen.quantity, seen.terms.remainder, seen.memory.seen_low) == (9, 0, None)


def test_an_unexplained_rise_is_written_away_and_kept_for_a_person() -> None:
    rise = look(Memory(1, 10), 11, [], Shelf(10, 0))
    assert (rise.quantity, rise.agreed().pos, rise.agreed().base) == (10, 1, 10)


def test_a_restock_listed_late_explains_the_rise_after_the_listing_lag() -> None:
    written = look(Memory(1, 10), 11, [], Shelf(10, 0)).agreed()
    listed = [OrderAtCell(restocked=1, returned=1, fulfilled=0)]
    early = look(written, 10, listed, Shelf(11, 0))
    assert early.terms.remainder == -1
    late = look(early.memory, 10, listed, Shelf(11, 0), later=61)
    assert (late.terms.remainder, late.quantity, late.agreed().pos) == (0, 11, 0)


def test_a_sale_whose_listing_we_have_not_read_is_never_set_off_against_an_old_rise() -> None:
    fallen = Memory(3, 10, pos=1, seen_low=-1, seen_at=NOW)
    for listed_at in (None, NOW, NOW + LAG):
        late = NOW + timedelta(hours=1)
        target = decide(fallen, 9, [], Shelf(10, 0), now=late, listing=Listing(LAG, listed_at))
        assert (target.quantity, target.pos_left) == (9, 1)


def test_goods_shipped_in_the_erp_first_hold_the_level_up_but_never_raise_it() -> None:
    shipped = OrderAtCell(committed=2, shipped=2)
    assert look(Memory(1, 10), 10, [shipped], Shelf(8, 0)).quantity == 10
    assert look(Memory(1, 3), 3, [shipped], Shelf(2, 0)).quantity == 3


def test_a_cancelled_order_the_erp_shipped_does_not_raise_the_level() -> None:
    assert look(Memory(1, 3), 3, [OrderAtCell(shipped=2)], Shelf(2, 0)).quantity == 2


def test_sold_and_returned_before_it_was_booked_leaves_the_cell_as_it_was() -> None:
    assert look(Memory(1, 10), 10, [OrderAtCell(fulfilled=1, restocked=1)], Shelf(10, 0)).quantity == 10


def test_a_part_shipped_order_is_subtracted_for_the_rest_only() -> None:
    part = OrderAtCell(committed=1, fulfilled=2, reserved=2, shipped=1)
    assert look(Memory(1, 10), 8, [part], Shelf(9, 2)).quantity == 8


def test_goods_the_erp_shipped_elsewhere_before_are_paperwork_here() -> None:
    paper = OrderAtCell(fulfilled=2, shipped_elsewhere=2)
    assert look(Memory(1, 10), 8, [paper], Shelf(8, 0)).terms.shipped_here_only == 0


def test_a_plain_read_leaves_the_agreed_figure_alone() -> None:
    before = Memory(4, 10, seen_low=None)
    assert look(before, 10, [], Shelf(10, 0)).memory == before


def test_the_first_look_lowers_at_once_but_agrees_later() -> None:
    first = look(Memory(0, None), 7, [OrderAtCell(fulfilled=3)], Shelf(5, 0))
    assert (first.quantity, first.waiting, first.agreed().base) == (2, True, None)
    still = look(first.agreed(), 2, [OrderAtCell(fulfilled=3)], Shelf(5, 0), later=61)
    assert (still.quantity, still.waiting, still.agreed().base) == (2, False, 5)


def test_a_restock_listed_after_the_first_look_leaves_no_phantom() -> None:
    first = look(Memory(0, None), 61, [OrderAtCell(fulfilled=1)], Shelf(61, 0))
    listed = [OrderAtCell(fulfilled=1, restocked=1, shipped=1, returned=1)]
    second = look(first.agreed(), first.quantity, listed, Shelf(61, 0), later=30)
    third = look(second.memory, second.on_hand, listed, Shelf(61, 0), later=99)
    assert (third.quantity, third.terms.remainder, third.waiting) == (61, 0, False)


def test_the_first_look_raises_only_when_no_sale_can_hide_in_the_difference() -> None:
    first = look(Memory(0, None), 34, [], Shelf(35, 0))
    assert (first.quantity, first.waiting, first.memory.base) == (34, True, None)
    sold = look(first.memory, 34, [OrderAtCell(fulfilled=1)], Shelf(35, 0), later=61)
    assert (sold.quantity, sold.waiting) == (34, True)
    nobody = look(first.memory, 34, [], Shelf(35, 0), later=61)
    assert (nobody.quantity, nobody.waiting, nobody.agreed().base) == (35, False, 35)
    moved = look(first.memory, 33, [], Shelf(35, 0), later=61)
    assert moved.waiting


def test_negative_stock_in_the_back_office_sells_nothing_and_takes_no_promise_back() -> None:
    assert look(Memory(1, 4), 4, [], Shelf(-3, 0)).quantity == 0
    below = look(Memory(1, 4), 4, [OrderAtCell(committed=1)], Shelf(-3, 0), buffer=Buffer(2))
    assert (below.quantity, below.terms.buffer, below.terms.total()) == (0, 0, -3)
    assert look(below.agreed(), 0, [], Shelf(5, 0)).quantity == 5, "and comes back with the goods"


def test_a_buffer_is_held_back() -> None:
    assert look(Memory(1, 10), 10, [], Shelf(10, 0), buffer=Buffer(2)).quantity == 8


@given(
    base=units,
    on_hand=units,
    oh=units,
    res=units,
    committed=units,
    fulfilled=units,
    shipped=units,
    reserved=units,
)
def test_after_a_write_the_next_look_finds_nothing_to_do(
    base: int, on_hand: int, oh: int, res: int, committed: int, fulfilled: int, shipped: int, reserved: int
) -> None:
    orders = [
        OrderAtCell(committed=committed, fulfilled=fulfilled, shipped=shipped, reserved=min(reserved, res))
    ]
    first = look(Memory(1, base), on_hand, orders, Shelf(oh, res))
    again = look(first.agreed(), first.quantity, orders, Shelf(oh, res))
    assert again.quantity <= first.quantity
    if not first.terms.held_up:
        assert again.equal


@given(on_hand=units, oh=units, committed=units, shipped=units)
def test_units_shipped_first_never_raise_a_level(on_hand: int, oh: int, committed: int, shipped: int) -> None:
    order = OrderAtCell(committed=committed, shipped=shipped)
    with_g = look(Memory(1, on_hand), on_hand, [order], Shelf(oh, 0))
    without = look(Memory(1, on_hand), on_hand, [OrderAtCell(committed=committed)], Shelf(oh, 0))
    assert with_g.quantity <= max(on_hand, without.quantity)

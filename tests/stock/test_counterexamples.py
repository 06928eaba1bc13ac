"""The twelve histories that broke earlier drafts of the stock rule, by name, played on the rule as it is.

H is on hand in Shopify, E on hand in the back office. Each says what must never be written.
"""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from engine.model.ids import DocumentId, LocationId, OrderId, Sku, WarehouseId
from engine.model.sale import Document, DocumentLine, DocumentStatus
from engine.model.stock import OrderCell, ShelfStock
from engine.stock.memory import Memory, fall_decided, rise_decided, written
from engine.stock.order_at_cell import OrderAtCell, order_at_cell
from engine.stock.target import Listing, Shelf, Target, decide

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
LAG = timedelta(seconds=60)
A, B = LocationId("A"), LocationId("B")
WA, WB = WarehouseId("WA"), WarehouseId("WB")
CUP, ONE = Sku("CUP"), OrderId("o1")


def look(memory: Memory, on_hand: int, shelf: Shelf, *orders: OrderAtCell, late: int = 0) -> Target:
    now = NOW + timedelta(seconds=late)
    return decide(memory, on_hand, orders, shelf, now=now, listing=Listing(LAG, now))


def cell(at: LocationId, *, committed: int = 0, fulfilled: int = 0, restocked: int = 0) -> OrderCell:
    return OrderCell(ONE, CUP, at, committed, fulfilled, NOW if fulfilled else None, restocked)


def document(*lines: DocumentLine, status: DocumentStatus = DocumentStatus.OPEN) -> Document:
    return Document(DocumentId("d1"), ONE, status, Decimal(0), lines)


def at(
    here: OrderCell, others: list[OrderCell], paper: Document, shelf: ShelfStock, warehouse: WarehouseId
) -> OrderAtCell:
    return order_at_cell(here, [here, *others], paper, [shelf], [warehouse], {WA: A, WB: B})


def test_1_goods_shipped_first_raise_nothing_after_a_cancellation() -> None:
    """H3 with o1 of 2 open; the buyer cancels, the back office ships all the same: E2."""
    target = look(Memory(1, 3), 3, Shelf(2, 0), OrderAtCell(committed=2, shipped=2))
    assert target.quantity <= 3 and not target.raises


def test_2_goods_shipped_first_raise_nothing_by_an_old_listing() -> None:
    """o0 was shipped, fulfilled and restocked; the listing still says it is open: H3 stays, the shelf has 3."""
    target = look(Memory(1, 3), 3, Shelf(3, 0), OrderAtCell(committed=1, shipped=1))
    assert target.quantity == 3


def test_3_a_return_booked_during_a_look_voids_it() -> None:
    """The level moved up and down again, so only the version tells: the write is kept on top of what moved it."""
    read = Memory(7, 2)
    bumped = Memory(8, 2)
    target = look(read, 2, Shelf(5, 0))
    assert bumped.ver != read.ver, "the flow compares versions before it writes"
    assert written(bumped, read, target.agreed()).ver == 9, "and looks again after a write that raced"


def test_4_our_own_move_between_two_readings_exempts_nothing_here() -> None:
    """The reply to our own call is knowledge: the order is committed at B, so what the back office holds here counts."""
    shelf = ShelfStock(5, 2, {ONE: 2})
    paper = document(DocumentLine(CUP, WA, 2, 0, None))
    moved = at(cell(A), [cell(B, committed=2)], paper, shelf, WA)
    assert look(Memory(1, 3), 3, Shelf(5, 2), moved).quantity == 3


def test_5_a_real_rise_is_noted_before_the_back_office_books_it() -> None:
    """A fall and a rise of one unit net to nothing; noted first, the booking finds the level one too low, never one too high."""
    memory = look(Memory(1, 5), 6, Shelf(5, 0)).agreed()
    noted = rise_decided(memory, 1)
    assert noted is not None
    fallen = look(noted, 4, Shelf(5, 0))
    assert fallen.quantity == 4
    assert look(fallen.memory, 4, Shelf(6, 0)).quantity == 5


def test_6_a_decision_between_snapshot_and_deciding_voids_the_look() -> None:
    """The cell is read before everything remote, and its version is other after the decision."""
    read = look(Memory(3, 4), 3, Shelf(4, 0)).memory
    decided = fall_decided(read, 1)
    assert decided is not None and decided.ver != read.ver


def test_7_a_sale_at_b_restocked_at_a_comes_right_at_both_once_it_is_booked() -> None:
    shelf_a, shelf_b = ShelfStock(6, 0, {}), ShelfStock(4, 0, {})
    paper = document(
        DocumentLine(CUP, WB, 1, 1, NOW), DocumentLine(CUP, WA, 0, 0, None, 1), status=DocumentStatus.SHIPPED
    )
    here, there = cell(A, restocked=1), cell(B, fulfilled=1)
    at_a, at_b = at(here, [there], paper, shelf_a, WA), at(there, [here], paper, shelf_b, WB)
    assert look(Memory(1, 5), 6, Shelf(6, 0), at_a).quantity == 6
    assert look(Memory(1, 5), 4, Shelf(4, 0), at_b).quantity == 4


def test_8_sold_and_refunded_before_it_was_booked_leaves_nothing_behind() -> None:
    target = look(Memory(1, 5), 5, Shelf(5, 0), OrderAtCell(fulfilled=1, restocked=1))
    assert (target.quantity, target.terms.shipped_here_only, target.terms.remainder) == (5, 0, 0)


def test_9_a_rise_that_is_listed_late_leaves_no_phantom() -> None:
    away = look(Memory(1, 5), 6, Shelf(5, 0)).agreed()
    assert (away.pos, away.base) == (1, 5)
    listed = OrderAtCell(restocked=1, returned=1)
    early = look(away, 5, Shelf(6, 0), listed)
    late = look(early.memory, 5, Shelf(6, 0), listed, late=61)
    assert (late.terms.remainder, late.pos_left, late.quantity) == (0, 0, 6)


def test_10_a_plain_read_moves_no_base() -> None:
    """A till sale is listed and the level does not show it yet: what looks like a rise is not agreed on by looking."""
    before = Memory(1, 5)
    assert look(before, 5, Shelf(5, 0), OrderAtCell(fulfilled=1)).memory.base == 5


def test_11_fulfilled_at_a_while_the_back_office_plans_b_lists_nothing_again() -> None:
    """Shopify first: until the back office ships from A, the unit is missing at A; shipped from B it stays missing."""
    shelf = ShelfStock(5, 0, {})
    planned = document(DocumentLine(CUP, WB, 1, 0, None))
    afterwards = document(DocumentLine(CUP, WB, 1, 1, NOW + LAG), status=DocumentStatus.SHIPPED)
    for paper in (planned, afterwards):
        held = at(cell(A, fulfilled=1), [], paper, shelf, WA)
        assert look(Memory(1, 5), 4, Shelf(5, 0), held).quantity == 4


def test_12_a_fulfilled_order_that_is_still_reserved_is_taken_off_once() -> None:
    assert look(Memory(1, 5), 4, Shelf(5, 1), OrderAtCell(fulfilled=1, reserved=1)).quantity == 4

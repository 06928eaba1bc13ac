"""One order whose units left from one place in one book and from another in the other."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from engine.model.ids import DocumentId, LocationId, OrderId, Sku, WarehouseId
from engine.model.sale import Document, DocumentLine, DocumentStatus
from engine.model.stock import OrderCell, ShelfStock
from engine.stock.order_at_cell import OrderAtCell, order_at_cell

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
HERE, THERE = LocationId("here"), LocationId("there")
MINE, THEIRS = WarehouseId("mine"), WarehouseId("theirs")
CUP, ONE = Sku("CUP"), OrderId("o1")
SHELF = ShelfStock(9, 1, {ONE: 1})


def cells(here: OrderCell, there: OrderCell, shipped_at: datetime) -> tuple[OrderAtCell, OrderAtCell]:
    """The order here and there; the back office shipped two of three units from there."""
    lines = (DocumentLine(CUP, MINE, 1, 0, None), DocumentLine(CUP, THEIRS, 3, 2, shipped_at))
    paper = Document(DocumentId("d1"), ONE, DocumentStatus.OPEN, Decimal(0), lines)
    of = {MINE: HERE, THEIRS: THERE}
    return (
        order_at_cell(here, [here, there], paper, [SHELF], [MINE], of),
        order_at_cell(there, [here, there], paper, [SHELF], [THEIRS], of),
    )


def test_a_fulfilment_in_the_second_of_the_shipment_is_paperwork_for_it() -> None:
    """Shopify dates to the second (simulated seed 479): 12:00:00 it says of what came after 12:00:00.8."""
    here, there = cells(
        OrderCell(ONE, CUP, HERE, 1, 1, NOON, 0),
        OrderCell(ONE, CUP, THERE, 1, 1, NOON, 0),
        NOON + timedelta(seconds=0.8),
    )
    assert (here.shipped_here_only, there.held_up) == (0, 0)


def test_what_left_here_before_the_shipment_there_is_missing_here_all_the_same() -> None:
    here, _ = cells(
        OrderCell(ONE, CUP, HERE, 1, 1, NOON, 0),
        OrderCell(ONE, CUP, THERE, 1, 1, NOON, 0),
        NOON + timedelta(seconds=1),
    )
    assert here.shipped_here_only == 1


def test_no_unit_committed_here_stands_for_one_that_shopify_fulfilled_elsewhere() -> None:
    _, there = cells(
        OrderCell(ONE, CUP, HERE, 0, 2, NOON, 0), OrderCell(ONE, CUP, THERE, 2, 0, None, 0), NOON
    )
    assert there.held_up == 0
    _, there = cells(
        OrderCell(ONE, CUP, HERE, 1, 1, NOON, 0), OrderCell(ONE, CUP, THERE, 2, 0, None, 0), NOON
    )
    assert there.held_up == 1, "two are gone and Shopify knows of one"

"""What the two books of an order owe each other, one step after the other."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from engine.model.failure import Refused
from engine.model.ids import DocumentId, LocationId, OrderId, Sku, WarehouseId
from engine.model.order import Fulfilment, FulfilmentOrder, Order, Refund, RefundLine
from engine.model.sale import Document, DocumentLine, DocumentStatus
from engine.orders.movements import movements
from engine.orders.step import Book, Cancel, Fulfil, Move, Reroute, Ship, Step, TakeBack
from engine.orders.steps import next_step

AT = datetime(2026, 11, 23, 12, tzinfo=UTC)
HERE, THERE = LocationId("gid://shopify/Location/1"), LocationId("gid://shopify/Location/2")
WH1, WH2 = WarehouseId("WH1"), WarehouseId("WH2")
WAREHOUSE_OF = {HERE: WH1, THERE: WH2}
LOCATION_OF = {WH1: HERE, WH2: THERE}
MUG, LAMP = Sku("MUG"), Sku("LAMP")


def document(
    status: DocumentStatus = DocumentStatus.OPEN, *, mugs: int = 0, at: WarehouseId = WH1
) -> Document:
    gone = AT if mugs else None
    lines = (DocumentLine(MUG, at, 3, mugs, gone), DocumentLine(LAMP, at, 1, 1 if mugs else 0, gone))
    return Document(DocumentId("7"), OrderId("gid://shopify/Order/1"), status, Decimal("60.20"), lines)


def owed(order: Order, held: Document | None) -> Step | None:
    return next_step(order, held, WAREHOUSE_OF, LOCATION_OF)


def fulfilled(order: Order, at: LocationId = HERE) -> Order:
    gone = Fulfilment("g1", "SUCCESS", at, AT, (("l1", 3), ("l2", 1)))
    return replace(order, fulfilments=(gone,), fulfilment_orders=())


def test_a_new_order_is_booked_and_then_nothing_is_owed(order: Order) -> None:
    assert owed(order, None) == Book()
    assert owed(order, document()) is None


def test_an_order_cancelled_before_it_was_booked_is_never_booked(order: Order) -> None:
    assert owed(replace(order, cancelled_at=AT, fulfilment_orders=()), None) is None


def test_a_cancelled_order_is_cancelled_in_the_back_office(order: Order) -> None:
    assert owed(replace(order, cancelled_at=AT, fulfilment_orders=()), document()) == Cancel()


def test_goods_that_left_in_shopify_are_booked_as_shipped(order: Order) -> None:
    assert owed(fulfilled(order), document()) == Ship({(MUG, WH1): 3, (LAMP, WH1): 1})


def test_goods_that_left_from_elsewhere_are_rerouted_before_they_are_shipped(order: Order) -> None:
    assert owed(fulfilled(order, THERE), document()) == Reroute({MUG: WH2, LAMP: WH2})
    moved = document(at=WH2)
    assert owed(fulfilled(order, THERE), moved) == Ship({(MUG, WH2): 3, (LAMP, WH2): 1})


def test_what_left_from_another_warehouse_of_the_location_is_not_looked_for_at_its_first(
    order: Order,
) -> None:
    wh3 = WarehouseId("WH3")
    lines = (
        DocumentLine(MUG, wh3, 2, 2, AT), DocumentLine(LAMP, wh3, 1, 1, AT, returned=1), DocumentLine(MUG, WH2, 1, 0, None),
    )  # fmt: skip
    held = replace(document(), lines=lines)
    parts = (
        Fulfilment("g1", "SUCCESS", HERE, AT, (("l1", 2), ("l2", 1))),
        Fulfilment("g2", "SUCCESS", THERE, AT, (("l1", 1),)),
    )
    back = Refund("r1", AT, (RefundLine("l2", 1, "RETURN", HERE),))
    left = replace(order, fulfilments=parts, fulfilment_orders=(), refunds=(back,))
    places = {**LOCATION_OF, wh3: HERE}
    assert next_step(left, held, WAREHOUSE_OF, places) == Ship({(MUG, WH2): 1})
    shipped = replace(
        held, lines=(*lines[:2], DocumentLine(MUG, WH2, 1, 1, AT)), status=DocumentStatus.SHIPPED
    )
    assert next_step(left, shipped, WAREHOUSE_OF, places) is None, "the return was booked at WH3 as well"


def test_a_document_cancelled_by_mistake_is_shipped_all_the_same(order: Order) -> None:
    assert isinstance(owed(fulfilled(order), document(DocumentStatus.CANCELLED)), Ship)


def test_what_the_back_office_shipped_is_fulfilled_in_shopify(order: Order) -> None:
    assert owed(order, document(DocumentStatus.SHIPPED, mugs=3)) == Fulfil("f1", {"l1": 3, "l2": 1})


def test_what_it_shipped_in_part_is_fulfilled_in_part(order: Order) -> None:
    assert owed(order, document(mugs=2)) == Fulfil("f1", {"l1": 2, "l2": 1})


def test_a_fulfilment_order_moves_before_it_is_fulfilled_from_elsewhere(order: Order) -> None:
    step = owed(order, document(DocumentStatus.SHIPPED, mugs=3, at=WH2))
    assert isinstance(step, Move)
    assert (step.fulfilment_order, step.location) == ("f1", THERE)
    there = replace(order, fulfilment_orders=(FulfilmentOrder("f9", "OPEN", THERE, (("l1", 3), ("l2", 1))),))
    assert owed(there, document(DocumentStatus.SHIPPED, mugs=3, at=WH2)) == Fulfil("f9", {"l1": 3, "l2": 1})


def planned(*lines: DocumentLine) -> Document:
    return replace(document(), lines=lines)


def test_a_fulfilment_order_is_split_where_the_back_office_ships_from_two_places(order: Order) -> None:
    apart = planned(DocumentLine(MUG, WH1, 3, 0, None), DocumentLine(LAMP, WH2, 1, 0, None))
    step = owed(order, apart)
    assert isinstance(step, Move)
    assert (step.fulfilment_order, step.location, step.lines) == ("f1", THERE, {"l2": 1})
    assert {cell.sku for cell in step.cells} == {LAMP}
    split = (
        FulfilmentOrder("f1", "OPEN", HERE, (("l1", 3),)),
        FulfilmentOrder("f2", "OPEN", THERE, (("l2", 1),)),
    )
    assert owed(replace(order, fulfilment_orders=split), apart) is None


def test_a_line_is_split_by_units(order: Order) -> None:
    apart = planned(
        DocumentLine(MUG, WH1, 1, 0, None),
        DocumentLine(MUG, WH2, 2, 0, None),
        DocumentLine(LAMP, WH1, 1, 0, None),
    )
    step = owed(order, apart)
    assert isinstance(step, Move)
    assert (step.location, step.lines) == (THERE, {"l1": 2})


def test_units_refunded_before_they_left_are_not_looked_for_elsewhere(order: Order) -> None:
    """Shopify holds one mug of three; the back office still plans three at two places."""
    fewer = (FulfilmentOrder("f1", "OPEN", HERE, (("l1", 1), ("l2", 1))),)
    apart = planned(
        DocumentLine(MUG, WH1, 1, 0, None),
        DocumentLine(MUG, WH2, 2, 0, None),
        DocumentLine(LAMP, WH1, 1, 0, None),
    )
    assert owed(replace(order, fulfilment_orders=fewer), apart) is None


def test_only_what_was_shipped_elsewhere_moves_there_before_it_is_fulfilled(order: Order) -> None:
    partly = planned(
        DocumentLine(MUG, WH1, 2, 0, None),
        DocumentLine(MUG, WH2, 1, 1, AT),
        DocumentLine(LAMP, WH1, 1, 0, None),
    )
    step = owed(order, partly)
    assert isinstance(step, Move)
    assert (step.location, step.lines) == (THERE, {"l1": 1})


def test_returned_goods_are_taken_back_where_they_were_restocked(order: Order) -> None:
    back = replace(fulfilled(order), refunds=(Refund("r", AT, (RefundLine("l1", 1, "RETURN", THERE),)),))
    step = owed(back, document(DocumentStatus.SHIPPED, mugs=3))
    assert isinstance(step, TakeBack)
    assert step.units == {(MUG, WH2): 1}


def test_units_released_by_a_cancellation_did_not_move(order: Order) -> None:
    released = replace(order, refunds=(Refund("r", AT, (RefundLine("l1", 1, "CANCEL", HERE),)),))
    assert all(not movement.restocked for movement in movements(released).values())


def test_a_document_cancelled_only_in_the_back_office_is_a_persons_turn(order: Order) -> None:
    with pytest.raises(Refused, match="cancelled in the back office"):
        owed(order, document(DocumentStatus.CANCELLED))

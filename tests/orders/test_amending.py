"""When a booked document is brought up to date, when a person is asked instead, and what it is left alone for."""

from dataclasses import replace
from decimal import Decimal

import pytest

from engine.model.failure import Refused
from engine.model.ids import DocumentId, LocationId, Sku, WarehouseId
from engine.model.order import Fulfilment, Order
from engine.model.sale import Document, DocumentLine, DocumentStatus
from engine.orders.amending import Sent, may_amend
from engine.orders.step import Amend, Cancel, Ship, Step
from engine.orders.steps import next_step
from engine.ports import Amends
from tests.orders.conftest import HERE, bag
from tests.orders.test_standing import AT, LAMP, MUG, PLACES, WH1, WH2, out, taken

THERE = LocationId("gid://shopify/Location/2")
LOCATION_OF = {WH1: HERE, WH2: THERE}
BOOKED = Sent(frozenset({Decimal("60.20")}), {MUG: 3, LAMP: 1})


def document(
    mugs: int = 3, lamps: int = 1, *, sent: int = 0, total: str = "60.20", at: WarehouseId = WH1
) -> Document:
    lines = [DocumentLine(MUG, at, mugs, sent, AT if sent else None), DocumentLine(LAMP, at, lamps, 0, None)]
    status = (
        DocumentStatus.OPEN if any(line.quantity > line.shipped for line in lines) else DocumentStatus.SHIPPED
    )
    held = tuple(line for line in lines if line.quantity)
    return Document(DocumentId("7"), "gid://shopify/Order/1", status, Decimal(total), held)  # type: ignore[arg-type]


def owed(order: Order, held: Document, sent: Sent | None = None) -> Step | None:
    return next_step(order, held, PLACES, LOCATION_OF, (), sent)


@pytest.fixture
def fewer(order: Order) -> Order:
    """One of three mugs was taken out before it left: 50.30 of 60.20 remain."""
    return taken(order, out("l1", 1, "9.00", "0.90"), left={"l1": 2, "l2": 1})


def test_units_taken_out_after_booking_are_owed_to_the_document(fewer: Order) -> None:
    step = owed(fewer, document())
    assert isinstance(step, Amend)
    assert {(cell.sku, cell.location) for cell in step.cells} >= {(MUG, HERE)}
    assert owed(fewer, document(2, total="50.30")) is None


def test_a_document_with_the_right_total_and_too_many_units_is_amended_all_the_same(fewer: Order) -> None:
    assert isinstance(owed(fewer, document(3, total="50.30")), Amend)


def test_it_is_amended_before_it_is_shipped(fewer: Order) -> None:
    gone = replace(fewer, fulfilments=(Fulfilment("g", "SUCCESS", HERE, AT, (("l1", 2), ("l2", 1))),))
    gone = replace(gone, fulfilment_orders=())
    assert isinstance(owed(gone, document()), Amend)
    assert owed(gone, document(2, total="50.30")) == Ship({(MUG, WH1): 2, (LAMP, WH1): 1})


def test_a_line_put_in_after_booking_is_owed_to_the_document(order: Order) -> None:
    extra = replace(order.lines[1], id="l3", sku=Sku("VASE"), title="Vase")
    groups = replace(order.fulfilment_orders[0], lines=(("l1", 3), ("l2", 1), ("l3", 1)))
    more = replace(order, lines=(*order.lines, extra), total=bag("85.70"), fulfilment_orders=(groups,))
    assert isinstance(owed(more, document()), Amend)
    may_amend(more, document(), Amends.ANY, BOOKED)
    with pytest.raises(Refused, match=r"\(1 more of VASE\)") as held:
        may_amend(more, document(), Amends.FEWER, BOOKED)
    assert held.value.code == "cannot_amend"
    assert "by hand until its total is 85.70" in held.value.remedy


def test_a_line_put_in_for_nothing_is_seen_by_what_was_sent(order: Order) -> None:
    gift = replace(order.lines[1], id="l3", sku=Sku("VASE"), unit_price=bag("0.00"))
    groups = replace(order.fulfilment_orders[0], lines=(("l1", 3), ("l2", 1), ("l3", 1)))
    more = replace(order, lines=(*order.lines, gift), fulfilment_orders=(groups,))
    assert isinstance(owed(more, document(), BOOKED), Amend)
    sent = Sent(BOOKED.totals, {**BOOKED.units, Sku("VASE"): 1})
    assert not isinstance(owed(more, document(), sent), Amend)


def test_an_order_that_was_never_edited_owes_nothing(order: Order) -> None:
    assert owed(order, document()) is None


def test_goods_the_back_office_named_otherwise_are_left_alone(fewer: Order) -> None:
    """A kit stands in the document as its components: fewer than the order names, and under other names."""
    kit = replace(document(), total=Decimal("50.30"), lines=(DocumentLine(Sku("PART"), WH1, 6, 0, None),))
    assert not isinstance(owed(fewer, kit), Amend)


def test_what_somebody_changed_in_the_back_office_is_a_persons_turn(fewer: Order) -> None:
    with pytest.raises(Refused, match=r"50\.30 in Shopify and 60\.21 in the back office") as held:
        may_amend(fewer, document(total="60.21"), Amends.ANY, BOOKED)
    assert held.value.code == "total_differs"
    may_amend(fewer, document(), Amends.ANY, BOOKED)
    may_amend(fewer, document(), Amends.ANY, Sent())


def test_an_amendment_without_an_answer_is_known_as_ours(fewer: Order) -> None:
    late = Sent(frozenset({Decimal("60.20"), Decimal("55.25")}), BOOKED.units)
    may_amend(fewer, document(total="55.25"), Amends.ANY, late)


def test_a_back_office_that_cannot_leaves_it_to_a_person_with_the_figures(fewer: Order) -> None:
    with pytest.raises(Refused, match=r"#1001 was changed after it was booked \(1 fewer of MUG\)") as held:
        may_amend(fewer, document(), Amends.NOTHING, BOOKED)
    assert held.value.remedy == "Change document 7 there by hand until its total is 50.30, and retry."
    may_amend(fewer, document(), Amends.FEWER, BOOKED)


def test_all_of_it_taken_out_and_paid_back_cancels_the_document(order: Order) -> None:
    given = {"shipping": (("s1", bag("5.00"), bag("0")),)}
    none = taken(order, out("l1", 3, "27.00", "2.70"), out("l2", 1, "25.50"), left={}, **given)
    assert owed(none, document()) == Cancel()
    assert next_step(none, None, PLACES, LOCATION_OF) is None


def test_all_goods_taken_out_and_shipping_kept_stays_a_document(order: Order) -> None:
    none = taken(order, out("l1", 3, "27.00", "2.70"), out("l2", 1, "25.50"), left={})
    assert isinstance(owed(none, document()), Amend)
    assert owed(none, document(0, 0, total="5.00")) is None


def test_a_cancelled_order_of_which_a_part_has_left_promises_no_more(order: Order) -> None:
    off = replace(order, cancelled_at=AT, fulfilment_orders=())
    assert isinstance(owed(off, document(sent=1)), Amend)
    assert owed(off, document(1, 0, sent=1, total="14.90")) is None


def test_units_sent_although_they_were_taken_out_are_told_until_they_are_back(fewer: Order) -> None:
    sent = replace(fewer, fulfilments=(Fulfilment("g", "SUCCESS", HERE, AT, (("l1", 2), ("l2", 1))),))
    sent = replace(sent, fulfilment_orders=())
    lines = (DocumentLine(MUG, WH1, 3, 3, AT), DocumentLine(LAMP, WH1, 1, 1, AT))
    held = replace(document(), status=DocumentStatus.SHIPPED, lines=lines)
    with pytest.raises(Refused, match="has sent 1 of MUG that were taken out of order #1001"):
        owed(sent, held)
    back = replace(held, lines=(replace(lines[0], returned=1), lines[1]))
    assert owed(sent, back) is None


def test_a_document_cancelled_in_the_back_office_is_not_amended(fewer: Order) -> None:
    off = replace(document(), status=DocumentStatus.CANCELLED)
    with pytest.raises(Refused, match="cancelled in the back office"):
        owed(fewer, off)

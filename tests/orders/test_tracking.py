"""By which numbers shipments are tracked reaches the shop with the goods, or after them, each number once."""

from dataclasses import replace

from engine.model.ids import Sku
from engine.model.order import Fulfilment, Order
from engine.model.sale import Document, DocumentStatus, Parcel
from engine.orders.step import Fulfil, Track
from tests.orders.test_steps import AT, HERE, LAMP, MUG, WH1, WH2, document, fulfilled, owed

BOX = Parcel("1Z1", "UPS", "https://example.com/1Z1", WH1, frozenset([MUG]))


def shipped(*parcels: Parcel, **more: object) -> Document:
    return replace(document(DocumentStatus.SHIPPED, mugs=3), parcels=parcels, **more)  # type: ignore[arg-type]


def told(order: Order, *numbers: str) -> Order:
    gone = Fulfilment(
        "g1", "SUCCESS", HERE, AT, (("l1", 3), ("l2", 1)), tuple(("UPS", n, "") for n in numbers)
    )
    return replace(order, fulfilments=(gone,), fulfilment_orders=())


def test_goods_are_told_with_the_parcels_they_are_in(order: Order) -> None:
    elsewhere, other = (
        replace(BOX, number="1Z2", warehouse=WH2),
        replace(BOX, number="1Z3", skus=frozenset([Sku("X")])),
    )
    anywhere = Parcel("1Z4")
    step = owed(order, shipped(BOX, elsewhere, other, anywhere))
    assert step == Fulfil("f1", {"l1": 3, "l2": 1}, (BOX, anywhere))


def test_a_number_that_came_late_is_told_once(order: Order) -> None:
    assert owed(fulfilled(order), shipped()) is None
    assert owed(fulfilled(order), shipped(BOX)) == Track("g1", (BOX,))
    assert owed(told(order, "1Z1"), shipped(BOX)) is None


def test_a_second_box_is_told_beside_the_first(order: Order) -> None:
    more = replace(BOX, number="1Z9", skus=frozenset([LAMP]))
    assert owed(told(order, "1Z1"), shipped(BOX, more)) == Track("g1", (Parcel("1Z1", "UPS"), more))


def test_a_fulfilment_without_a_number_is_served_before_one_that_has_some(order: Order) -> None:
    first = replace(told(order, "1Z1").fulfilments[0], lines=(("l1", 2),))
    bare = replace(first, id="g2", tracking=(), lines=(("l1", 1), ("l2", 1)))
    more = replace(BOX, number="1Z9")
    gone = replace(order, fulfilments=(first, bare), fulfilment_orders=())
    assert owed(gone, shipped(BOX, more)) == Track("g2", (more,))


def test_cancelled_fulfilments_and_other_places_get_no_number(order: Order) -> None:
    at_other = replace(BOX, warehouse=WH2)
    assert owed(fulfilled(order), shipped(at_other)) is None
    gone = fulfilled(order, HERE)
    void = replace(
        gone, fulfilments=(*gone.fulfilments, replace(gone.fulfilments[0], id="g0", status="CANCELLED"))
    )
    assert owed(void, shipped(BOX)) == Track("g1", (BOX,))

"""An order of a location is booked at the first of its warehouses that is not switched off."""

from engine.model.ids import LocationId, WarehouseId
from engine.orders.booking import booked_at

A, B, C = WarehouseId("A"), WarehouseId("B"), WarehouseId("C")
HERE, THERE, NOWHERE = LocationId("here"), LocationId("there"), LocationId("nowhere")


def test_the_first_that_is_on_takes_the_order_and_the_first_of_all_where_none_is() -> None:
    places = {HERE: (A, B), THERE: (C,), NOWHERE: ()}
    assert booked_at(places) == {HERE: A, THERE: C}
    assert booked_at(places, {A, C}) == {HERE: B, THERE: C}

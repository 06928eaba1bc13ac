"""Which of a shop's back offices an order belongs to: by where its goods leave from, and never to two."""

from dataclasses import replace
from decimal import Decimal

import pytest

from engine.model.failure import Refused
from engine.model.ids import DocumentId, LocationId
from engine.model.order import FulfilmentOrder, Order
from engine.model.sale import Document, DocumentStatus
from engine.orders.sharing import Neighbour, is_ours

NORTH, SOUTH, EAST = LocationId("north"), LocationId("south"), LocationId("east")
FIRST = (Neighbour("south", frozenset({SOUTH})),)
SECOND = (Neighbour("north", frozenset({NORTH}), earlier=True),)


def leaving(order: Order, *at: LocationId) -> Order:
    groups = tuple(
        FulfilmentOrder(f"fo{n}", "OPEN", place, ((order.lines[0].id, 1),)) for n, place in enumerate(at)
    )
    return replace(order, fulfilment_orders=groups, fulfilments=())


def booked(order: Order, status: DocumentStatus = DocumentStatus.OPEN) -> Document:
    return Document(DocumentId("7"), order.id, status, Decimal(1), ())


def test_goods_decide(order: Order) -> None:
    assert is_ours(leaving(order, NORTH), None, {NORTH}, FIRST)
    assert not is_ours(leaving(order, NORTH), None, {SOUTH}, SECOND)
    assert not is_ours(leaving(order, SOUTH), None, {NORTH}, FIRST)
    assert is_ours(leaving(order, SOUTH), booked(order), {SOUTH}, SECOND)


@pytest.mark.parametrize("at", [(), (EAST,)])
def test_what_leaves_from_nobodys_place_is_the_first_ones(order: Order, at: tuple[LocationId, ...]) -> None:
    assert is_ours(leaving(order, *at), None, {NORTH}, FIRST)
    assert not is_ours(leaving(order, *at), None, {SOUTH}, SECOND)
    # called off after it was booked, nothing leaves any more, and it stays whose it was
    assert is_ours(leaving(order, *at), booked(order), {SOUTH}, SECOND)


def test_what_leaves_from_both_is_held_once(order: Order) -> None:
    both = leaving(order, NORTH, SOUTH)
    with pytest.raises(Refused, match="several back offices: ours and those of south") as held:
        is_ours(both, None, {NORTH}, FIRST)
    assert held.value.code == "several_back_offices" and "Move its fulfilment orders" in held.value.remedy
    assert not is_ours(both, None, {SOUTH}, SECOND)
    with pytest.raises(Refused, match="several back offices"):
        is_ours(both, booked(order), {SOUTH}, SECOND)


def test_a_booked_order_that_moved_away_is_a_persons_turn_until_its_document_is_cancelled(
    order: Order,
) -> None:
    gone = leaving(order, SOUTH)
    with pytest.raises(Refused, match="is booked as 7 here") as held:
        is_ours(gone, booked(order), {NORTH}, FIRST)
    assert "Cancel document 7" in held.value.remedy
    assert not is_ours(gone, booked(order, DocumentStatus.CANCELLED), {NORTH}, FIRST)

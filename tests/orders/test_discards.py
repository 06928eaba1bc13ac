"""Units taken out of an order without restock: where Shopify's level fell by them, as far as that can be told."""

from dataclasses import replace
from datetime import UTC, datetime

from engine.model.ids import LocationId, Sku
from engine.model.order import FulfilmentOrder, Order, Refund, RefundLine
from engine.model.stock import CellKey
from engine.orders.discards import Discard, discards
from tests.orders.conftest import HERE, bag

AT = datetime(2026, 11, 24, 9, tzinfo=UTC)
THERE = LocationId("gid://shopify/Location/2")


def without(order: Order, units: int, restock: str, *groups: tuple[LocationId, int]) -> Order:
    """So many mugs less; what is left of them is to leave from these locations."""
    mug = replace(order.lines[0], current_quantity=order.lines[0].quantity - units)
    given = RefundLine("l1", units, restock, None, bag("1.00"), bag("0.10"))
    return replace(
        order,
        lines=(mug, *order.lines[1:]),
        refunds=(Refund("r1", AT, (given,)),),
        fulfilment_orders=tuple(
            FulfilmentOrder(f"f{at}", "OPEN" if left else "CLOSED", at, (("l1", left), ("l2", 0)))
            for at, left in groups
        ),
    )


def test_units_that_never_left_and_were_not_put_back(order: Order) -> None:
    assert discards(without(order, 2, "NO_RESTOCK", (HERE, 1))) == {CellKey(Sku("MUG"), HERE): Discard(2, AT)}
    assert discards(without(order, 3, "NO_RESTOCK", (HERE, 0))) == {CellKey(Sku("MUG"), HERE): Discard(3, AT)}


def test_units_put_back_and_units_that_had_left_are_none(order: Order) -> None:
    assert discards(order) == {}
    assert discards(without(order, 2, "CANCEL", (HERE, 1))) == {}
    assert discards(without(order, 2, "NO_RESTOCK", (HERE, 3))) == {}


def test_where_two_locations_were_to_ship_the_line_nobody_guesses(order: Order) -> None:
    assert discards(without(order, 2, "NO_RESTOCK", (HERE, 1), (THERE, 0))) == {}

"""Which cells that Shopify does not stock somebody must hear of."""

from engine.flows.left_alone import NOT_STOCKED, absent
from engine.model.stock import ShelfStock

EMPTY, FULL = ShelfStock(0, 0, {}), ShelfStock(3, 1, {})


def test_units_that_cannot_be_sold_are_a_failure() -> None:
    assert absent([EMPTY, FULL]) is NOT_STOCKED


def test_where_there_is_nothing_to_sell_nothing_is_missing() -> None:
    assert absent([EMPTY, ShelfStock(-2, 0, {})]) is None
    assert absent([]) is None

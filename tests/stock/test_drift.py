"""Each kind of difference is named by its cause."""

import pytest

from engine.stock.drift import REMEDY, Cause, Compared, classify, left_alone

CASES = {
    "nothing differs": (Compared(5, 5, 0), None),
    "the back office sold and nobody told us": (Compared(5, 3, 0), Cause.MISSED_EVENT),
    "somebody added units in the shop": (Compared(9, 5, 4), Cause.SECOND_WRITER),
    "somebody took units in the shop": (Compared(3, 3, -2), Cause.SECOND_WRITER),
    "a rise that happens to be right is a second writer's all the same": (
        Compared(9, 9, 4),
        Cause.SECOND_WRITER,
    ),
    "a fall with an order nobody told us of": (Compared(3, 3, -2, order_untold=True), Cause.MISSED_EVENT),
    "an order cannot explain a rise": (Compared(9, 5, 4, order_untold=True), Cause.SECOND_WRITER),
    "a look at it is due": (Compared(5, 3, 0, told=True), Cause.IN_FLIGHT),
    "told, and moved by somebody": (Compared(9, 3, 4, told=True), Cause.IN_FLIGHT),
    "never agreed": (Compared(5, 3, 0, first_sight=True), Cause.IN_FLIGHT),
    "an old snapshot wants more": (Compared(3, 5, 0, erp_old=True), Cause.STALE_ERP),
    "an old snapshot wants less": (Compared(5, 3, 0, erp_old=True), Cause.MISSED_EVENT),
}


@pytest.mark.parametrize("case", CASES)
def test_a_difference_has_one_cause(case: str) -> None:
    cell, cause = CASES[case]
    assert classify(cell) is cause


@pytest.mark.parametrize(
    ("cause", "before", "free", "shown"),
    [
        (Cause.UNMAPPED, 4, 0, True),
        (Cause.UNMAPPED, 0, 9, False),
        (Cause.UNKNOWN_SKU, -1, 0, True),
        (Cause.INACTIVE, 0, 3, True),
        (Cause.INACTIVE, 0, 0, False),
    ],
)
def test_a_cell_out_of_reach_counts_where_units_are_wrongly_on_sale_or_not(
    cause: Cause, before: int, free: int, shown: bool
) -> None:
    assert left_alone(cause, before, free) is (cause if shown else None)


def test_every_cause_has_a_remedy() -> None:
    assert set(REMEDY) == set(Cause)

"""Levels that somebody else changed are judged one by one or together, never by accident."""

from dataclasses import replace

import pytest
from rich.cells import cell_len

from console.canned import CannedDesk
from console.canned_lists import conflicts
from screens.judging import Judged, meaning, question, understood

RISE, FALL, OTHER = conflicts()
ANSWER = len(" 99999 real")


def test_what_is_typed_names_the_units_and_whether_they_are_real() -> None:
    assert understood([RISE], "2 real") == Judged(2, True)
    assert understood([RISE], " 1  NOT ") == Judged(1, False)
    assert understood([RISE, FALL], "2 not") == Judged(None, False)


@pytest.mark.parametrize("typed", ["", "real", "2", "2 yes", "-1 not", "0 not", "3 real", "x real"])
def test_anything_else_decides_nothing(typed: str) -> None:
    said = understood([RISE], typed)
    assert isinstance(said, str) and said.startswith("Nothing done")


def test_of_several_all_have_to_be_counted() -> None:
    assert isinstance(understood([RISE, FALL, OTHER], "2 not"), str)


@pytest.mark.parametrize("name", ["A", "A-LONG-SKU-OF-A-SUPPLIER-0001", "長い名前の商品番号" * 9])
def test_the_answer_is_seen_beside_the_question_on_the_smallest_terminal(name: str) -> None:
    row = replace(RISE, sku=name, location_name=name, units=99_999)
    for rows in ([row], [row, row], [row] * 500):
        assert cell_len(f" {question(rows)}") + ANSWER <= 80


def test_a_fall_that_is_real_is_booked_before_and_a_rise_after_it_is_decided() -> None:
    assert "first, then decide" in meaning(FALL)[1] and "Decide first" in meaning(RISE)[1]


async def test_a_fall_is_judged_with_the_units_typed(console_on, desk: CannedDesk, seen) -> None:
    async with console_on(desk, rw=True) as pilot:
        await pilot.press("C")
        await seen(pilot, "all (3 conflicts)")
        await pilot.press("j", "j", "D")
        await seen(pilot, "HW-000004 at Lyon fall of 4: 4 real or 4 not:")
        await pilot.press("3", "space", *"not", "enter")
        await seen(pilot, "Asked to decide 1: not real.")
        assert desk.decided == [("HW-000004", OTHER.location, "fall", 3, False, "ana")]
        assert "fall     -1" in await seen(pilot, "HW-000004")


async def test_marked_changes_are_judged_together_after_their_count(console_on, desk, seen) -> None:
    async with console_on(desk, rw=True) as pilot:
        await pilot.press("C")
        await seen(pilot, "all (3 conflicts)")
        await pilot.press("space", "space", "D")
        await seen(pilot, "2 changes (CT-000003, KP-000006): 2 real or 2 not:")
        await pilot.press("1", "space", *"real", "enter")
        await seen(pilot, "2 changes, and that was not typed")
        assert desk.decided == []
        await pilot.press("D")
        await pilot.press("2", "space", *"real", "enter")
        await seen(pilot, "all (1 conflict)")
        assert [(sku, units, real) for sku, _, _, units, real, _ in desk.decided] == [
            ("CT-000003", 2, True),
            ("KP-000006", 1, True),
        ]


async def test_nothing_is_decided_read_only(console_on, desk, seen) -> None:
    async with console_on(desk) as pilot:
        await pilot.press("C")
        await seen(pilot, "RO: D would decide this one")
        await pilot.press("D")
        await seen(pilot, "RO: decide is off.")
        assert desk.decided == []

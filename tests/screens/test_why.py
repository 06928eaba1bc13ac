"""One key shows why a cell holds what it holds, and at each change before."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from console.canned import NOW, CannedDesk
from console.canned_explanation import explanation
from engine.model.explanation import Component
from screens.explained import explanation_lines
from screens.why import asked_time


def shown(one, width: int = 80) -> str:
    return "\n".join("".join(text for text, _ in line) for line in explanation_lines(one, NOW, width))


def test_terms_with_their_sources_and_a_sum_that_is_the_figure() -> None:
    text = shown(explanation("AT-1", "gid://shopify/Location/0", NOW))
    assert "AT-1 at Berlin" in text and "+12  on hand in the back office" in text
    assert "-2  #10442, document S-88" in text and "10  + the sum is the figure" in text


def test_a_sum_that_is_not_the_figure_is_said() -> None:
    one = explanation("AT-1", "gid://shopify/Location/0", NOW)
    assert "x the sum is not the figure 11: report this" in shown(replace(one, figure=11))
    assert "no figure agreed yet" in shown(replace(one, figure=None, terms=()))


def test_a_kit_shows_its_components_and_which_is_short() -> None:
    one = explanation("KIT", "gid://shopify/Location/0", NOW)
    text = shown(
        replace(one, components=(Component("LEG", 9, 4), Component("TOP", -1, 1), Component("BOLT", 99, 8)))
    )
    rows = {
        line.split()[0]: line.split()[1:]
        for line in text.splitlines()
        if line.split()[0] in ("LEG", "TOP", "BOLT")
    }
    assert rows == {
        "LEG": ["9", "4", "2"],
        "TOP": ["-1", "1", "0", "the", "fewest"],
        "BOLT": ["99", "8", "12"],
    }


@pytest.mark.parametrize(
    ("typed", "at"),
    [
        ("11:58", datetime(2026, 11, 23, 11, 58, tzinfo=UTC)),
        ("2h", NOW - timedelta(hours=2)),
        ("2026-11-01", datetime(2026, 11, 1, tzinfo=UTC)),
        ("23:59", None),
        ("soon", None),
    ],
)
def test_times_are_typed_as_people_write_them(typed: str, at: datetime | None) -> None:
    assert asked_time(typed, NOW) == at


@pytest.mark.parametrize(
    ("way", "cell"),
    [("2lw", "AT-000000 at Lyon"), ("6w", "LE-000000 at Berlin"), ("Cw", "CT-000003 at Berlin")],
)
async def test_the_key_is_the_same_on_every_screen_that_shows_cells(
    console_on, desk, seen, way: str, cell: str
) -> None:
    async with console_on(desk) as pilot:
        for key in way:
            await pilot.press(key)
            await seen(pilot, "> all (" if key != "w" else f"Why > {cell}")
        await seen(pilot, "the sum is the figure")
        await pilot.press("q")
        await seen(pilot, "Why >", gone=True)


async def test_the_cursor_goes_back_in_time_and_a_time_can_be_typed(
    console_on, desk: CannedDesk, seen
) -> None:
    async with console_on(desk) as pilot:
        await pilot.press("2")
        await seen(pilot, "AT-000000")
        await pilot.press("w")
        await seen(pilot, "agreed 12:03:58")
        await pilot.press("j")
        await seen(pilot, "on hand 13, agreed 12:03:51")
        await pilot.press("at", *"11:58", "enter")
        await seen(pilot, "as of 2026-11-23 11:58:00Z")
        await pilot.press("at", *"noon", "enter")
        await seen(pilot, "noon is no time")
        await pilot.press("colon", *"at", "enter", "enter")
        await seen(pilot, "now >")


async def test_a_place_where_nothing_is_stocked_has_no_cell(console_on, desk, seen) -> None:
    async with console_on(desk) as pilot:
        await pilot.press("2")
        await seen(pilot, "AT-000000")
        await pilot.press(*"j" * 16, "w")
        await seen(pilot, "There is no cell here")
        await pilot.press("colon", *"why", "space", *"AB-7", "space", *"Leeds", "enter")
        await seen(pilot, "Why > AB-7")

"""Keys come quicker than screens: each is meant for what was opened by those before it."""

import pytest
from textual import events

from console.canned import CannedDesk
from screens.widgets.record_table import RecordTable


async def test_keys_typed_ahead_are_meant_for_the_screen_they_lead_to(console_on, desk, seen) -> None:
    async with console_on(desk) as pilot:
        await seen(pilot, "EVENTS")
        for key in ("4", "c", "2", "w"):  # no pause in between: neither screen was ever painted
            pilot.app.post_message(events.Key(key, key))
        await seen(pilot, "Why >")
        await pilot.press("left_square_bracket", "left_square_bracket")
        await seen(pilot, "4 Failed > causes")


async def test_what_is_typed_ahead_of_the_input_is_no_command(console_on, desk: CannedDesk, seen) -> None:
    async with console_on(desk, rw=True) as pilot:
        await pilot.press("6")
        await seen(pilot, "LE-000000")
        for sign in ":buffer 5 45\rj":  # all of it in one moment, as pasted or sent over a slow line
            name = {":": "colon", " ": "space", "\r": "enter"}.get(sign, sign)
            pilot.app.post_message(events.Key(name, sign))
        await seen(pilot, "Asked: hold back 5 for 45 min")
        assert [(one.sku, one.units) for one in desk.held] == [("LE-000000", 5)]
        assert pilot.app.screen.query_exactly_one(RecordTable).cursor == 1


@pytest.mark.parametrize("first", [":b", ":buff", ":buffer 5"])
async def test_what_is_typed_on_either_side_of_the_focus_is_one_text(
    console_on, desk, seen, first: str
) -> None:
    async with console_on(desk, rw=True) as pilot:
        await pilot.press("6")
        await seen(pilot, "LE-000000")
        for sign in first:  # before the input knows that it has the keys
            pilot.app.post_message(events.Key({":": "colon", " ": "space"}.get(sign, sign), sign))
        await pilot.pause()
        await pilot.press(*":buffer 5 45".removeprefix(first), "enter")
        await seen(pilot, "Asked: hold back 5 for 45 min")


async def test_what_is_typed_takes_the_place_of_what_was_proposed(console_on, desk: CannedDesk, seen) -> None:
    async with console_on(desk, rw=True) as pilot:
        await pilot.press("6")
        await seen(pilot, "LE-000000")
        for sign in "H9":
            pilot.app.post_message(events.Key(sign, sign))
        await seen(pilot, "Stop selling")
        await pilot.press("0", "enter")
        await seen(pilot, "Asked: stop selling for 90 min")

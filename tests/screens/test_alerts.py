"""Alerts that nobody looks after stand on the first screen, and one key says that somebody does."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from console.canned import CannedDesk


async def test_a_key_says_that_somebody_looks_after_what_stands(
    console_on: Callable[..., Any], desk: CannedDesk, seen: Callable[..., Any]
) -> None:
    desk.overview = replace(desk.overview, alerts=("critical, shop-eu: \x1b[31m[red]The shop is down.",))
    async with console_on(desk, rw=True) as pilot:
        grid = await seen(pilot, "ALERT critical, shop-eu")
        assert "[red]The shop is down." in grid and "A says that you do" in grid
        await pilot.press("A")
        await seen(pilot, "You look after 1 more alerts.")
        await seen(pilot, "ALERT critical", gone=True)
    assert desk.acts == [("acknowledge", (), "", "ana")]


async def test_a_console_that_only_looks_acknowledges_nothing(
    console_on: Callable[..., Any], desk: CannedDesk, seen: Callable[..., Any]
) -> None:
    desk.overview = replace(desk.overview, alerts=("warning, shop-eu: a lane waits",))
    async with console_on(desk) as pilot:
        await seen(pilot, "ALERT warning")
        await pilot.press("A")
        await seen(pilot, "RO: acknowledge is off")
    assert desk.acts == []

"""What an operator sees on each screen, and what happens when keys are pressed."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from textual.pilot import Pilot

from console.canned import NOW, CannedDesk, FrozenClock, stock_row
from engine.desk import Asked, Desk, FailedPage, Pulse
from engine.model.ids import WorkId
from screens.widgets.record_table import RecordTable

Seen = Callable[..., Awaitable[str]]
Open = Callable[..., "object"]


def table(pilot: Pilot[None]) -> RecordTable:
    return pilot.app.screen.query_exactly_one(RecordTable)


@pytest.mark.parametrize("size", [(80, 24), (200, 50)])
async def test_pulse_says_where_it_hurts(console_on, desk, seen, size) -> None:
    async with console_on(desk, size=size) as pilot:
        grid = await seen(pilot, "EVENTS")
        first = grid.splitlines()[0]
        assert "shop-demo" in first and "x FAIL" in first and "RO" in first and "12:04:31" in first
        assert "x FAIL   shop-eu    back office" in grid
        assert "5 records wait for a person" in grid


@pytest.mark.parametrize("size", [(80, 24), (200, 50)])
async def test_stock_shows_cells_with_their_symbols(console_on, desk, seen, size) -> None:
    async with console_on(desk, size=size) as pilot:
        await pilot.press("2")
        grid = await seen(pilot, "AT-000000")
        assert "all (100,000 SKUs)" in grid and "-1X" in grid and "0!" in grid and "oversold" in grid
        assert all(len(line) == size[0] for line in grid.splitlines())


async def test_a_hundred_thousand_rows_are_read_a_page_at_a_time(console_on, desk, seen) -> None:
    async with console_on(desk) as pilot:
        await pilot.press("2")
        await seen(pilot, "AT-000000")
        await pilot.press("G")
        assert "row 100,000 of 100,000" in await seen(pilot, "-099999")
        await pilot.press("g")
        await seen(pilot, "row 1 of 100,000")
        offsets = {offset for what, _, offset in desk.reads if what == "stock"}
        assert offsets <= {0, 99_800} and len(table(pilot).pages) == 400


async def test_rows_in_view_stay_while_the_next_page_is_read(console_on, desk, seen) -> None:
    async with console_on(desk) as pilot:
        await pilot.press("2")
        await seen(pilot, "AT-000000")
        for _ in range(15):
            await pilot.press("pagedown")
        assert "row 256 of 100,000" in await seen(pilot, "-000255")


async def test_the_cursor_stays_on_its_record_when_rows_come_in_above(console_on, desk, seen) -> None:
    async with console_on(desk, rw=True) as pilot:
        await pilot.press("4")
        await seen(pilot, "48812")
        await pilot.press("j", "j")
        await seen(pilot, "DETAIL 48790")
        newer = replace(desk.waiting[0], id=WorkId(50000), ref="NEW-1")
        desk.waiting = (newer, *desk.waiting)
        desk.changes.ring()
        grid = await seen(pilot, "NEW-1")
        assert ">   48790" in grid and "DETAIL 48790" in grid


async def test_stock_changes_where_it_is_shown_without_moving_the_view(console_on, desk, seen) -> None:
    async with console_on(desk) as pilot:
        await pilot.press("2")
        await seen(pilot, "AT-000000")
        await pilot.press("j", "j", "j")
        desk.special[3] = replace(stock_row(3), title="Changed title")
        desk.changes.ring()
        await seen(pilot, "Changed title"[:14])
        assert table(pilot).cursor == 3


async def test_columns_scroll_sideways(console_on, desk, seen) -> None:
    async with console_on(desk) as pilot:
        await pilot.press("2")
        grid = await seen(pilot, "AT-000000")
        assert "Berlin" in grid and "Cork" not in grid
        await pilot.press(*"lllllllll")
        grid = await seen(pilot, "Cork")
        assert "AT-000000 Cork =" in grid and "   Berlin" not in grid
        await pilot.press(*"hhhhhhhhh")
        await seen(pilot, "Berlin")


async def test_a_filter_narrows_while_typing_and_esc_clears_it(console_on, desk, seen) -> None:
    async with console_on(desk) as pilot:
        await pilot.press("2")
        await seen(pilot, "AT-000000")
        await pilot.press("slash", *"lamp")
        await seen(pilot, '"lamp" 286 of 100,000')
        await pilot.press("enter", "j")
        assert table(pilot).cursor == 1
        await pilot.press("escape")
        await seen(pilot, "all (100,000 SKUs)")


async def test_a_filter_that_matches_nothing_says_so_and_the_way_out(console_on, desk, seen) -> None:
    async with console_on(desk) as pilot:
        await pilot.press("2")
        await seen(pilot, "AT-000000")
        await pilot.press("slash", *"qqq", "enter")
        grid = await seen(pilot, 'Nothing matches "qqq" in 100,000 SKUs.')
        assert "Esc clears the filter" in grid


async def test_nothing_failed_is_said_in_words(console_on, seen) -> None:
    async with console_on(CannedDesk(waiting=())) as pilot:
        await pilot.press("4")
        assert "Nothing waits for a person" in await seen(pilot, "No failed records.")


async def test_a_failed_record_is_explained(console_on, desk, seen) -> None:
    async with console_on(desk, size=(200, 50)) as pilot:
        await pilot.press("4", "j", "j")
        grid = await seen(pilot, "DETAIL 48790")
        for fact in (
            "held: a person",
            "Nobody knows SKU ZZ-9",
            "Create the product",
            "unknown product",
            "webhook orders/create",
        ):
            assert fact in grid


async def test_retry_is_refused_in_read_only_mode_with_the_reason(console_on, desk, seen) -> None:
    async with console_on(desk) as pilot:
        await pilot.press("4")
        await seen(pilot, "48812")
        await pilot.press("R")
        await seen(
            pilot, "RO: retry is off. Start with --rw, or :rw and type the environment name (shop-demo)"[:78]
        )
        assert desk.retried == []


async def test_marked_records_are_retried_after_unlocking(console_on, desk, seen) -> None:
    async with console_on(desk) as pilot:
        await pilot.press("4")
        await seen(pilot, "48812")
        await pilot.press("colon", *"rw", "enter")
        await seen(pilot, "Type shop-demo and Enter")
        await pilot.press(*"shop-demo", "enter")
        await seen(pilot, "RW: actions are allowed")
        await pilot.press("j", "j", "F")
        await seen(pilot, "2 marked")
        await pilot.press("R")
        await seen(pilot, "Retry 2 (#10377, #10442)? Type 2:")
        await pilot.press("2", "enter")
        await seen(pilot, "Asked to try 2 again.")
        assert desk.retried == [((WorkId(48702), WorkId(48790)), "ana")]
        await seen(pilot, "48790", gone=True)


async def test_a_wrong_name_unlocks_nothing(console_on, desk, seen) -> None:
    async with console_on(desk) as pilot:
        await seen(pilot, "EVENTS")
        await pilot.press("colon", *"rw shop-prod", "enter")
        await seen(pilot, "still RO")
        assert not pilot.app.session.writable


async def test_help_lists_this_screens_commands_and_why_one_is_off(console_on, desk, seen) -> None:
    async with console_on(desk, size=(200, 50)) as pilot:
        await pilot.press("4")
        await seen(pilot, "48812")
        await pilot.press("question_mark")
        grid = await seen(pilot, "Help: 4 Failed")
        assert ":retry" in grid and "(off: RO" in grid and "Next row" in grid
        await pilot.press("q")
        await seen(pilot, "Help: 4 Failed", gone=True)


async def test_the_palette_offers_the_same_commands(console_on, desk, seen) -> None:
    async with console_on(desk) as pilot:
        await seen(pilot, "EVENTS")
        await pilot.press("ctrl+p", *"every sku", "enter")
        await seen(pilot, "AT-000000")


async def test_colon_words_lead_to_screens_and_out(console_on, desk, seen) -> None:
    async with console_on(desk) as pilot:
        await seen(pilot, "EVENTS")
        await pilot.press("colon", *"failed", "enter")
        await seen(pilot, "DETAIL 48812")
        await pilot.press("colon", *"nonsense", "enter")
        await seen(pilot, "Unknown command: nonsense")
        await pilot.press("q")
        await seen(pilot, "EVENTS")
        await pilot.press("colon", "q", "enter")
        await pilot.pause()
        assert pilot.app.return_code == 0


async def test_copying_also_writes_a_file(console_on, desk, seen, tmp_path: Path) -> None:
    async with console_on(desk, size=(200, 50)) as pilot:
        await pilot.press("4")
        await seen(pilot, "48812")
        await pilot.press("y")
        await seen(pilot, "Sent to the terminal's clipboard")
        assert "AB-001204" in (tmp_path / "copied.txt").read_text()
        assert (tmp_path / "copied.txt").stat().st_mode & 0o077 == 0


async def test_old_data_is_called_old_in_words(console_on, desk, seen, clock: FrozenClock) -> None:
    async with console_on(desk) as pilot:
        await seen(pilot, "EVENTS")
        clock.at = NOW + timedelta(seconds=91)
        pilot.app.screen.draw_lines()
        grid = await seen(pilot, "? DATA 00:01:32 OLD")
        assert "has not answered since 12:04:30" in grid


class Broken(CannedDesk):
    """A desk whose store is gone until it is mended."""

    broken = True

    async def failed(self, **look) -> FailedPage:
        if self.broken:
            raise OSError("database is locked")
        return await super().failed(**look)


async def test_a_read_that_fails_is_told_and_mends_on_r(console_on, seen) -> None:
    desk = Broken()
    async with console_on(desk) as pilot:
        await pilot.press("4")
        assert "r = try again" in await seen(pilot, "database is locked")
        desk.broken = False
        await pilot.press("r")
        await seen(pilot, "DETAIL 48812")


class Refusing(CannedDesk):
    async def retry(self, works: tuple[WorkId, ...], *, operator: str) -> Asked:
        return Asked(0, ("48812 is being tried already",))


async def test_a_refusal_of_the_engine_is_shown(console_on, seen) -> None:
    async with console_on(Refusing(), rw=True) as pilot:
        await pilot.press("4")
        await seen(pilot, "48812")
        await pilot.press("R")
        await seen(pilot, "1 refused: 48812 is being tried already")


async def test_it_paints_before_the_desk_is_there_and_says_why_there_is_none(console_on, desk, seen) -> None:
    asked, painted = [], asyncio.Event()

    async def factory() -> Desk:
        asked.append(1)
        await painted.wait()
        if len(asked) == 1:
            raise OSError("no such file: config.toml")
        return desk

    async with console_on(factory) as pilot:
        await seen(pilot, "STARTING")
        painted.set()
        await seen(pilot, "no such file: config.toml")
        await pilot.press("r")
        await seen(pilot, "EVENTS")


async def test_no_remotes_and_no_events_say_what_comes_next(console_on, desk, seen) -> None:
    desk.overview = Pulse(NOW, "stopped", 0, 0, None, 0, 0, 0, 0, 0, 0, (), ())
    async with console_on(desk) as pilot:
        grid = await seen(pilot, "No shop is connected yet.")
        assert "Nothing has happened yet" in grid and "x STOPPED" in grid and "trueup run" in grid


async def test_a_small_terminal_shows_what_fits_and_says_so(console_on, desk, seen) -> None:
    async with console_on(desk, size=(60, 15)) as pilot:
        await pilot.press("2")
        assert "AT-000000" in await seen(pilot, "60x15: needs 80x24")


async def test_only_the_screen_looked_at_is_read(console_on, desk, seen) -> None:
    async with console_on(desk) as pilot:
        await pilot.press("2")
        await seen(pilot, "AT-000000")
        await pilot.press("1")
        await seen(pilot, "EVENTS")
        desk.reads.clear()
        desk.overview = replace(desk.overview, failed=9)
        desk.changes.ring()
        await seen(pilot, "FAIL 9")
        assert {what for what, _, _ in desk.reads} == {"pulse"}


async def test_screens_are_made_once(console_on, desk, seen) -> None:
    async with console_on(desk) as pilot:
        for _ in range(3):
            await pilot.press("2")
            await seen(pilot, "AT-000000")
            await pilot.press("4")
            await seen(pilot, "DETAIL")
        assert len(pilot.app.screen_stack) == 2


@pytest.mark.parametrize("theme", ["ansi-dark", "trueup-light", "nord"])
async def test_other_themes_work(console_on, desk, seen, theme: str) -> None:
    async with console_on(desk, theme=theme) as pilot:
        await pilot.press("2")
        await seen(pilot, "AT-000000")

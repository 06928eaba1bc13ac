"""A key takes nothing over from what was typed or said before it, and Esc takes one step."""

import os
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from textual.pilot import Pilot

from console.canned import NOW, CannedDesk
from console.canned_pulse import pulse
from engine.desk import TrailRow
from screens.command import by_word
from screens.everywhere import EVERYWHERE
from screens.session import Session
from screens.status import status
from screens.sync import noted
from screens.tones import THEMES
from screens.trails import asked_for


async def test_a_key_does_not_take_what_was_typed_after_an_earlier_command(console_on, desk, seen) -> None:
    async with console_on(desk) as pilot:
        await pilot.press("6")
        await seen(pilot, "> all (6 selling cells)")
        await pilot.press(*":halt 90", "enter")
        await seen(pilot, "RO: halt is off")
        await pilot.press(*":rw shop-demo", "enter")
        await seen(pilot, "RW: actions are allowed")
        await pilot.press("2")
        assert '> "' not in await seen(pilot, "2 Stock > all (100,000 SKUs)")
        await pilot.press("6", "H")
        await seen(pilot, "Stop selling")
    assert desk.held == []


async def test_esc_clears_the_filter_whatever_was_said(console_on, desk, seen) -> None:
    async with console_on(desk) as pilot:
        await pilot.press("5", *"/10442", "enter")
        await seen(pilot, '> "10442" 1 of')
        await pilot.press(*":nonsense", "enter")
        await seen(pilot, "Unknown command")
        await pilot.press("escape")
        assert "Unknown command" not in await seen(pilot, "5 Orders > all (")
        await pilot.press(*":nonsense", "enter")
        await seen(pilot, "Unknown command")
        await pilot.press("escape")
        assert "5 Orders > all (" in await seen(pilot, "Unknown command", gone=True)


async def test_what_was_said_of_one_command_is_gone_with_the_next(console_on, desk, seen) -> None:
    async with console_on(desk) as pilot:
        await pilot.press("5", *":nonsense", "enter")
        await seen(pilot, "Unknown command")
        await pilot.press("o")
        await seen(pilot, "Unknown command", gone=True)


async def test_a_list_of_nothing_is_not_exported_and_the_unknown_field_is_named(
    console_on, desk, seen, tmp_path: Path
) -> None:
    async with console_on(desk) as pilot:
        await pilot.press("5", *"/weight:>4", "enter")
        await seen(pilot, "weight: is no field here, so it was sought as text.")
        await pilot.press("E")
        await seen(pilot, "Nothing is listed, so nothing was written.")
    assert desk.reads and "exports" not in os.listdir(tmp_path)


@pytest.mark.parametrize(
    ("entity", "shows"),
    [
        ("gid://shopify/Refund/7", "No screen shows one Refund by itself."),
        ("money:gid://shopify/Order/10442", "7 Fields > compare"),
        ("gid://shopify/Order/10442", "7 Fields > compare"),
        ("cursor:orders", "3 Sync > all"),
        ("plan:1", "0 Plans > 1"),
    ],
)
async def test_a_line_leads_to_what_it_is_about(console_on, seen, entity: str, shows: str) -> None:
    desk = CannedDesk(ledger=(TrailRow(1, "shop-eu", NOW, "engine", "seen", entity, "", "0"),))
    async with console_on(desk) as pilot:
        await pilot.press("8")
        await seen(pilot, "8 Logs > all (1 line)")
        await pilot.press("w")
        await seen(pilot, shows)


def test_a_command_is_told_in_words() -> None:
    assert asked_for('retry {"works":[[48702,4]],"value":""}') == "retry works 48702 4"
    assert asked_for('hold {"sku":"MUG","units":null,"minutes":60}') == "hold sku MUG, minutes 60"
    for other in ("on hand 5 to 4", "{", "x {not that}", 'said {"cut": "of'):
        assert asked_for(other) == other


def test_a_note_tells_times_as_clocks_do() -> None:
    now = datetime(2026, 11, 29, 13, 30, tzinfo=UTC)
    assert noted("read up to 2026-11-29T13:23:51.888359+00:00", now) == "read up to 13:23:51"
    assert noted("read up to 2026-11-28T14:23:51+01:00, 3 more", now) == "read up to 11-28 13:23, 3 more"
    assert noted("read up to 81203", now) == "read up to 81203"


@pytest.fixture
def session() -> Session:
    return Session(lambda: NOW, "ana", False, Path("nowhere"), desk=CannedDesk(), pulse=pulse())


def test_the_console_is_not_left_for_the_shell_while_the_engine_runs_in_it(session: Session) -> None:
    suspend = by_word(EVERYWHERE, "suspend")
    assert suspend is not None
    assert "stand still" in (suspend.why_off(session) or "")
    session.pulse = replace(pulse(), engine="running elsewhere")
    assert suspend.why_off(session) is None


async def test_its_key_says_so_and_suspends_nothing(
    console_on, desk, seen, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.overview = replace(pulse(), engine="running here")
    async with console_on(desk) as pilot:
        await seen(pilot, "running here")
        suspended: list[bool] = []
        monkeypatch.setattr(pilot.app, "action_suspend_process", lambda: suspended.append(True))
        await pilot.press("ctrl+z")
        await seen(pilot, "The engine runs in this console")
    assert suspended == []


@pytest.mark.parametrize("width", [50, 60, 79, 80, 119, 120, 140, 200])
def test_what_stands_before_the_queue_stays_where_it_is(session: Session, width: int) -> None:
    lines = []
    for queue in (3, 143):
        session.pulse = replace(pulse(), queue=queue)
        lines.append("".join(text for text, _ in status(session, width)))
    assert len({line.index("x FAIL") for line in lines}) == 1
    assert all("shop-demo" in line and len(line) <= width for line in lines if width >= 61)


async def test_other_colours_reach_a_screen_that_was_shown_before(console_on, desk, seen) -> None:
    def colours(pilot: Pilot[None]) -> list[list[object]]:
        return [
            [segment.style for segment in strip] for strip in pilot.app.screen._compositor.render_strips()
        ]

    async with console_on(desk, theme=THEMES["light"]) as pilot:
        await pilot.press("6")
        await seen(pilot, "6 Risk > all (6")
        wanted = colours(pilot)
    async with console_on(desk) as pilot:
        await pilot.press("6")
        await seen(pilot, "6 Risk > all (6")
        dark = colours(pilot)
        await pilot.press("5", *":theme light", "enter")
        await seen(pilot, "Colours: light.")
        await pilot.press("6")
        await seen(pilot, "6 Risk > all (6")
        assert colours(pilot) == wanted != dark

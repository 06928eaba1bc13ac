"""What every screen shows when there is nothing, nothing left, nothing yet, nothing new, nothing to be had, or no room."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest
from pytest_textual_snapshot import SVGImageExtension
from textual.pilot import Pilot

from console.canned import NOW, CannedDesk, FrozenClock
from engine.desk import Chosen, Pulse, RiskPage, Subject, SyncPage
from engine.model.ids import WorkId
from screens.commands import SCREENS
from screens.listing import Listing
from screens.messages import GoTo
from screens.session import Cell

SIZES = pytest.mark.parametrize(
    "size", [(80, 24), pytest.param((200, 50), marks=pytest.mark.long)], ids=["80x24", "200x50"]
)
LISTS = [name for name in SCREENS if name != "pulse"]
Seen = Callable[..., Awaitable[str]]


class Failing(CannedDesk):
    """A desk whose store cannot be read."""

    def __getattribute__(self, name: str) -> Any:
        if name in READS:
            return self.fail
        return super().__getattribute__(name)

    async def fail(self, *args: object, **named: object) -> None:
        """No."""
        raise OSError("database is locked")


class Silent(Failing):
    """A desk that does not answer yet."""

    async def fail(self, *args: object, **named: object) -> None:
        """Wait for what never comes."""
        await asyncio.Event().wait()


class Bare(CannedDesk):
    """A desk of which nothing is known."""

    async def compare(self, *args: object) -> None:
        """Nothing."""

    async def mappings(self) -> tuple[()]:
        """Nothing."""
        return ()

    async def explain(self, *args: object, **named: object) -> tuple[()]:
        """Nothing."""
        return ()


READS = {
    "pulse",
    "stock",
    "sync",
    "failed",
    "failed_causes",
    "orders",
    "risk",
    "gaps",
    "trail",
    "conflicts",
    "explain",
    "plans",
    "editable",
    "compare",
    "mappings",
}


def bare() -> CannedDesk:
    stopped = Pulse(NOW, "stopped", 0, 0, None, 0, 0, 0, 0, 0, 0, (), ())
    return Bare(
        size=0, overview=stopped, waiting=(), sold=(), health=SyncPage(NOW, ()), ledger=(), missing=(), changed=(),
        selling=RiskPage(NOW, 0.02, ()), drawn=[],
    )  # fmt: skip


@pytest.fixture
def looks(snapshot: Any) -> Callable[[Pilot[None], str], Awaitable[None]]:
    """Compare the terminal with the picture of a screen in a state."""
    pictures = snapshot.use_extension(SVGImageExtension)

    async def compare(pilot: Pilot[None], name: str) -> None:
        await still(pilot)
        assert pilot.app.export_screenshot(title="", simplify=True) == pictures(name=name)

    return compare


async def through(pilot: Pilot[None], names: list[str]) -> Any:
    """Each screen in turn, with a cell, a plan and a record that were asked for."""
    session = pilot.app.screen.session
    session.record = Chosen(WorkId(48790), 0, "#10442")
    session.subject = Subject("shop-eu", "order", "#10442")
    session.cell, session.plan = Cell("AT-000000", "gid://shopify/Location/0"), 12
    for name in names:
        pilot.app.screen.leave(GoTo(name))
        yield name, pilot.app.room(name)


async def still(pilot: Pilot[None]) -> None:
    """Let it paint until nothing changes any more."""
    before, same = "", 0
    while same < 6:
        await pilot.pause()
        grid = "\n".join(strip.text for strip in pilot.app.screen._compositor.render_strips())
        before, same = grid, same + 1 if grid == before else 0


def whole(grid: str, size: tuple[int, int]) -> bool:
    """Whether every line of the terminal is filled, and none runs over."""
    return [len(line) for line in grid.splitlines()] == [size[0]] * size[1]


@SIZES
async def test_empty_says_why_and_what_comes_next(console_on, seen: Seen, looks, size) -> None:
    async with console_on(bare(), size=size) as pilot:
        await seen(pilot, "No shop is connected yet.")
        async for name, screen in through(pilot, LISTS):
            assert isinstance(screen, Listing)
            grid = await seen(pilot, f"No {screen.NOUN}.")
            assert screen.NEXT[:60] in grid and "x STOPPED" in grid and whole(grid, size)
            await looks(pilot, name)


@SIZES
async def test_filtered_to_none_names_the_filter_and_the_way_back(
    console_on, desk, seen: Seen, looks, size
) -> None:
    async with console_on(desk, size=size) as pilot:
        async for name, screen in through(pilot, LISTS):
            assert isinstance(screen, Listing)
            await seen(pilot, "> all (")
            screen.narrow("no such thing")
            grid = await seen(pilot, 'Nothing matches "no such thing" in')
            assert "Esc clears the filter." in grid and whole(grid, size)
            assert not screen.FIELDS or "Fields here: " in grid
            await looks(pilot, name)


@SIZES
async def test_loading_says_so_and_keeps_the_keys_alive(console_on, seen: Seen, looks, size) -> None:
    async with console_on(Silent(), size=size) as pilot:
        await seen(pilot, "Reading for the first time.")
        async for name, _ in through(pilot, LISTS):
            grid = await seen(pilot, "Reading the first page. Keys work meanwhile.")
            assert "... STARTING" in grid and whole(grid, size)
            await looks(pilot, name)


@SIZES
async def test_old_data_is_called_old_and_stays(
    console_on, desk, seen: Seen, looks, clock: FrozenClock, size
) -> None:
    async with console_on(desk, size=size) as pilot:
        await seen(pilot, "EVENTS")
        clock.at = NOW + timedelta(seconds=91)
        async for name, screen in through(pilot, list(SCREENS)):
            await seen(pilot, "1 Pulse" if name == "pulse" else "> all (")
            screen.draw_lines()
            grid = await seen(pilot, "? DATA 00:01:32 OLD")
            assert "has not answered since 12:04:30" in grid and ">" in grid and whole(grid, size)
            await looks(pilot, name)


@SIZES
async def test_an_error_says_its_cause_and_the_way_out(console_on, seen: Seen, looks, size) -> None:
    async with console_on(Failing(), size=size) as pilot:
        async for name, _ in through(pilot, list(SCREENS)):
            grid = await seen(pilot, "x database is locked   r = try again")
            assert "x NO DATA" in grid and whole(grid, size)
            await looks(pilot, name)


async def test_too_small_a_terminal_shows_what_fits(console_on, desk, seen: Seen, looks) -> None:
    async with console_on(desk, size=(60, 15)) as pilot:
        async for name, _ in through(pilot, list(SCREENS)):
            await seen(pilot, "EVENTS" if name == "pulse" else "> all (")
            grid = await seen(pilot, "60x15: needs 80x24")
            assert "RO" in grid and whole(grid, (60, 15))
            await looks(pilot, name)


@SIZES
async def test_read_only_names_the_way_to_act(console_on, desk, seen: Seen, size) -> None:
    async with console_on(desk, size=size) as pilot:
        async for name, screen in through(
            pilot, [name for name in SCREENS if any(c.writes for c in SCREENS[name])]
        ):
            await seen(pilot, "1 Pulse" if name == "pulse" else "> all (")
            for command in SCREENS[name]:
                if command.writes:
                    screen.obeyed(command)
                    await seen(pilot, f"RO: {command.label.lower()} is off. Start with --rw, or :rw")

"""A console over made-up data, and waiting for what it shows."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import pytest
from textual.app import App
from textual.pilot import Pilot

from console.app import TrueUpConsole
from console.canned import CannedDesk, FrozenClock

Opened = AbstractAsyncContextManager[Pilot[None]]
Open = Callable[..., Opened]


def lines(app: App[None]) -> list[str]:
    """The terminal as lines of text."""
    return [strip.text for strip in app.screen._compositor.render_strips()]


@pytest.fixture
def seen() -> Callable[[Pilot[None], str], object]:
    """Wait until a text is on the terminal, by letting the console work, not by waiting for time."""

    async def wait(pilot: Pilot[None], text: str, *, gone: bool = False) -> str:
        for _ in range(400):
            grid = "\n".join(lines(pilot.app))
            if (text in grid) is not gone:
                return grid
            await pilot.pause()
        raise AssertionError(
            f"{'still' if gone else 'never'} shown: {text!r}\n" + "\n".join(lines(pilot.app))
        )

    return wait


@pytest.fixture
def desk() -> CannedDesk:
    return CannedDesk()


@pytest.fixture
def clock() -> FrozenClock:
    return FrozenClock()


@pytest.fixture
def console_on(tmp_path: Path, clock: FrozenClock) -> Open:
    """Open a console on a desk (or a factory of one)."""

    @asynccontextmanager
    async def opened(
        desk: object, *, size: tuple[int, int] = (80, 24), rw: bool = False, theme: str | None = None
    ) -> AsyncIterator[Pilot[None]]:
        app = TrueUpConsole(
            desk,  # type: ignore[arg-type]
            read_write=rw,
            operator="ana",
            theme=theme,
            clock=clock,
            cache=tmp_path,
        )
        async with app.run_test(size=size) as pilot:
            yield pilot

    return opened

"""A terminal that is slow, stands still or is gone holds up nobody, and the console does not outlive it."""

import contextlib
import os
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from console.terminal import QUESTION, Outlet
from tests.terminal import Terminal

CONSOLE = """
import signal
from dataclasses import replace
signal.pthread_sigmask(signal.SIG_BLOCK, {{signal.SIGHUP}})  # a session of its own hears of no line
from pathlib import Path
from console.app import TrueUpConsole
from console.canned import CannedDesk, FrozenClock
desk = CannedDesk()
desk.overview = replace(desk.overview, engine="running elsewhere")
console = TrueUpConsole(desk, read_write=False, operator="ana", clock=FrozenClock(), cache=Path({cache!r}))
console.run(mouse=False)
raise SystemExit(console.return_code)
"""
MUCH = 400
"""Screens painted: far more than any terminal keeps unread."""


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Callable[[], Terminal]]:
    """Consoles over canned data, each in a terminal of its own."""
    running: list[Terminal] = []

    def console() -> Terminal:
        one = Terminal(sys.executable, "-c", CONSOLE.format(cache=str(tmp_path)))
        running.append(one)
        one.until("1 Pulse", "99,959 of 100,000 cells agree")
        return one

    yield console
    for each in running:
        with contextlib.suppress(ProcessLookupError):  # it has ended, as it should
            os.kill(each.pid, signal.SIGKILL)


def test_a_line_that_is_cut_ends_the_console(opened: Callable[[], Terminal]) -> None:
    terminal = opened()
    terminal.hang_up()
    assert terminal.ends() == 0


def test_a_line_that_is_cut_while_much_is_painted_ends_the_console(opened: Callable[[], Terminal]) -> None:
    terminal = opened()
    terminal.press("21" * MUCH)
    terminal.stalls()
    terminal.hang_up()
    assert terminal.ends() == 0


def test_a_console_whose_terminal_stands_still_ends_when_it_is_told_to(
    opened: Callable[[], Terminal],
) -> None:
    terminal = opened()
    terminal.press("21" * MUCH)
    terminal.stalls()
    os.kill(terminal.pid, signal.SIGTERM)
    assert terminal.ends() == 0


def test_a_terminal_that_stood_still_shows_the_whole_screen_afterwards(
    opened: Callable[[], Terminal],
) -> None:
    steady, stalled = opened(), opened()
    stalled.press("21" * MUCH + "4")
    stalled.stalls()
    steady.press("4")
    # every part of the screen, or it is taken while it is still painted
    wanted = steady.until("4 Failed > all (5", "DETAIL 48812", "TIMELINE", "RO: R would", "F Same", "▅")
    shown = stalled.until(*(line.rstrip() for line in wanted.splitlines() if line.strip()))
    assert shown == wanted
    assert (steady.end(), stalled.end()) == (0, 0)


def test_it_is_left_for_the_shell_and_painted_whole_when_it_comes_back(
    opened: Callable[[], Terminal],
) -> None:
    terminal = opened()
    terminal.press("4")
    shown = terminal.until("4 Failed > all (5", "DETAIL 48812", "TIMELINE", "RO: R would", "F Same")
    lines = [line.rstrip(" ▁▂▃▄▅▆▇") for line in shown.splitlines() if line.strip()]  # without the scroll bar
    terminal.press("\x1a")
    terminal.stops()
    terminal.blank()
    os.kill(terminal.pid, signal.SIGCONT)
    terminal.until(*lines)
    terminal.blank()
    terminal.press("r")
    terminal.until(*lines[:10], "Reading again", "TIMELINE", "F Same")
    assert terminal.end() == 0


def test_a_slow_line_is_left_free_for_as_long_as_the_last_painting_took() -> None:
    times = iter((0.0, 3.0, 7.0, 7.0, 9.0, 13.9, 14.1, 20.0, 20.3, 30.0, 30.25))
    reading, writing = os.pipe()
    with os.fdopen(reading), os.fdopen(writing, "w") as file:
        line = Outlet(file, caught_up=lambda: None, gone=lambda: None, clock=lambda: next(times))
        assert line.owe() and line.owe()
        line.write("a frame of" * 100)
        assert line.busy, "half of it is still owed"
        line.write("two writes" * 100)
        assert line.lag == 7.0
        assert [line.busy, line.busy, line.busy] == [True, True, False]
        assert line.owe()
        line.write("a clock")
        assert not line.busy and line.lag == 7.0, "that was too little to tell"
        assert line.owe()
        line.write("a frame" * 200)
        assert line.lag == pytest.approx(0.25)


def test_a_terminal_that_answers_is_asked_after_each_painting_and_not_when_it_is_given_back() -> None:
    times = iter((0.0, 1.0, 4.0, 4.0, 7.9, 8.1, 9.0, 9.2))
    reading, writing = os.pipe()
    with os.fdopen(reading, "rb", buffering=0) as told, os.fdopen(writing, "w") as file:
        line = Outlet(file, caught_up=lambda: None, gone=lambda: None, clock=lambda: next(times))
        frame = "a frame" * 200
        line.answered()  # what Textual asked at the start
        assert line.owe()
        line.write(frame)
        assert told.read(65536) == frame.encode() + QUESTION
        assert line.busy, "it has not shown that yet"
        line.answered()
        assert line.lag == 4.0
        assert [line.busy, line.busy] == [True, False]
        line.leave()
        assert line.owe()
        line.write(frame)
        assert told.read(65536) == frame.encode()

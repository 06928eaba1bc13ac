"""From a key to the screen it leads to, bytes while nothing changes, and memory over many changes.

The data is made up and stands still, so that what is measured is the console alone; `measure_stock` has the store
and `measure_busy` a daemon beside it. The reference is a program that paints a screen from memory, asked in turn.
"""

import os
import sys
import time
from pathlib import Path

from cpu import cpu_seconds, resident_megabytes
from figure import Figure, percentile
from terminal import Terminal

SCREENS = {
    "1": "Pulse", "2": "Stock", "3": "Sync", "4": "Failed", "5": "Orders", "6": "Risk", "7": "Fields", "8": "Logs",
    "9": "Audit", "0": "Plans", "C": "Conflicts",
}  # fmt: skip
SECOND_LINE = {**{key: f"{key} {name}" for key, name in SCREENS.items()}, "C": "> conflicts"}
"""What the second line of each screen begins with."""
ROUNDS = 20
QUIET = 0.05
"""Seconds without a byte after which all that follows from a key is painted."""
ONE_PAINTING = 0.01
"""The same for one painting: what is read because of a key comes in the next one."""
AT_ONCE = 20
CHANGES = 2_000
LEISURE = 2.5
"""Seconds after which the console has searched for what nobody uses any more."""
IDLE_SECONDS = 5.0


def to_paint(terminal: Terminal, key: str, quiet: float = QUIET) -> float:
    """Milliseconds from a key to the last byte before so many seconds without one."""
    began = time.perf_counter()
    terminal.press(key)
    return (terminal.burst(quiet) - began) * 1000


def led_to(terminal: Terminal, key: str) -> float:
    """Milliseconds from the key of a screen until its second line was on the terminal: a screen comes in one piece."""
    terminal.forget()
    began = time.perf_counter()
    terminal.press(key)
    return (terminal.await_text(SECOND_LINE[key]) - began) * 1000


def echo() -> Terminal:
    """The program that only paints."""
    words = [sys.executable, "-S", str(Path(__file__).with_name("reference_echo.py"))]
    return Terminal(words, columns=80, rows=24, env={"TERM": "xterm-256color"})


def wander(terminal: Terminal, changes: int) -> None:
    """So many changes of screen, some at once."""
    keys = "".join(SCREENS)
    for start in range(0, changes, AT_ONCE):
        terminal.press("".join(keys[at % len(keys)] for at in range(start, start + AT_ONCE)))
        terminal.burst(QUIET)


def measure() -> list[Figure]:
    words = [sys.executable, "-m", "console.screenshots", "--live"]
    env = {**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor"}
    with Terminal(words, columns=80, rows=24, env=env) as terminal, echo() as other:
        other.await_text("ready")
        terminal.await_text("EVENTS")
        terminal.rest(0.5)
        wander(terminal, 10 * len(SCREENS))  # every screen is made and cached
        terminal.rest(0.5)
        took: dict[str, list[float]] = {key: [] for key in SCREENS}
        moves: list[float] = []
        wholes: list[float] = []
        beside: list[float] = []
        for _ in range(ROUNDS):
            for key in SCREENS:
                took[key].append(led_to(terminal, key))
                beside.append(to_paint(other, key))
                terminal.rest(QUIET)
                if key not in "136":
                    moves.append(to_paint(terminal, "j", ONE_PAINTING))
                    terminal.rest(QUIET)
                    wholes.append(to_paint(terminal, "k"))
        wander(terminal, CHANGES)
        terminal.rest(LEISURE)
        before = terminal.printed
        terminal.rest(IDLE_SECONDS)
        idle = terminal.printed - before
        memory, used = resident_megabytes(terminal.pid), cpu_seconds(terminal.pid)
        wander(terminal, CHANGES)
        terminal.rest(LEISURE)
        grown = resident_megabytes(terminal.pid) - memory
        each = (cpu_seconds(terminal.pid) - used) * 1000 / CHANGES
    p95 = {SCREENS[key]: percentile(values, 0.95) for key, values in took.items()}
    slowest = max(p95, key=lambda name: p95[name])
    all_keys = [value for values in took.values() for value in values]
    floor, plain = percentile(beside, 0.95), percentile(beside, 0.5)
    return [
        Figure(
            f"key to a whole screen, p95 of the slowest of {len(SCREENS)} ({slowest})",
            f"{p95[slowest]:.0f} ms", f"{floor:.0f} ms", f"{p95[slowest] / floor:.1f}", "< 30 ms", p95[slowest] < 30,
        ),
        Figure(
            "the same, middle of all", f"{percentile(all_keys, 0.5):.1f} ms", f"{plain:.1f} ms",
            f"{percentile(all_keys, 0.5) / plain:.1f}",
        ),
        Figure(
            "key to the next row, p95 over the lists", f"{percentile(moves, 0.95):.0f} ms", f"{floor:.0f} ms",
            f"{percentile(moves, 0.95) / floor:.1f}", "< 30 ms", percentile(moves, 0.95) < 30,
        ),
        Figure(
            "the same, middle", f"{percentile(moves, 0.5):.1f} ms", f"{plain:.1f} ms", f"{percentile(moves, 0.5) / plain:.1f}"
        ),
        Figure(
            "key to the next row and all that is said of it, p95", f"{percentile(wholes, 0.95):.0f} ms", f"{floor:.0f} ms",
            f"{percentile(wholes, 0.95) / floor:.1f}",
        ),
        Figure(f"bytes in {IDLE_SECONDS:.0f} s in which nothing changed", f"{idle}", "-", "-", "0", idle == 0),
        Figure(f"processor time of a change of screen, mean of {CHANGES:,}", f"{each:.1f} ms", "-", "-", "< 30 ms", each < 30),
        Figure(
            f"memory grown over {CHANGES:,} changes of screen, after as many", f"{grown:.1f} MB", f"{memory:.0f} MB in use", "-",
            "< 3 MB", grown < 3,
        ),
    ]  # fmt: skip

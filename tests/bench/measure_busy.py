"""Every screen over 1,000,000 cells while a daemon beside it takes a thousand webhooks a second into the same store.

Each figure stands beside that of a program which only paints a screen from memory, asked in turn, and the same without
the webhooks is said too: the machine's own load is in all of them.
"""

import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from big_store import SKUS, fill
from figure import Figure, percentile
from measure_intake import HERE, PATH, serving
from measure_screens import SCREENS, echo, led_to, to_paint
from place import console, settle
from terminal import Terminal

ROUNDS = 20
RATE = 1_000
LONG = 600
"""Seconds the webhooks would go on; they end with the measurement."""
CONNECTIONS = 16
QUIET = 0.15
"""Seconds without a byte after which a list is painted; news comes five times a second at most."""
WATCHED = 4.0
"""Seconds in which a screen that is looked at is refreshed."""
SOUGHT = ("SKU-0123", "article 77", "sand", "SKU-09999", "city 3")
"""Typed sign by sign over all SKUs."""


@contextmanager
def told(port: int) -> Iterator[None]:
    """A thousand webhooks a second until the block ends."""
    words = [str(HERE / "load.py"), str(port), PATH, str(CONNECTIONS), str(LONG), str(RATE), "1"]
    running = subprocess.Popen([sys.executable, *words], stdout=subprocess.DEVNULL)
    try:
        yield
    finally:
        running.terminate()
        running.wait(30)


def every_screen(terminal: Terminal, other: Terminal) -> tuple[dict[str, list[float]], list[float]]:
    """By key of a screen how long it took, and how long the program that only paints took in between."""
    beside: list[float] = []
    took: dict[str, list[float]] = {key: [] for key in SCREENS}
    for _ in range(ROUNDS):
        for key in SCREENS:
            took[key].append(led_to(terminal, key))
            beside.append(to_paint(other, key))
            terminal.until(0.03)
    return took, beside


def typed(terminal: Terminal) -> list[float]:
    """Milliseconds from each sign of a filter to the last byte of what it shows."""
    terminal.press("2")
    terminal.until(1.0)
    took = []
    for text in SOUGHT:
        terminal.press("/")
        terminal.until(0.5)
        for sign in text:
            began = time.perf_counter()
            terminal.press(sign)
            took.append((terminal.burst(QUIET) - began) * 1000)
        terminal.press("\x1b")
        terminal.until(1.0)
    return took


def refreshed(terminal: Terminal) -> dict[str, tuple[int, int]]:
    """By screen: bytes of the largest refresh while it is only looked at, and how many refreshes there were."""
    found = {}
    for key, name in SCREENS.items():
        terminal.press(key)
        terminal.until(0.5)
        bursts = terminal.bursts(WATCHED, 0.05)
        found[name] = (max(bursts, default=0), len(bursts))
    return found


def measure() -> list[Figure]:
    with tempfile.TemporaryDirectory(prefix="trueup-bench-") as name:
        config = settle(Path(name))
        database = config.parent / "trueup.db"
        fill(database)
        words, env = console(config)
        with (
            serving("our_intake.py", database) as (port, _),
            Terminal(words, columns=80, rows=24, env=env) as terminal,
            echo() as other,
        ):
            other.await_text("ready")
            terminal.await_text("elsewhere")
            for key in (*list(SCREENS)[1:], "1"):
                led_to(terminal, key)
                terminal.until(0.5)
            keys = typed(terminal)
            calm, _ = every_screen(terminal, other)
            with told(port):
                terminal.until(1.0)
                busy, beside = every_screen(terminal, other)
                bytes_of = refreshed(terminal)
    p95 = {key: percentile(took, 0.95) for key, took in busy.items()}
    floor, plain = percentile(beside, 0.95), percentile(beside, 0.5)
    slowest = max(p95, key=lambda key: p95[key])
    all_keys, quiet_keys = ([one for took in each.values() for one in took] for each in (busy, calm))
    most = max(bytes_of, key=lambda screen: bytes_of[screen][0])
    middle, quiet_middle = percentile(all_keys, 0.5), percentile(quiet_keys, 0.5)
    return [
        Figure(
            f"key to screen beside {RATE:,} webhooks/s, p95 of the slowest of {len(SCREENS)} ({SCREENS[slowest]})",
            f"{p95[slowest]:.0f} ms", f"{floor:.0f} ms", f"{p95[slowest] / floor:.1f}", "< 30 ms", p95[slowest] < 30,
        ),
        Figure(
            "the same over all screens", f"{percentile(all_keys, 0.95):.0f} ms", f"{floor:.0f} ms",
            f"{percentile(all_keys, 0.95) / floor:.1f}", "< 30 ms", percentile(all_keys, 0.95) < 30,
        ),
        Figure("the same, middle", f"{middle:.1f} ms", f"{plain:.1f} ms", f"{middle / plain:.1f}"),
        Figure("the same without webhooks, middle", f"{quiet_middle:.1f} ms", f"{plain:.1f} ms", f"{quiet_middle / plain:.1f}"),
        Figure(
            f"sign of a filter over {SKUS:,} SKUs to the last byte, p95 of {len(keys)}", f"{percentile(keys, 0.95):.0f} ms",
            f"middle {percentile(keys, 0.5):.0f} ms", "-", "< 80 ms", percentile(keys, 0.95) < 80,
        ),
        Figure(
            f"bytes of the largest refresh at 80 x 24 ({most})", f"{bytes_of[most][0]:,}",
            f"{sum(many for _, many in bytes_of.values())} refreshes seen", "-", "<= 7,000", bytes_of[most][0] <= 7_000,
        ),
    ]  # fmt: skip

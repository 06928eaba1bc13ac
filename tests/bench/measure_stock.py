"""The Stock screen over 100,000 SKUs in 10 locations: how soon it is there, what a page costs, how much memory."""

import os
import re
import tempfile
import time
from pathlib import Path

from big_store import PLACES, SKUS, fill
from cpu import cpu_seconds, resident_megabytes
from figure import Figure
from place import console, settle
from terminal import Terminal

PAGES = 60
PAGE = 20
"""A page is certainly longer."""
OPENED = r"elsewhere"
"""Pulse says so once the desk has answered."""
NEXT, BEFORE, LAST = "\x1b[6~", "\x1b[5~", "G"
ALL = f"{SKUS * PLACES:,}"


SKU = re.compile(rb"SKU-(\d{6})")


def paged(terminal: Terminal, key: str) -> tuple[float, float]:
    """(Milliseconds of CPU, milliseconds until painted) per page, over many pages."""
    sign = 1 if key == NEXT else -1
    cpu, waited, edge = cpu_seconds(terminal.pid), 0.0, None
    for _ in range(PAGES):

        def on(text: bytes, before: int | None = edge) -> bool:
            shown = [sign * int(each) for each in SKU.findall(text)]
            return len(shown) > PAGE and (before is None or max(shown) > before)

        terminal.forget()
        pressed = time.perf_counter()
        terminal.press(key)
        waited += terminal.await_that(on, "the next page") - pressed
        terminal.rest(0.03)
        edge = max(sign * int(each) for each in SKU.findall(terminal.text))
    return (cpu_seconds(terminal.pid) - cpu) * 1000 / PAGES, waited * 1000 / PAGES


def measure() -> list[Figure]:
    with tempfile.TemporaryDirectory(prefix="trueup-bench-") as name:
        config = settle(Path(name))
        fill(config.parent / "trueup.db")
        words, env = console(config)
        with Terminal(words, env=env) as terminal:
            opened = terminal.await_text(OPENED)
            terminal.rest(0.5)
            terminal.forget()
            asked = time.perf_counter()
            terminal.press("2")
            shown = terminal.await_text("SKU-000000") - asked
            terminal.rest(0.7)
            down, down_wall = paged(terminal, NEXT)
            terminal.rest(0.7)
            terminal.forget()
            asked = time.perf_counter()
            terminal.press(LAST)
            last = terminal.await_text(f"SKU-{SKUS - 1:06d}") - asked
            terminal.rest(0.7)
            up, up_wall = paged(terminal, BEFORE)
            memory = resident_megabytes(terminal.pid)
            file = os.stat(config.parent / "trueup.db").st_size / 1e6
    return [
        Figure(
            "desk open, 1,000,000 cells in store",
            f"{(opened - terminal.began) * 1000:.0f} ms after start",
            f"{file:.0f} MB file",
        ),
        Figure("Stock painted after key 2", f"{shown * 1000:.0f} ms", target="< 1000 ms", met=shown < 1),
        Figure(
            "CPU per page down from the top",
            f"{down:.1f} ms",
            f"{down_wall:.0f} ms until painted",
            target="< 20 ms",
            met=down < 20,
        ),
        Figure("last row painted after key G", f"{last * 1000:.0f} ms", target="< 1000 ms", met=last < 1),
        Figure(
            "CPU per page up from the end",
            f"{up:.1f} ms",
            f"{up_wall:.0f} ms until painted",
            target="< 20 ms",
            met=up < 20,
        ),
        Figure("memory of the console then", f"{memory:.0f} MB", target="< 150 MB", met=memory < 150),
    ]

"""200 cells that change 500 times a second for a minute: how soon each change is in the shop, and what it costs there.

Every change is a receipt of one unit, written straight into the back office's database, so that a figure of a cell says
how many of its changes it holds: a change is confirmed by the first level that is at least as high.
"""

import sqlite3
import threading
import time
from bisect import bisect_left
from collections import defaultdict

from bed import Bed, bed, until
from figure import Figure, percentile

SKUS, PLACES = 100, 2
RATE, SECONDS = 500.0, 60.0
TICK = 0.02
WARM = 5.0
"""Seconds of the same before anything is counted."""
PER_CELL = 0.06
"""Points of the API's budget per changed cell when 250 change together."""

Cell = tuple[str, str]


def change(place: Bed, seconds: float) -> dict[Cell, list[float]]:
    """Receipts by turns over all cells at `RATE`; when each of a cell's was booked, by the clock of both sandboxes."""
    (file,) = place.world.directory.glob("erp/*.db")
    cells = [(one["sku"], one["warehouse"]) for one in place.erp()["shelves"]]
    booked: dict[Cell, list[float]] = defaultdict(list)
    pause, done, begun = threading.Event(), 0, time.monotonic()
    with sqlite3.connect(file, isolation_level=None, timeout=30) as tx:
        while (passed := time.monotonic() - begun) < seconds:
            due = int(passed * RATE) - done
            rows = [cells[(done + at) % len(cells)] for at in range(due)]
            tx.execute("BEGIN IMMEDIATE")
            at = time.time()
            tx.executemany(
                "INSERT INTO stock_entry (sku, warehouse, kind, units) VALUES (?, ?, 'receipt', 1)", rows
            )
            tx.execute("COMMIT")
            for cell in rows:
                booked[cell].append(at)
            done += due
            pause.wait(TICK)
    return booked


def delays(place: Bed, first: dict[Cell, int], booked: dict[Cell, list[float]]) -> list[float]:
    """Milliseconds from each change to the first level in the shop that holds it."""
    places = place.places
    raised: dict[Cell, list[tuple[int, float]]] = defaultdict(list)
    for write in place.shop()["writes"]:
        cell = (write["sku"], places[write["location"]])
        if not raised[cell] or write["to"] > raised[cell][-1][0]:
            raised[cell].append((write["to"], write["at"]))
    found = []
    for cell, times in booked.items():
        for number, at in enumerate(times, 1):
            index = bisect_left(raised[cell], (first[cell] + number, 0.0))
            found.append((raised[cell][index][1] - at) * 1000)
    return found


def stand(place: Bed) -> dict[Cell, int]:
    return {(one["sku"], one["warehouse"]): one["on_hand"] for one in place.erp()["shelves"]}


def measure() -> list[Figure]:
    with bed(skus=SKUS, locations=PLACES) as place, place.engine() as agreed:
        until(lambda: agreed() == SKUS * PLACES, "every cell is agreed on at first")
        change(place, WARM)
        until(lambda: place.differing() == 0, "both sides agree after the first seconds")
        first, before = stand(place), place.shop()
        booked = change(place, SECONDS)
        until(lambda: place.differing() == 0, "both sides agree again")
        after = place.shop()
        took = delays(place, first, booked)
    changes, writes = len(took), len(after["writes"]) - len(before["writes"])
    api = {name: after["api"][name] - before["api"][name] for name in ("calls", "cost_points", "throttled")}
    p50, p95 = percentile(took, 0.5), percentile(took, 0.95)
    each = api["cost_points"] / max(1, writes)
    return [
        Figure(
            f"{changes} changes of {SKUS * PLACES} cells in {SECONDS:g} s, until the shop has them, p50 and p95",
            f"{p50:.0f} and {p95:.0f} ms",
            f"{writes} levels written",
            f"{changes / max(1, writes):.1f} changes a write",
            "p95 < 1000 ms",
            p95 < 1000,
        ),
        Figure(
            "of its calls, throttled",
            f"{api['throttled']} of {api['calls']}",
            target="0",
            met=api["throttled"] == 0,
        ),
        Figure(
            "points of the API's budget per written level",
            f"{each:.3f}",
            "0.04: 10 points for 250 levels",
            f"{each / 0.04:.1f}",
            f"<= {PER_CELL:g} with 250 together",
        ),
    ]

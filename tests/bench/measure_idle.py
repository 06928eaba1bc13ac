"""A daemon with nothing to do: processor time, memory, and how often it wakes, as the kernel counts them."""

import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bed import Bed, bed, until
from cpu import cpu_seconds, resident_megabytes
from figure import Figure
from sqlalchemy import func, select

SKUS, PLACES = 60, 2
SECONDS = 60.0
AS_INSTALLED = {"delta_seconds": 2.0, "orders_poll_seconds": 15.0, "sweep_seconds": 300.0}
"""What the engine does unless it is told otherwise; the world's own configuration is quicker."""


@contextmanager
def daemon(place: Bed) -> Iterator[int]:
    """`trueup run` in a process of its own, once every cell is agreed on; its process."""
    from engine.model.clock import SystemClock
    from engine.store.session import Store
    from engine.store.tables import stock

    program = str(Path(sys.executable).with_name("trueup"))
    running = subprocess.Popen([program, "run", "--config", str(place.world.config)])
    try:
        file = place.world.config.with_name("trueup.db")
        until(file.is_file, "the daemon has made its store")
        store = Store.open(f"sqlite:///{file}", clock=SystemClock())
        agreed = select(func.count(stock.c.base))
        try:
            until(
                lambda: store.read_sync(lambda tx: tx.execute(agreed).scalar_one()) == SKUS * PLACES,
                "every cell is agreed on at first",
            )
        finally:
            store.close()
        yield running.pid
    finally:
        running.terminate()
        running.wait(30)


def woken(pid: int) -> int:
    """How often a thread of it began to wait for something."""
    lines = (one.read_text(encoding="ascii") for one in Path(f"/proc/{pid}/task").glob("*/status"))
    return sum(int(re.findall(r"^voluntary_ctxt_switches:\s+(\d+)", text, re.M)[0]) for text in lines)


def measure() -> list[Figure]:
    with (
        bed(skus=SKUS, locations=PLACES, rhythm=AS_INSTALLED, back_office="odoo") as place,
        daemon(place) as pid,
    ):
        pause = threading.Event()
        pause.wait(20)  # what a start leaves behind: the first listing, subscriptions
        cpu, waits = cpu_seconds(pid), woken(pid)
        pause.wait(SECONDS)
        share = 100 * (cpu_seconds(pid) - cpu) / SECONDS
        rate = (woken(pid) - waits) / SECONDS
        memory = resident_megabytes(pid)
    return [
        Figure("processor time of an idle daemon", f"{share:.2f} %", target="< 1 %", met=share < 1),
        Figure("memory of an idle daemon", f"{memory:.0f} MB", target="< 120 MB", met=memory < 120),
        Figure("how often a thread of it wakes", f"{rate:.0f} a second"),
    ]

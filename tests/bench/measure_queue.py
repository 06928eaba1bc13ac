"""Claiming and settling records, with their ledger lines, against rows committed one by one to the same disk."""

import asyncio
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from figure import Figure, middle

from engine.model.clock import SystemClock
from engine.store.fenced import Fenced
from engine.store.session import Store
from engine.store.sqlite import driver
from engine.store.tx import Tx
from engine.store.verbs.claim import claim
from engine.store.verbs.endings import succeed
from engine.store.verbs.lease import acquire
from engine.store.verbs.work import enqueue

RECORDS, AT_ONCE, ROWS, ROUNDS = 6000, 250, 150, 3
TARGET = 20.0


def reference(folder: Path) -> float:
    """Rows a second: the smallest commit there is, on the same settings as ours."""
    connection = driver().connect(str(folder / "rows.db"), isolation_level=None)
    try:
        for pragma in ("journal_mode=WAL", "synchronous=FULL"):
            connection.execute(f"PRAGMA {pragma}").close()
        connection.execute("CREATE TABLE IF NOT EXISTS row (id INTEGER PRIMARY KEY, state TEXT)")
        begun = time.perf_counter()
        for _ in range(ROWS):
            connection.execute("INSERT INTO row (state) VALUES ('pending')")
        return ROWS / (time.perf_counter() - begun)
    finally:
        connection.close()


def _filled(tx: Tx, now: datetime) -> None:
    for number in range(RECORDS):
        enqueue(tx, connection="main", kind="order", key=f"o{number}", lane=1, due_at=now, now=now)


async def ours(store: Fenced, now: datetime, at_once: int, records: int) -> float:
    """Records a second, each claimed, succeeded and written to the ledger twice."""
    await store.write(_filled, now)
    begun, done = time.perf_counter(), 0
    while done < records:
        works = await store.write(
            claim, connection="main", epoch=1, now=now, lanes=(0, at_once, 0, 0, 0), lease_seconds=60
        )
        kept = await asyncio.gather(*(store.write(succeed, work.id, work.epoch, now) for work in works))
        assert all(kept), "a record was not settled"
        done += len(works)
    return done / (time.perf_counter() - begun)


def measure() -> list[Figure]:
    """Both, by turns; the middle of each."""
    now = datetime.now(UTC)
    mine: list[float] = []
    alone: list[float] = []
    theirs: list[float] = []
    with tempfile.TemporaryDirectory(prefix="trueup-queue-") as name:
        store = Store.open(f"sqlite:///{name}/store.db", clock=SystemClock())
        try:
            assert store.write_sync(acquire, "main", "bench", 3600, now) == 1
            fenced = Fenced(store, "main", lambda: 1)
            for _ in range(ROUNDS):
                theirs.append(reference(Path(name)))
                mine.append(asyncio.run(ours(fenced, now, AT_ONCE, RECORDS)))
                alone.append(asyncio.run(ours(fenced, now, 1, ROWS)))
        finally:
            store.close()
    rate, base = middle(mine), middle(theirs)
    return [
        Figure(
            f"records claimed and settled, {AT_ONCE} at once",
            f"{rate:.0f}/s",
            f"{base:.0f} one-row commits/s",
            f"{rate / base:.1f}",
            f">= {TARGET:g}",
            rate / base >= TARGET,
        ),
        Figure(
            "the same against one record at a time",
            f"{rate:.0f}/s",
            f"{middle(alone):.0f}/s",
            f"{rate / middle(alone):.1f}",
        ),
    ]

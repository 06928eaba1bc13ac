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

RECORDS, AT_ONCE, ROWS, ROUNDS = 4000, 500, 200, 5
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


def _filled(tx: Tx, now: datetime, records: int) -> None:
    for number in range(records):
        enqueue(tx, connection="main", kind="order", key=f"o{number}", lane=1, due_at=now, now=now)


async def ours(store: Fenced, now: datetime, at_once: int, records: int) -> float:
    """Records a second, each claimed, succeeded and written to the ledger twice.

    Two take turns, as an engine does that claims the next records while the last ones end.
    """
    await store.write(_filled, now, records)

    async def worker() -> int:
        done = 0
        while works := await store.write(
            claim, connection="main", epoch=1, now=now, lanes=(0, at_once, 0, 0, 0), lease_seconds=60
        ):
            kept = await asyncio.gather(*(store.write(succeed, work.id, work.epoch, now) for work in works))
            assert all(kept), "a record was not settled"
            done += len(works)
        return done

    begun = time.perf_counter()
    done = sum(await asyncio.gather(worker(), worker()))
    spent = time.perf_counter() - begun
    assert done == records, f"{done} of {records} records were worked on"
    return done / spent


async def one_by_one(store: Fenced, now: datetime, records: int) -> float:
    """The same with a commit of its own for each step."""
    await store.write(_filled, now, records)
    begun = time.perf_counter()
    for _ in range(records):
        [work] = await store.write(
            claim, connection="main", epoch=1, now=now, lanes=(0, 1, 0, 0, 0), lease_seconds=60
        )
        assert await store.write(succeed, work.id, work.epoch, now), "a record was not settled"
    return records / (time.perf_counter() - begun)


def measure() -> list[Figure]:
    """All three by turns; a ratio is the middle of the rounds' own, because a disk is not the same twice."""
    now = datetime.now(UTC)
    rounds: list[tuple[float, float, float]] = []
    with tempfile.TemporaryDirectory(prefix="trueup-queue-") as name:
        store = Store.open(f"sqlite:///{name}/store.db", clock=SystemClock())
        try:
            assert store.write_sync(acquire, "main", "bench", 3600, now) == 1
            fenced = Fenced(store, "main", lambda: 1)
            for _ in range(ROUNDS):
                bare = reference(Path(name))
                many = asyncio.run(ours(fenced, now, AT_ONCE, RECORDS))
                rounds.append((many, bare, asyncio.run(one_by_one(fenced, now, ROWS // 2))))
        finally:
            store.close()
    rate, base, single = (middle(list(column)) for column in zip(*rounds, strict=True))
    to_base = middle([many / bare for many, bare, _ in rounds])
    to_single = middle([many / one for many, _, one in rounds])
    return [
        Figure(
            f"records claimed and settled, {AT_ONCE} at a time",
            f"{rate:.0f}/s",
            f"{base:.0f} bare one-row commits/s",
            f"{to_base:.1f}",
            f">= {TARGET:g}",
            to_base >= TARGET,
        ),
        Figure(
            "the same against one record per commit",
            f"{rate:.0f}/s",
            f"{single:.0f}/s",
            f"{to_single:.1f}",
            f">= {TARGET:g}",
            to_single >= TARGET,
        ),
    ]

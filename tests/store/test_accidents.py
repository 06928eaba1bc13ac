"""What is left after a kill, a full disk, a cancelled caller and two engines at once."""

import asyncio
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import select, text

from engine.store.session import Store
from engine.store.tables import cursor
from engine.store.trouble import StoreBusy
from engine.store.verbs.claim import claim
from engine.store.verbs.cursor import get_cursor, set_cursor
from engine.store.verbs.ledger import verify
from engine.store.verbs.work import enqueue

ENDLESS_WRITER = """
import sys
from datetime import UTC, datetime
from itertools import count
from engine.model.clock import SystemClock
from engine.store.session import Store
from engine.store.verbs.cursor import set_cursor

store = Store.open(sys.argv[1], clock=SystemClock())
for number in count():
    store.write_sync(set_cursor, "main", f"n{number}", "v", datetime.now(UTC))
    print(number, flush=True)
"""


def test_what_was_answered_survives_a_kill(store_url: str, opened: Callable[[str], Store]) -> None:
    opened(store_url).close()
    command = [sys.executable, "-c", ENDLESS_WRITER, store_url]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2]
    ) as writer:
        assert writer.stdout is not None
        answered = [writer.stdout.readline() for _ in range(50)]
        writer.send_signal(signal.SIGKILL)
        answered += writer.stdout.readlines()
    after = opened(store_url)
    names = set(after.read_sync(lambda tx: tx.execute(select(cursor.c.name)).scalars().all()))
    assert names >= {f"n{int(line)}" for line in answered if line.endswith("\n")}
    assert after.read_sync(verify) is None


def test_a_full_disk_fails_the_write_and_not_the_store(sqlite_store: Store, now: datetime) -> None:
    sqlite_store.write_sync(set_cursor, "main", "before", "v", now)
    sqlite_store.write_sync(lambda tx: tx.execute(text("PRAGMA max_page_count=1")).scalar())
    with pytest.raises(StoreBusy, match="no room"):
        sqlite_store.write_sync(set_cursor, "main", "large", "v" * 5_000_000, now)
    sqlite_store.write_sync(lambda tx: tx.execute(text("PRAGMA max_page_count=1000000")).scalar())
    sqlite_store.write_sync(set_cursor, "main", "after", "v", now)
    assert sqlite_store.read_sync(get_cursor, "main", "large") is None
    assert sqlite_store.read_sync(get_cursor, "main", "after") == "v"
    assert sqlite_store.read_sync(verify) is None


async def test_a_full_disk_fails_only_the_writes_that_need_room(sqlite_store: Store, now: datetime) -> None:
    gate = threading.Event()
    await sqlite_store.write(lambda tx: tx.execute(text("PRAGMA max_page_count=300")).scalar())
    blocked = asyncio.create_task(sqlite_store.write(lambda tx: gate.wait(10)))
    await asyncio.sleep(0)
    sizes = [("small", 10), ("large", 5_000_000), ("other", 10)]
    queued = [asyncio.create_task(sqlite_store.write(set_cursor, "main", n, "v" * s, now)) for n, s in sizes]
    await asyncio.sleep(0)
    gate.set()
    await blocked
    small, large, other = await asyncio.gather(*queued, return_exceptions=True)
    assert (small, other) == (None, None)
    assert isinstance(large, StoreBusy)
    assert sqlite_store.read_sync(get_cursor, "main", "other") == "vvvvvvvvvv"


async def test_a_write_whose_caller_went_away_before_its_turn_is_not_made(
    store: Store, now: datetime
) -> None:
    gate = threading.Event()
    blocked = asyncio.create_task(store.write(lambda tx: gate.wait(10)))
    await asyncio.sleep(0)
    leaving = asyncio.create_task(store.write(set_cursor, "main", "left", "v", now))
    await asyncio.sleep(0)
    leaving.cancel()
    with pytest.raises(asyncio.CancelledError):
        await leaving
    gate.set()
    await blocked
    await store.write(set_cursor, "main", "next", "v", now)
    assert await store.read(get_cursor, "main", "left") is None


async def test_two_engines_never_claim_the_same_record(
    store_url: str, opened: Callable[[str], Store], now: datetime
) -> None:
    pair = opened(store_url), opened(store_url)
    for number in range(60):
        given = {"connection": "main", "kind": "order", "key": str(number), "lane": number % 5}
        await pair[0].write(enqueue, due_at=now, now=now, **given)
    claims = (
        pair[n % 2].write(claim, connection="main", epoch=1, now=now, lanes=(5,) * 5, lease_seconds=60)
        for n in range(30)
    )
    taken = [item.id for batch in await asyncio.gather(*claims) for item in batch]
    assert len(taken) == len(set(taken)) == 60

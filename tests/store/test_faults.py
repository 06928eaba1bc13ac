"""The disk, the lock and the server under the store: each fault has a name, and a broken store is not written again."""

import asyncio
import os
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import Connection, select, text
from sqlalchemy.exc import IntegrityError, OperationalError

from engine.store.examine import LAST, examine
from engine.store.faults import named
from engine.store.session import Store
from engine.store.sqlite import MOST_WAL, driver
from engine.store.tables import ledger
from engine.store.trouble import StoreBroken, StoreBusy, StoreTrouble
from engine.store.verbs.cursor import get_cursor, set_cursor
from tests.store.forgery import forge

Opened = Callable[[str], Store]
ROOT = Path(__file__).parents[2]


class Lite(sqlite3.OperationalError):
    """An error of SQLite with a result code."""

    def __init__(self, code: int) -> None:
        super().__init__("something")
        self.sqlite_errorcode = code


def server(state: str | None) -> psycopg.Error:
    error = psycopg.OperationalError("something")
    error.sqlstate = state
    return error


@pytest.mark.parametrize(
    ("origin", "kind", "says"),
    [
        (Lite(5), StoreBusy, "locked"),
        (Lite(517), StoreBusy, "locked"),
        (Lite(13), StoreBusy, "no room"),
        (Lite(8), StoreBusy, "read-only"),
        (Lite(14), StoreBusy, "cannot be opened"),
        (Lite(10), StoreBroken, "disk"),
        (Lite(1034), StoreBroken, "disk"),
        (Lite(11), StoreBroken, "damaged"),
        (Lite(26), StoreBroken, "not a SQLite"),
        (sqlite3.OperationalError("database or disk is full"), StoreBusy, "no room"),
        (server("53100"), StoreBusy, "no room"),
        (server("55P03"), StoreBusy, "locked"),
        (server("57P01"), StoreBusy, "does not answer"),
        (server("08006"), StoreBusy, "does not answer"),
        (server(None), StoreBusy, "does not answer"),
        (server("XX001"), StoreBroken, "damaged"),
        (server("58030"), StoreBroken, "disk"),
    ],
)
def test_every_fault_has_a_name_and_a_remedy(origin: Exception, kind: type[StoreTrouble], says: str) -> None:
    fault = named(OperationalError("INSERT", {}, origin))
    assert type(fault) is kind
    assert says in fault.cause
    assert fault.cause.endswith(".") and fault.remedy.endswith(".")


@pytest.mark.parametrize("origin", [Lite(19), Lite(1), server("23505"), server("42P01")])
def test_a_defect_of_ours_is_no_fault_of_the_store(origin: Exception) -> None:
    assert named(IntegrityError("INSERT", {}, origin)) is None


async def test_a_locked_database_is_busy_and_works_again_when_it_is_let_go(
    sqlite_store: Store, tmp_path: Path, now: datetime
) -> None:
    sqlite_store.write_sync(lambda tx: tx.execute(text("PRAGMA busy_timeout=20")).close())
    other = driver().connect(str(tmp_path / "only.db"), isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    with pytest.raises(StoreBusy, match="locked"):
        await sqlite_store.write(set_cursor, "main", "a", "v", now)
    assert sqlite_store.trouble is not None
    other.execute("COMMIT")
    other.close()
    await sqlite_store.write(set_cursor, "main", "a", "w", now)
    assert (await sqlite_store.read(get_cursor, "main", "a"), sqlite_store.trouble) == ("w", None)


async def test_a_lock_is_not_waited_for_by_every_write_in_turn(store: Store, now: datetime) -> None:
    """Where each waited its seconds, leases would run out meanwhile."""
    gate, waited = threading.Event(), []

    def locked(tx: Connection, number: int) -> None:
        waited.append(number)
        raise OperationalError("INSERT", {}, Lite(5) if store.dialect == "sqlite" else server("55P03"))

    blocked = asyncio.create_task(store.write(lambda tx: gate.wait(10)))
    await asyncio.sleep(0)
    before = asyncio.create_task(store.write(set_cursor, "main", "before", "v", now))
    behind = [asyncio.create_task(store.write(locked, number)) for number in range(20)]
    await asyncio.sleep(0)
    gate.set()
    await asyncio.gather(blocked, before)
    met = await asyncio.gather(*behind, return_exceptions=True)
    assert {type(one) for one in met} == {StoreBusy}
    assert len(waited) <= 2 * 2  # once in their group and once alone, in two groups at most
    assert await store.read(get_cursor, "main", "before") == "v"


FAILING_DISK = """
import resource, sys
from datetime import UTC, datetime
from engine.model.clock import SystemClock
from engine.store.session import Store
from engine.store.trouble import StoreBroken
from engine.store.verbs.cursor import get_cursor, set_cursor
from tests.store.forgery import forge

store, now = Store.open(sys.argv[1], clock=SystemClock()), datetime.now(UTC)
store.write_sync(set_cursor, "main", "before", "v", now)
resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, resource.RLIM_INFINITY))
try:
    for number in range(1000):
        store.write_sync(set_cursor, "main", f"n{number}", "v" * 5000, now)
        print(number)
except StoreBroken as trouble:
    print("broken:", trouble.cause)
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
for act in (lambda: store.write_sync(set_cursor, "main", "after", "v", now), lambda: store.read_sync(get_cursor, "main", "before")):
    try:
        act()
        print("went on")
    except StoreBroken:
        print("refused")
"""


def test_a_disk_that_fails_breaks_the_store_until_it_is_opened_and_examined_again(
    tmp_path: Path, opened: Opened
) -> None:
    """A file that may not grow any further makes write() fail as a broken disk does: SQLITE_IOERR."""
    url = f"sqlite:///{tmp_path / 'store.db'}"
    command = [sys.executable, "-c", FAILING_DISK, url]
    said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
    *answered, broken, write, read = said
    assert broken.startswith("broken: The disk")
    assert (write, read) == ("refused", "refused")
    after = opened(url)
    after.read_sync(examine)
    for number in answered:
        assert after.read_sync(get_cursor, "main", f"n{number}") is not None
    assert after.read_sync(get_cursor, "main", f"n{len(answered)}") is None
    assert after.read_sync(get_cursor, "main", "after") is None


def _filled(opened: Opened, url: str, now: datetime) -> None:
    store = opened(url)
    for number in range(200):
        store.write_sync(set_cursor, "main", f"n{number}", "v" * 300, now)
    store.read_sync(examine)
    store.close()


def test_a_damaged_page_is_found_before_anything_acts(tmp_path: Path, opened: Opened, now: datetime) -> None:
    path = tmp_path / "store.db"
    _filled(opened, f"sqlite:///{path}", now)
    size = path.stat().st_size // 4096
    whole, found = path.read_bytes(), 0
    for page in range(1, size):
        path.write_bytes(whole[: page * 4096] + os.urandom(64) + whole[page * 4096 + 64 :])
        try:
            opened(f"sqlite:///{path}").read_sync(examine)
        except StoreTrouble:
            found += 1
    path.write_bytes(whole)
    # a free page may hold anything
    with driver().connect(str(path)) as connection:
        free = connection.execute("PRAGMA freelist_count").fetchone()[0]
    connection.close()
    assert found >= size - 1 - free


@pytest.mark.parametrize("change", ["detail = 'x'", "hash = 'x'", "n = n + 1000", "prev_hash = 'x'"])
def test_a_changed_end_of_the_ledger_is_found_before_anything_acts(
    store: Store, now: datetime, change: str
) -> None:
    for number in range(5):
        store.write_sync(set_cursor, "main", f"n{number}", "v", now)
    store.read_sync(examine)
    last = select(ledger.c.seq).order_by(ledger.c.seq.desc()).limit(1)
    seq = store.read_sync(lambda tx: tx.execute(last).scalar_one())
    store.write_sync(forge, f"UPDATE ledger SET {change} WHERE seq = {seq - 1}")
    with pytest.raises(StoreBroken, match="ledger of main"):
        store.read_sync(examine)


def test_lines_cut_from_the_end_of_the_ledger_are_found(store: Store, now: datetime) -> None:
    for number in range(LAST + 20):
        store.write_sync(set_cursor, "main", f"n{number}", "v", now)
    store.read_sync(examine)
    store.write_sync(forge, f"DELETE FROM ledger WHERE n > {LAST}")
    with pytest.raises(StoreBroken, match="ledger of main"):
        store.read_sync(examine)


async def test_the_wal_stays_bounded_while_much_is_written(
    sqlite_store: Store, tmp_path: Path, now: datetime
) -> None:
    wal, longest = tmp_path / "only.db-wal", 0
    for number in range(60):
        names = (f"n{number}.{part}" for part in range(50))
        await asyncio.gather(
            *(sqlite_store.write(set_cursor, "main", name, "v" * 50_000, now) for name in names)
        )
        longest = max(longest, wal.stat().st_size)
    assert longest < 2 * MOST_WAL, "150 MB were written"

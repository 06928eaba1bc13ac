"""What a store promises: answers after the commit, failures alone, readers that cannot write."""

import asyncio
import os
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, func, select, text
from sqlalchemy.exc import DBAPIError, StatementError

from engine.store.backup import back_up
from engine.store.session import Store
from engine.store.sqlite import is_safe
from engine.store.tables import cursor, ledger, metadata, shop_order
from engine.store.trouble import StoreTrouble
from engine.store.verbs.cursor import get_cursor, set_cursor
from engine.store.verbs.ledger import verify
from engine.store.verbs.orders import read_orders, remember_order

Opened = Callable[[str], Store]


def stumble(tx: Connection, name: str, now: datetime) -> None:
    set_cursor(tx, "main", name, "half done", now)
    raise LookupError(name)


async def test_one_failing_write_of_a_group_fails_alone(store: Store, now: datetime) -> None:
    gate = threading.Event()
    blocked = asyncio.create_task(store.write(lambda tx: gate.wait(10)))
    good = [asyncio.create_task(store.write(set_cursor, "main", f"n{n}", "v", now)) for n in range(20)]
    bad = asyncio.create_task(store.write(stumble, "bad", now))
    await asyncio.sleep(0)
    gate.set()
    await blocked
    await asyncio.gather(*good)
    with pytest.raises(LookupError):
        await bad
    names = set(store.read_sync(lambda tx: tx.execute(select(cursor.c.name)).scalars().all()))
    assert names == {f"n{n}" for n in range(20)}
    assert store.read_sync(lambda tx: tx.execute(select(func.count()).select_from(ledger)).scalar_one()) == 20


async def test_queued_writes_share_a_commit(store: Store, now: datetime) -> None:
    gate = threading.Event()
    blocked = asyncio.create_task(store.write(lambda tx: gate.wait(10)))
    await asyncio.sleep(0)
    queued = [asyncio.create_task(store.write(set_cursor, "main", f"n{n}", "v", now)) for n in range(50)]
    await asyncio.sleep(0)
    before = store.revision()
    gate.set()
    await asyncio.gather(blocked, *queued)
    assert 1 <= store.revision() - before <= 2


def test_an_answered_write_is_seen_by_every_reader(store: Store, now: datetime) -> None:
    store.write_sync(set_cursor, "main", "orders", "17", now)
    assert store.read_sync(get_cursor, "main", "orders") == "17"


def test_a_reader_cannot_write(store: Store, now: datetime) -> None:
    with pytest.raises(DBAPIError):
        store.read_sync(set_cursor, "main", "orders", "17", now)


def test_a_store_keeps_what_was_written_when_it_is_opened_again(
    store_url: str, opened: Opened, now: datetime
) -> None:
    first = opened(store_url)
    first.write_sync(set_cursor, "main", "orders", "17", now)
    first.close()
    assert opened(store_url).read_sync(get_cursor, "main", "orders") == "17"


def test_a_closed_store_takes_no_writes(store: Store, now: datetime) -> None:
    store.close()
    with pytest.raises(StoreTrouble):
        store.write_sync(set_cursor, "main", "orders", "17", now)


async def test_a_change_wakes_whoever_waits_for_one(store: Store, now: datetime) -> None:
    seen = store.revision()
    waiting = asyncio.create_task(store.changed_after(seen, 30))
    await asyncio.sleep(0)
    await store.write(set_cursor, "main", "orders", "17", now)
    assert await waiting > seen


async def test_a_change_in_another_process_is_noticed(store_url: str, opened: Opened, now: datetime) -> None:
    here, there = opened(store_url), opened(store_url)
    noticed = await here.changed_after(here.revision(), 0.01)
    for number in range(100):
        await there.write(set_cursor, "main", "orders", str(number), now)
        if await here.changed_after(noticed, 0.5) > noticed:
            return
    pytest.fail("never noticed")


async def test_two_processes_append_to_one_ledger(store_url: str, opened: Opened, now: datetime) -> None:
    pair = opened(store_url), opened(store_url)
    writes = (pair[n % 2].write(set_cursor, f"c{n % 3}", f"n{n}", "v", now) for n in range(90))
    await asyncio.gather(*writes)
    assert pair[0].read_sync(verify) is None
    assert pair[0].read_sync(lambda tx: tx.execute(select(func.count(cursor.c.name))).scalar_one()) == 90


def test_the_migrations_make_the_tables_the_code_expects(store: Store) -> None:
    difference = store.read_sync(lambda tx: compare_metadata(MigrationContext.configure(tx), metadata))
    assert difference == []


def test_a_database_of_a_newer_version_is_refused(store_url: str, opened: Opened) -> None:
    first = opened(store_url)
    first.write_sync(lambda tx: tx.execute(text("UPDATE alembic_version SET version_num = '9999'")))
    first.close()
    with pytest.raises(StoreTrouble, match="newer version"):
        opened(store_url)


def test_opening_leaves_logging_alone(store_url: str, opened: Opened) -> None:
    import logging

    before = (logging.root.level, list(logging.root.handlers), logging.getLogger("engine").disabled)
    opened(store_url)
    assert (logging.root.level, list(logging.root.handlers), logging.getLogger("engine").disabled) == before


def test_times_come_back_in_utc_and_naive_ones_are_refused(store: Store, now: datetime) -> None:
    elsewhere = datetime(2026, 3, 1, 23, 30, 0, 123456, tzinfo=timezone(timedelta(hours=11)))
    store.write_sync(remember_order, "main", "o1", "#1", elsewhere, "{}", [], "open", Decimal("10.10"), now)
    kept = store.read_sync(read_orders, "main", ["o1"])["o1"]
    assert kept.updated_at == elsewhere
    assert kept.updated_at.tzinfo is UTC
    assert str(kept.total) == "10.10"
    with pytest.raises(StatementError, match="without a zone"):
        store.read_sync(
            lambda tx: tx.execute(
                select(shop_order).where(shop_order.c.updated_at > datetime(2026, 3, 1))  # noqa: DTZ001
            )
        )


@pytest.mark.parametrize(
    ("version", "safe"),
    [
        ((3, 51, 3), True),
        ((3, 53, 0), True),
        ((3, 51, 2), False),
        ((3, 51, 0), False),
        ((3, 50, 7), True),
        ((3, 50, 6), False),
        ((3, 49, 9), False),
        ((3, 44, 6), True),
        ((3, 44, 5), False),
        ((3, 40, 1), False),
    ],
)
def test_a_sqlite_that_may_corrupt_its_file_is_not_used(version: tuple[int, int, int], safe: bool) -> None:
    assert is_safe(version) is safe


def test_an_affected_sqlite_is_refused_with_a_remedy(
    tmp_path: Path, opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    from engine.store.sqlite import driver

    monkeypatch.setattr(driver(), "sqlite_version_info", (3, 46, 1))
    with pytest.raises(StoreTrouble, match=r"3\.46\.1") as refused:
        opened(f"sqlite:///{tmp_path / 'old.db'}")
    assert "3.51.3" in refused.value.remedy
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize(
    "url",
    ["sqlite://", "mysql://x/y", "nonsense", "sqlite:////no/such/folder/x.db", "postgresql://127.0.0.1:1/x"],
)
def test_an_address_that_leads_nowhere_is_refused_in_one_sentence(url: str, opened: Opened) -> None:
    with pytest.raises(StoreTrouble) as refused:
        opened(url)
    assert refused.value.cause.endswith(".")
    assert "\n" not in refused.value.cause


def test_the_sqlite_file_is_set_up_for_safety(sqlite_store: Store, tmp_path: Path) -> None:
    def ask(tx: Connection) -> dict[str, object]:
        names = (
            "journal_mode",
            "synchronous",
            "foreign_keys",
            "trusted_schema",
            "wal_autocheckpoint",
            "mmap_size",
        )
        return {name: tx.execute(text(f"PRAGMA {name}")).scalar() for name in names}

    assert sqlite_store.write_sync(ask) == {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "trusted_schema": 0,
        "wal_autocheckpoint": 0,
        "mmap_size": 0,
    }
    assert (tmp_path / "only.db").stat().st_mode & 0o777 == 0o600


def test_the_wal_is_written_back_while_the_store_is_in_use(
    sqlite_store: Store, tmp_path: Path, now: datetime
) -> None:
    file, wal = tmp_path / "only.db", tmp_path / "only.db-wal"
    empty = file.stat().st_size
    for number in range(20_000):
        sqlite_store.write_sync(set_cursor, "main", f"n{number}", "v" * 4_000, now)
        if file.stat().st_size > empty:
            break
    assert file.stat().st_size > empty
    sqlite_store.close()
    assert not wal.exists()


def test_a_backup_is_a_store_of_its_own(
    sqlite_store: Store, tmp_path: Path, opened: Opened, now: datetime
) -> None:
    sqlite_store.write_sync(set_cursor, "main", "orders", "17", now)
    back_up(str(sqlite_store.url), tmp_path / "copy.db", sqlite_store.clock)
    copy = opened(f"sqlite:///{tmp_path / 'copy.db'}")
    assert copy.read_sync(get_cursor, "main", "orders") == "17"
    with pytest.raises(StoreTrouble, match="exists already"):
        back_up(str(sqlite_store.url), tmp_path / "copy.db", sqlite_store.clock)


async def test_a_write_that_changes_nothing_rings_no_bell(store: Store) -> None:
    await store.write(lambda tx: tx.execute(text("UPDATE lease SET epoch = 1 WHERE name = 'nobody'")).close())
    before = store.revision()
    await store.write(lambda tx: tx.execute(text("UPDATE lease SET epoch = 1 WHERE name = 'nobody'")).close())
    assert store.revision() == before
    await store.write(
        lambda tx: tx.execute(text("INSERT INTO lease (name, epoch) VALUES ('somebody', 1)")).close()
    )
    assert await store.changed_after(before, 5.0) > before

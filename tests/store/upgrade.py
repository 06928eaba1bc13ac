"""An upgrade of many rows, killed in the middle again and again: `python -m tests.store.upgrade --rows 5000000 --kills 50`.

A database as the first version left it is filled, then started by today's version, whose process ends without a word at
points spread evenly over the work that SQLite does for the whole migration. No start before the last one gets to its
end, so each finds what the one before left of its file and its write-ahead log.
"""

import argparse
import hashlib
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from alembic import command
from sqlalchemy import event, text
from sqlalchemy.engine import Engine

from engine.model.clock import SystemClock
from engine.store.examine import examine
from engine.store.migrate import alembic_config
from engine.store.rows import LedgerLine
from engine.store.session import Store
from engine.store.sqlite import driver, prepare_file, sqlite_engine
from engine.store.verbs.ledger import line_hash, verify
from engine.store.version import newest

FIRST = "0001"
STEP = 1000
"""Instructions of SQLite's machine between two looks whether it is time to die."""
AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
MICROSECONDS = int(AT.timestamp()) * 1_000_000
NUMBERS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :rows) "
FILLED = {
    "work": (
        0.15,
        "INSERT INTO work (id, connection, kind, key, lane, state, reason, epoch, cause, created_at, changed_at) "
        "SELECT i, 'main', 'order', 'gid://shopify/Order/' || i, 1, CASE i % 50 WHEN 0 THEN 'held' WHEN 1 THEN 'pending' "
        f"ELSE 'succeeded' END, 'webhook', 1, 'cause ' || i % 7, {MICROSECONDS} + i, {MICROSECONDS} + 2 * i FROM n",
    ),
    "effect": (
        0.15,
        "INSERT INTO effect (id, connection, work_id, remote, op, ext_ref, key, body, outcome, remote_id, created_at) "
        "SELECT i, 'main', i, 'back_office', 'create', 'gid://shopify/Order/' || i, hex(i), "
        f"'{{\"total\": ' || i || '}}', 'applied', 'D' || i, {MICROSECONDS} + i FROM n",
    ),
    "shop_order": (
        0.1,
        "INSERT INTO shop_order (connection, order_id, name, updated_at, body, state, first_seen_at) SELECT 'main', "
        f"'gid://shopify/Order/' || i, '#' || i, {MICROSECONDS} + i, '{{\"n\": ' || i || '}}', 'open', {MICROSECONDS} FROM n",
    ),
    "inbox": (
        0.05,
        "INSERT INTO inbox (id, connection, source, webhook_id, topic, resource, body_hash, body, received_at, closed_at) "
        "SELECT i, 'main', 'shop', 'w-' || i, 'orders/updated', 'gid://shopify/Order/' || i, hex(i), "
        f"CAST('{{\"id\": ' || i || '}}' AS BLOB), {MICROSECONDS} + i, {MICROSECONDS} + i FROM n",
    ),
    "stock": (
        0.05,
        "INSERT INTO stock (connection, sku, location, on_hand, available, base, active, tracked, published_at) SELECT "
        f"'main', 'SKU-' || (i / 10), 'gid://shopify/Location/' || (i % 10), i % 90, i % 80, i % 90, 1, 1, {MICROSECONDS} FROM n",
    ),
}  # fmt: skip
"""Share of all rows, and what puts them there; the ledger has the rest."""


@dataclass(frozen=True, slots=True)
class Upgraded:
    """What was seen."""

    rows: int
    kills: int
    megabytes: float
    clean_seconds: float
    """One upgrade that nothing disturbs."""
    whole_seconds: float
    """All killed starts and the last one."""


class Upset(AssertionError):
    """A row was lost or changed, or the database is not what an undisturbed upgrade makes."""


def fill(file: Path, rows: int) -> None:
    """A database of the first version with so many rows."""
    prepare_file(file)
    engine = sqlite_engine(file, writing=True)
    try:
        with engine.begin() as tx:
            command.upgrade(alembic_config(tx), FIRST)
        left = rows
        for share, statement in FILLED.values():
            part = int(rows * share)
            left -= part
            with engine.begin() as tx:
                tx.execute(text(NUMBERS + statement), {"rows": part})
        with engine.begin() as tx:
            raw: Any = tx.connection.driver_connection
            heads: list[str] = []
            raw.executemany(
                "INSERT INTO ledger (seq, connection, n, at, actor, action, entity, detail, prev_hash, hash)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                _lines(left, heads),
            )
            raw.execute(
                "INSERT INTO ledger_head (connection, n, hash) VALUES ('main', ?, ?)", (left, heads[-1])
            )
    finally:
        engine.dispose()


def _lines(rows: int, heads: list[str]) -> Iterator[tuple[object, ...]]:
    before = "0" * 64
    for n in range(1, rows + 1):
        at = AT + timedelta(microseconds=n)
        line = LedgerLine("engine", "succeeded", f"order:gid://shopify/Order/{n}", f"attempt {n % 3}")
        mine = line_hash(before, "main", n, at, line)
        yield n, "main", n, MICROSECONDS + n, line.actor, line.action, line.entity, line.detail, before, mine
        before = mine
        heads[:] = [mine]


def columns(file: Path) -> dict[str, list[str]]:
    """Of the tables that were filled."""
    with _looking(file) as raw:
        return {
            name: [row[1] for row in raw.execute(f"PRAGMA table_info({name})")]
            for name in (*FILLED, "ledger")
        }


def digests(file: Path, of: dict[str, list[str]]) -> dict[str, str]:
    """Of every row of these tables and columns, in order."""
    found = {}
    with _looking(file) as raw:
        for name, some in of.items():
            digest = hashlib.sha256()
            for row in raw.execute(f"SELECT {', '.join(some)} FROM {name} ORDER BY rowid"):
                digest.update(repr(row).encode())
            found[name] = digest.hexdigest()
    return found


def shape(file: Path) -> list[str]:
    """How tables, indexes and triggers are declared."""
    with _looking(file) as raw:
        return sorted(row[0] for row in raw.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL"))


def state(file: Path) -> tuple[str, tuple[int, ...]]:
    """Version of the tables, and how many rows each has."""
    with _looking(file) as raw:
        [(version,)] = raw.execute("SELECT version_num FROM alembic_version").fetchall()
        names = (*FILLED, "ledger")
        return version, tuple(raw.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in names)


class _looking:
    """A connection that is closed with the block: what a killed process left is recovered by opening it."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def __enter__(self) -> Any:
        self._raw = driver().connect(str(self._file))
        return self._raw

    def __exit__(self, *_: object) -> None:
        self._raw.close()


def started(file: Path, dies_at: int | None) -> int | None:
    """Start today's version in a process of its own; how much it did, or None when it died on the way."""
    told, tell = os.pipe()
    child = os.fork()
    if child == 0:
        code = 1
        try:
            looks = _count_looks(dies_at)
            Store.open(f"sqlite:///{file}", clock=SystemClock())
            os.write(tell, str(looks[0]).encode())
            code = 0
        finally:
            os._exit(code)
    os.close(tell)
    with os.fdopen(told) as said:
        answer = said.read()
    _, status = os.waitpid(child, 0)
    code = os.waitstatus_to_exitcode(status)
    if code == DIED:
        return None
    if code != 0:
        raise Upset(f"a start ended with {code}")
    return int(answer)


DIED = 9


def _count_looks(dies_at: int | None) -> list[int]:
    looks = [0]

    def look() -> int:
        looks[0] += 1
        if looks[0] == dies_at:
            os._exit(DIED)
        return 0

    @event.listens_for(Engine, "connect")
    def watch(connection: Any, record: object) -> None:
        connection.set_progress_handler(look, STEP)

    return looks


def upgraded(folder: Path, rows: int, kills: int, say: Any = lambda text: None) -> Upgraded:
    """Fill, upgrade a copy in peace, then the original under kills; raises Upset when anything differs."""
    old, calm = folder / "old.db", folder / "calm.db"
    fill(old, rows)
    kept = columns(old)
    before, (_, counts) = digests(old, kept), state(old)
    if sum(counts) != rows:
        raise Upset(f"{sum(counts)} rows instead of {rows}")
    size = old.stat().st_size / 1e6
    say(f"{rows} rows, {size:.0f} MB")
    shutil.copyfile(old, calm)
    begun = time.perf_counter()
    work = started(calm, None)
    clean = time.perf_counter() - begun
    if work is None or work < 2 * kills:
        raise Upset(f"too little work for {kills} kills: {work}")
    say(f"undisturbed: {clean:.1f} s")
    begun = time.perf_counter()
    for kill in range(1, kills + 1):
        if started(old, work * kill // (kills + 1)) is not None:
            raise Upset(f"kill {kill} came too late")
        if state(old) != (FIRST, counts):
            raise Upset(f"kill {kill} left {state(old)}")
        say(f"kill {kill} of {kills}: all rows there, {time.perf_counter() - begun:.0f} s")
    if started(old, None) is None:
        raise Upset("the last start died")
    whole = time.perf_counter() - begun
    _compare(old, calm, kept, before)
    return Upgraded(rows, kills, size, clean, whole)


def _compare(file: Path, calm: Path, kept: dict[str, list[str]], before: dict[str, str]) -> None:
    if state(file)[0] != newest() or digests(file, kept) != before:
        raise Upset("a row is not what it was")
    if shape(file) != shape(calm):
        raise Upset("the tables are not those of an upgrade in peace")
    store = Store.open(f"sqlite:///{file}", clock=SystemClock())
    try:
        store.read_sync(examine)
        if (broken := store.read_sync(verify)) is not None:
            raise Upset(f"line {broken} of the ledger does not hold")
    finally:
        store.close()


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rows", type=int, default=5_000_000)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--dir", type=Path, default=None, help="where there is room for three times the rows")
    asked = parser.parse_args()

    def say(words: str) -> None:
        sys.stdout.write(f"{words}\n")
        sys.stdout.flush()

    with tempfile.TemporaryDirectory(prefix="trueup-upgrade-", dir=asked.dir) as folder:
        say(str(upgraded(Path(folder), asked.rows, asked.kills, say)))
    return 0


if __name__ == "__main__":
    sys.exit(main())

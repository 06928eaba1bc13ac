"""SQLite: which versions are safe, how connections are set up, and checkpoints off the commit path."""

import importlib
import logging
import os
import threading
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.pool import QueuePool, StaticPool

from engine.store.faults import sqlite_fault
from engine.store.trouble import StoreBroken, StoreTrouble

log = logging.getLogger(__name__)

FIXED = (3, 51, 3)
"""The first release in which resetting the WAL cannot corrupt the database."""
BACKPORTS = ((3, 50, 7), (3, 44, 6))
"""Earlier series to which that repair was carried back."""
BUSY_MS = 2_000
"""How long a write waits for another program's lock; whoever asked comes back by itself after that."""
LONG_WAL = 4_000
"""Pages in the WAL past which writers wait a moment for it to begin anew."""
PAUSE = 1.0
"""Seconds between two checkpoints."""
MOST_WAL = 32 << 20
"""Bytes of the WAL past which commits wait for it to be emptied."""
HOLD_UP = 0.25
"""The most one commit waits; a reader that stays for long keeps the WAL from being emptied."""
READERS = 5

COMMON = (
    "PRAGMA foreign_keys=ON",
    "PRAGMA trusted_schema=OFF",
    "PRAGMA mmap_size=0",
    f"PRAGMA busy_timeout={BUSY_MS}",
)
WRITING = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA wal_autocheckpoint=0",
    "PRAGMA journal_size_limit=67108864",
)


def driver() -> ModuleType:
    """The SQLite module to use: the one that bundles its own library when there is one."""
    try:
        return importlib.import_module("pysqlite3.dbapi2")
    except ImportError:
        return importlib.import_module("sqlite3.dbapi2")


def is_safe(version: tuple[int, int, int]) -> bool:
    """True for a SQLite that holds the repair of the WAL reset."""
    return version >= FIXED or any(version[:2] == fixed[:2] and version >= fixed for fixed in BACKPORTS)


def check_version(version: tuple[int, int, int]) -> None:
    """Refuse a SQLite that may corrupt a database in WAL mode."""
    if not is_safe(version):
        raise StoreTrouble(
            f"SQLite {'.'.join(map(str, version))} can corrupt a database in WAL mode.",
            "Install pysqlite3 or a SQLite of 3.51.3 or later (3.50.7 and 3.44.6 also hold the repair).",
        )


def prepare_file(path: Path) -> None:
    """Create the file so that only its owner can read it."""
    if not path.parent.is_dir():
        raise StoreTrouble(f"The folder {path.parent} does not exist.", "Create it, or change store.url.")
    try:
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    except OSError as trouble:
        raise StoreTrouble(
            f"The database {path} cannot be opened: {trouble.strerror}.", "Check its owner and permissions."
        ) from trouble


def sqlite_engine(path: Path, *, writing: bool) -> Engine:
    """An engine on a file: one read-write connection, or a pool of query_only ones."""
    module = driver()
    check_version(module.sqlite_version_info)
    engine = create_engine(
        make_url("sqlite://").set(database=str(path)),
        module=module,
        connect_args={"isolation_level": None, "check_same_thread": False, "cached_statements": 512},
        poolclass=StaticPool if writing else QueuePool,
        **({} if writing else {"pool_size": READERS, "max_overflow": 0}),
    )
    pragmas = (*COMMON, *WRITING) if writing else (*COMMON, "PRAGMA query_only=ON")

    @event.listens_for(engine, "connect")
    def _set_up(connection: Any, record: object) -> None:
        for pragma in pragmas:
            connection.execute(pragma).close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Any) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")

    return engine


def commits_of_others(tx: Connection) -> int:
    """A number that another connection's commit changes and this one's does not (SQLite, PRAGMA data_version)."""
    connection: Any = tx.connection.driver_connection
    return int(connection.execute("PRAGMA data_version").fetchone()[0])


class Changes:
    """Tells whether a connection has changed any row since it was last asked."""

    def __init__(self) -> None:
        self._seen = 0

    def __call__(self, tx: Connection) -> bool:
        """For the connection of this transaction, which must always be the same."""
        connection: Any = tx.connection.driver_connection
        before, self._seen = self._seen, int(connection.total_changes)
        return self._seen != before


class Checkpointer:
    """Moves the WAL into the database on its own thread and connection, at most once per second unless it is long."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._wal = f"{path}-wal"
        self.failed: Callable[[StoreTrouble], None] = lambda trouble: None
        """Told of a checkpoint that failed for another reason than being locked out."""
        self._wake = threading.Event()
        self._hurry = threading.Event()
        self._moved = threading.Event()
        self._stop = False
        self._thread = threading.Thread(target=self._run, name="store-checkpointer", daemon=True)
        self._thread.start()

    def committed(self) -> None:
        """A commit happened; the committing thread is held up a moment while the WAL is too long."""
        self._wake.set()
        if self._bytes() > MOST_WAL:
            self._moved.clear()
            self._hurry.set()
            self._moved.wait(HOLD_UP)

    def close(self) -> None:
        """Stop, then empty the WAL as far as other processes allow."""
        self._stop = True
        self._wake.set()
        self._hurry.set()
        self._thread.join()

    def _run(self) -> None:
        connection = driver().connect(str(self._path), isolation_level=None, timeout=1.0)
        try:
            while not self._stop:
                self._wake.wait()
                self._wake.clear()
                self._hurry.clear()
                if self._stop:  # set before it is woken: the pause below would keep whoever closes waiting
                    break
                pages = self._move(connection, "PASSIVE")
                if self._bytes() > MOST_WAL:
                    self._move(connection, "TRUNCATE")
                elif pages > LONG_WAL:
                    self._move(connection, "RESTART")
                self._moved.set()
                self._hurry.wait(PAUSE)
            self._move(connection, "TRUNCATE")
        finally:
            connection.close()

    def _bytes(self) -> int:
        try:
            return os.stat(self._wal).st_size  # noqa: PTH116 a Path costs more than the call, at every commit
        except FileNotFoundError:
            return 0

    def _move(self, connection: Any, how: str) -> int:
        """Checkpoint; how many pages the WAL holds."""
        try:
            _, pages, _ = connection.execute(f"PRAGMA wal_checkpoint({how})").fetchone()
        except driver().DatabaseError as error:
            log.info("checkpoint put off: %s", error)
            if isinstance(trouble := sqlite_fault(error), StoreBroken):
                self.failed(trouble)
            return 0
        return int(pages)

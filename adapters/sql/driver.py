"""Opens databases: one SQLAlchemy engine per purpose, with the rules each database needs to be trusted.

Everything of this process that opens the same SQLite file must go through here: two copies of the SQLite
library in one process drop each other's file locks.
"""

from collections.abc import Callable, Mapping
from types import ModuleType
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url

_READ_ISOLATION = {"postgresql": "REPEATABLE READ", "mysql": "REPEATABLE READ", "mariadb": "REPEATABLE READ"}
_WRITE_ISOLATION = {"postgresql": "SERIALIZABLE", "mysql": "SERIALIZABLE", "mariadb": "SERIALIZABLE"}


def sqlite_library() -> ModuleType:
    """The SQLite library to use: the one from the wheel where it is installed, else the one Python carries."""
    try:
        from pysqlite3 import dbapi2 as library
    except ImportError:
        import sqlite3 as library
    return library  # type: ignore[no-any-return,unused-ignore]


def open_database(
    url: str,
    *,
    writes: bool,
    connections: int,
    wait_seconds: float = 5.0,
    connect: Mapping[str, Any] | None = None,
    isolation: str | None = None,
) -> Engine:
    """An engine whose transactions are one snapshot when reading and one serial step when writing.

    `connections` is the size of its pool; `connect` goes to the driver; `isolation` replaces the level we choose.
    """
    address = make_url(url)
    kind = address.get_backend_name()
    options: dict[str, Any] = {
        "pool_size": connections,
        "max_overflow": 0,
        "pool_timeout": wait_seconds,
        "hide_parameters": True,
        "connect_args": dict(connect or {}),
    }
    if kind == "sqlite":
        options["module"] = sqlite_library()
        options["connect_args"] = {"timeout": wait_seconds, "check_same_thread": False} | options[
            "connect_args"
        ]
    else:
        options["pool_pre_ping"] = True
        level = isolation or (_WRITE_ISOLATION if writes else _READ_ISOLATION).get(kind)
        if level is not None:
            options["isolation_level"] = level
    engine = create_engine(address, **options)
    if kind == "sqlite":
        _teach_sqlite(engine, writes=writes, wait_seconds=wait_seconds)
    return engine


def only_reads(engine: Engine) -> None:
    """From the first connection on the database itself refuses what is not a question, where it can; SQLite does anyway."""
    words = {
        "postgresql": "SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY",
        "mysql": "SET SESSION TRANSACTION READ ONLY",
        "mariadb": "SET SESSION TRANSACTION READ ONLY",
    }.get(engine.dialect.name)
    if words is None:
        return

    @event.listens_for(engine, "connect")
    def opened(connection: Any, _record: object) -> None:
        with connection.cursor() as cursor:
            cursor.execute(words)
        connection.commit()


def ask_before(engine: Engine, may_begin: Callable[[], None]) -> None:
    """No transaction begins unless `may_begin` returns; what it raises goes to the caller."""

    @event.listens_for(engine, "begin", insert=True)
    def began(_connection: Connection) -> None:
        may_begin()


def _teach_sqlite(engine: Engine, *, writes: bool, wait_seconds: float) -> None:
    """Real transactions: the driver's own begin would leave two SELECTs in two snapshots."""
    begin = "BEGIN IMMEDIATE" if writes else "BEGIN"

    @event.listens_for(engine, "connect")
    def opened(connection: Any, _record: object) -> None:
        connection.isolation_level = None
        connection.execute(f"PRAGMA busy_timeout = {int(wait_seconds * 1000)}")
        connection.execute("PRAGMA foreign_keys = ON")
        if not writes:
            connection.execute("PRAGMA query_only = ON")

    @event.listens_for(engine, "begin")
    def began(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

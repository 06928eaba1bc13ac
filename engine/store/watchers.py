"""How changes made by other processes are noticed."""

import logging
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import URL, Engine, func, select

from engine.store.bell import Bell
from engine.store.postgresql import CHANNEL
from engine.store.sqlite import COMMON, driver
from engine.store.tables import ledger
from engine.store.trouble import StoreTrouble

log = logging.getLogger(__name__)

SQLITE_EVERY = 0.25
"""Seconds between looks at data_version."""
UNKNOWN = -1
"""No number of commits."""
POSTGRESQL_EVERY = 1.0
"""Seconds between polls behind the notifications."""


def watch_sqlite(path: Path, bell: Bell, ours: Callable[[], int], others: Callable[[], int]) -> None:
    """Ring for commits of other connections than the store's own, which ring by themselves.

    `data_version` of the connection here moves with all of them. Where `ours`, how many commits the store has made,
    moved too, `others` is asked: a number that moves with those of others alone, UNKNOWN while it cannot be told.
    """
    connection = driver().connect(str(path), isolation_level=None)
    try:
        for pragma in COMMON:
            connection.execute(pragma).close()
        mine, theirs = ours(), UNKNOWN
        seen = connection.execute("PRAGMA data_version").fetchone()[0]
        while not bell.stopped.wait(SQLITE_EVERY):
            version = connection.execute("PRAGMA data_version").fetchone()[0]
            if version == seen:
                continue
            seen = version
            if ours() != mine:
                before, theirs = theirs, others()
                mine = ours()
                if theirs == before != UNKNOWN:
                    continue
            bell.ring()
    except StoreTrouble as closed:
        log.debug("%s Nobody waits for a change any more.", closed.cause)
    finally:
        connection.close()


def watch_postgresql(url: URL, readers: Engine, bell: Bell) -> None:
    """Listen for notifications; poll the ledger behind them, because a notification may be lost."""
    import psycopg  # a third of a second at the start of whoever keeps everything in SQLite

    address = url.set(drivername="postgresql").render_as_string(hide_password=False)
    seen = -1
    while not bell.stopped.is_set():
        try:
            with psycopg.connect(address, autocommit=True) as connection:
                connection.execute(f"LISTEN {CHANNEL}".encode())
                while not bell.stopped.is_set():
                    told = list(connection.notifies(timeout=POSTGRESQL_EVERY, stop_after=1))
                    with readers.connect() as tx:
                        last = tx.execute(select(func.coalesce(func.max(ledger.c.seq), 0))).scalar_one()
                    if told or last != seen:
                        seen = last
                        bell.ring()
        except psycopg.OperationalError as trouble:
            log.warning("the notification channel was lost: %s", trouble)
            bell.stopped.wait(POSTGRESQL_EVERY)

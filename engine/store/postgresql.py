"""PostgreSQL: which versions are supported, how connections are set up."""

import logging

from sqlalchemy import URL, Connection, Engine, create_engine, text

from engine.store.trouble import StoreTrouble

log = logging.getLogger(__name__)

OLDEST = 150_000
"""server_version_num of PostgreSQL 15."""
CHANNEL = "trueup_changed"
READERS = 5
OPTIONS = "-c timezone=UTC -c application_name=trueup -c lock_timeout=3000"
WRITING = f"{OPTIONS} -c idle_in_transaction_session_timeout=5000"
"""A process that stands still between two statements of a write must not keep the lease locked against whoever takes
over. For one that stands still within a batch of statements no such clock runs: `end_standing` sees to that."""

STANDING = 5.0
"""Seconds for which a session in the middle of a write waits for its process before a successor may end it."""


def postgresql_engine(url: URL, *, writing: bool) -> Engine:
    """A pooled engine: read-write, or read-only on one snapshot per transaction."""
    if writing:
        return create_engine(
            url, pool_size=2, max_overflow=0, pool_pre_ping=True, connect_args={"options": WRITING}
        )
    return create_engine(
        url,
        pool_size=READERS,
        max_overflow=0,
        pool_pre_ping=True,
        isolation_level="REPEATABLE READ",
        connect_args={"options": f"{OPTIONS} -c default_transaction_read_only=on"},
    )


def check_version(tx: Connection) -> None:
    """Refuse a server older than what is tested."""
    version = int(tx.execute(text("SHOW server_version_num")).scalar_one())
    if version < OLDEST:
        raise StoreTrouble(
            f"PostgreSQL {version // 10_000} is too old for this store.", "Use PostgreSQL 15 or later."
        )


def ring(tx: Connection) -> bool:
    """Tell other processes, at commit, that something changed; False when nothing did.

    A transaction has a number from its first change on.
    """
    told = text(f"SELECT pg_notify('{CHANNEL}', '') WHERE pg_current_xact_id_if_assigned() IS NOT NULL")
    return tx.execute(told).first() is not None


def end_standing(tx: Connection, table: str) -> int:
    """End every session that keeps a lock on rows of a table while its process says nothing; how many there were.

    The server goes on waiting for the rest of a batch for ever: to it that statement is under way, not idle (PostgreSQL
    documents `idle_in_transaction_session_timeout` for sessions that wait between queries only). Sessions of the same
    role only, which needs no right of its own.
    """
    ended = text(
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = current_database() "
        "AND usename = current_user AND state <> 'idle' AND wait_event = 'ClientRead' "
        "AND state_change < clock_timestamp() - make_interval(secs => :seconds) "
        "AND pid IN (SELECT pid FROM pg_locks WHERE granted AND relation = CAST(:table AS regclass))"
    )
    count = int(tx.execute(ended, {"table": table, "seconds": STANDING}).scalar_one())
    if count:
        log.warning("%s sessions of a process that stands still in the middle of a write were ended", count)
    return count

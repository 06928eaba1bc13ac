"""A migration of PostgreSQL may be cut off at any of its statements: it is one transaction, and leaves nothing behind."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from alembic import command
from sqlalchemy import Engine, event, make_url, text

from engine.model.clock import SystemClock
from engine.store.migrate import alembic_config
from engine.store.postgresql import postgresql_engine
from engine.store.session import Store
from engine.store.trouble import StoreTrouble
from engine.store.tx import Tx


def _schema(tx: Tx) -> list[tuple[str, ...]]:
    """Every column and every index of a PostgreSQL database."""
    columns = (
        "SELECT table_name, column_name, data_type, is_nullable, coalesce(column_default, '') "
        "FROM information_schema.columns WHERE table_schema = 'public' ORDER BY 1, 2"
    )
    indexes = "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1"
    checks = "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE connamespace = 'public'::regnamespace ORDER BY 1"
    return [tuple(map(str, row)) for said in (columns, indexes, checks) for row in tx.execute(text(said))]


def _works(tx: Tx) -> list[str]:
    return list(tx.execute(text("SELECT key || state || attempt FROM work ORDER BY id")).scalars())


@pytest.mark.parametrize(
    "revision", ["0016", *(pytest.param(old, marks=pytest.mark.long) for old in ("0001", "0003"))]
)
def test_a_migration_of_postgresql_cut_off_at_any_statement_left_nothing_behind(
    new_postgresql: Callable[[], str], revision: str
) -> None:
    """The server ends the connection; the next start finds the old tables and makes them whole."""
    url = new_postgresql()
    old = postgresql_engine(make_url(url), writing=True)
    with old.begin() as tx:
        command.upgrade(alembic_config(tx), revision)
    row = (
        "INSERT INTO work (connection, kind, key, lane, state, reason, attempt, crash_count, epoch, again, in_doubt, version, "
        "cause, remedy, code, log, created_at, changed_at) VALUES ('main', 'order', :key, 1, :state, 'r', 2, 0, 1, false, "
        "false, 0, '', '', '', '', now(), now())"
    )
    with old.begin() as tx:
        for state in ("pending", "in_flight", "uncertain", "held", "succeeded"):
            tx.execute(text(row), {"key": f"o-{state}", "state": state})
        kept, tables = _works(tx), _schema(tx)
    statement = 0
    while True:
        statement += 1
        try:
            with _cut_off_at(statement, url):
                Store.open(url, clock=SystemClock()).close()
        except StoreTrouble:
            with old.begin() as tx:
                assert (_works(tx), _schema(tx)) == (kept, tables), f"cut off at statement {statement}"
        else:
            break
    assert statement > 10
    clean = new_postgresql()
    Store.open(clean, clock=SystemClock()).close()
    with old.begin() as tx:
        assert _works(tx) == kept
        migrated = _schema(tx)
    old.dispose()
    other = postgresql_engine(make_url(clean), writing=True)
    with other.begin() as tx:
        assert migrated == _schema(tx)
    other.dispose()


@contextmanager
def _cut_off_at(statement: int, url: str) -> Iterator[None]:
    """The server ends whichever connection has just made so many statements."""
    made = 0

    def note(connection: Any, *_: Any) -> None:
        nonlocal made
        made += 1
        if made == statement:
            pid = connection.connection.driver_connection.info.backend_pid
            with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as other:
                other.execute("SELECT pg_terminate_backend(%s, 5000)", (pid,))

    event.listen(Engine, "after_cursor_execute", note)
    try:
        yield
    finally:
        event.remove(Engine, "after_cursor_execute", note)

